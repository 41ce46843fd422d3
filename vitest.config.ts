import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    // Native addons (onnxruntime, sharp) and the worker threads they live in want a process of their own.
    pool: 'forks',
    maxWorkers: 2,
    // tfjs-core ships its gradients as ES modules that Node takes for CommonJS; the library itself stays as Node loads it.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes late on a loaded machine; the limit of the test is the one that counts.
    expect: { poll: { timeout: 50_000 } },
  },
});
