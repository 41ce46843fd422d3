import { defineConfig } from 'vitest/config';

/** `npm run soak`: long runs with faults, too heavy to share a machine with the other tests. */
export default defineConfig({
  test: {
    include: ['test/**/*.soak.ts'],
    globalSetup: './test/build-programs.ts',
    pool: 'forks',
    testTimeout: 300_000,
  },
});
