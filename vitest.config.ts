import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * What starts processes, browsers, servers or trainings, or goes the whole way over a platform's wire. All else is a unit
 * test: `npm run test:unit` takes at most a minute on two cores.
 */
const SYSTEM = [
  'test/main.test.ts',
  'test/adapters/all-doors.test.ts',
  'test/adapters/{discord,telegram}/*.test.ts',
  'test/adapters/web/page*.test.ts',
  'test/embed/{engine-parity,onnx-engine,resnet50,tensorflow-engine,tensorflow-network,worker-engine}.test.ts',
  'test/reindex/{kill-reindex,late-death,reindex-faults}.test.ts',
  'test/scripts/{audit,average-models,doctor,embed,find,fit-classifiers,inventory,model}.test.ts',
  'test/scripts/{refit-model,run-command-line,setup-tensorflow}.test.ts',
  'test/scripts/{benchmark,evaluate,train}/*.test.ts',
  'test/search/index-crash.test.ts',
  'test/store/{data-folder,open-store}.test.ts',
  'test/scripts/while-the-bot-runs.test.ts',
  'test/util/spawn-worker.test.ts',
];

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^.*\/util\/spawn-worker\.ts$/,
        replacement: fileURLToPath(new URL('test/spawn-built-worker.ts', import.meta.url)),
      },
    ],
  },
  test: {
    globalSetup: './test/build-programs.ts',
    reporters: ['default', './test/closing-line-reporter.ts'],
    // Native addons (onnxruntime, sharp) and the worker threads they live in want a process of their own.
    pool: 'forks',
    // Three on two cores: many tests wait for timers, servers and browsers.
    maxWorkers: 3,
    // tfjs-core ships its gradients as ES modules that Node takes for CommonJS; the library itself stays as Node loads it.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes late on a loaded machine; the limit of the test is the one that counts.
    expect: { poll: { timeout: 50_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: SYSTEM } },
      { extends: true, test: { name: 'system', include: SYSTEM } },
    ],
  },
});
