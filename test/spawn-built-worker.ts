/**
 * Stands in for src/util/spawn-worker.ts in tests (vitest.config.ts): starts the compiled module. From TypeScript each thread
 * would load tsx first, half a second of a core, and every build of an index is a thread.
 */

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { builtProgram, repository } from './build-programs.ts';

export function spawnWorker(caller: string, module: string, options: WorkerOptions = {}): Worker {
  const source = fileURLToPath(new URL(`${module}.ts`, caller));
  return new Worker(builtProgram(relative(repository, source)), options);
}
