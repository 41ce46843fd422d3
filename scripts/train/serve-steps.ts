/** The worker's side of `step-loader`: answers requests of the main thread until it asks to end. */

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../src/util/errors.ts';
import type { StepResponse } from './step-loader.ts';

/**
 * @param prepare what a step needs, from the request that the loader's `requestOf` makes, which has a number `step`. The second part of
 *   its result are the buffers that are moved to the main thread, not copied.
 * @param close releases what `prepare` uses.
 */
export function serveSteps<Result>(
  prepare: (request: never) => Promise<readonly [Result, readonly ArrayBuffer[]]>,
  close: () => Promise<void>,
): void {
  parentPort?.on('message', (request: { readonly step: number } | undefined) => {
    if (!request) {
      void close().then(() => parentPort?.close());
      return;
    }
    const { step } = request;
    prepare(request as never).then(
      ([result, moved]) => {
        parentPort?.postMessage({ step, result } satisfies StepResponse<Result>, moved);
      },
      (error: unknown) => {
        parentPort?.postMessage({ step, reason: messageOf(error) } satisfies StepResponse<Result>);
      },
    );
  });
}
