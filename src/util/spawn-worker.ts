/** Starts a sibling module as a worker thread, from TypeScript or from the build. */

import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * @param caller the caller's `import.meta.url`.
 * @param module the worker's path relative to the caller, without extension, for example `./onnx-worker`.
 */
export function spawnWorker(caller: string, module: string, options: WorkerOptions = {}): Worker {
  const extension = extname(caller);
  const entry = new URL(module + extension, caller);
  if (extension !== '.ts') return new Worker(entry, options);
  // From sources (tests, `npm run dev`) Node 20 needs tsx, a development dependency, to read TypeScript;
  // `--import tsx` in execArgv does not reach a worker's entry point there, so a stub registers it first.
  const tsx = import.meta.resolve('tsx/esm/api');
  const stub = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Worker(stub, { ...options, eval: true });
}
