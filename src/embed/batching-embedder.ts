/** A bounded, work-conserving queue in front of an engine: photos of users first, imports after them. */

import { BusyError, ClosedError } from '../util/errors.ts';
import { createBulkThrottle } from './bulk-throttle.ts';
import type { ChosenEngine } from './choose-engine.ts';
import type { Embedder, Priority } from './embedder.ts';
import type { Model } from './model.ts';

export interface BatchingEmbedderOptions extends ChosenEngine {
  readonly model: Pick<Model, 'manifest' | 'fingerprint'>;
  /** Longest queue, in pictures, by priority. Default: 128 interactive (two views of 64 photos) and 256 bulk. */
  readonly capacity?: Readonly<Record<Priority, number>>;
  /**
   * Whether users may send photos while imports run. Bulk work then leaves one of several workers free; while users are
   * active, it embeds one photo at a time and pauses after each. Default: false.
   */
  readonly serving?: boolean;
}

interface Waiting {
  readonly pixels: Uint8Array;
  readonly resolve: (embedding: Float32Array) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly abandon: () => void;
}

const DEFAULT_CAPACITY: Readonly<Record<Priority, number>> = { interactive: 128, bulk: 256 };
/** Weight of the newest batch in the moving average of seconds per photo. */
const SMOOTHING = 0.1;

export function createBatchingEmbedder(options: BatchingEmbedderOptions): Embedder {
  const { engine, skipped, model, capacity = DEFAULT_CAPACITY, serving = false } = options;
  const queues: Readonly<Record<Priority, Waiting[]>> = { interactive: [], bulk: [] };
  const running: Record<Priority, number> = { interactive: 0, bulk: 0 };
  const throttle = createBulkThrottle({
    serving,
    parallelism: engine.parallelism,
    maxBatch: engine.maxBatch,
    onPauseEnd: pump,
  });
  let secondsPerPhoto = 0.02;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  /**
   * Gives work to every free worker of the engine. A batch never waits to become larger, and bulk work
   * starts only when no user waits, so a user waits for at most the batches in progress.
   */
  function pump(): void {
    while (running.interactive + running.bulk < engine.parallelism) {
      const priority = queues.interactive.length > 0 ? 'interactive' : 'bulk';
      const most = priority === 'interactive' ? engine.maxBatch : throttle.allowance(running.bulk);
      const queue = queues[priority];
      // Spread over all workers: two photos on two workers are done before both on one.
      const share = Math.ceil(queue.length / engine.parallelism);
      const batch = queue.splice(0, Math.min(share, most));
      if (batch.length === 0) break;
      for (const { signal, abandon } of batch) signal?.removeEventListener('abort', abandon);
      running[priority]++;
      const started = performance.now();
      void run(batch).finally(() => {
        running[priority]--;
        if (priority === 'bulk') throttle.noteBatch(performance.now() - started);
        pump();
      });
    }
    if (running.interactive + running.bulk + queues.interactive.length + queues.bulk.length === 0)
      drained?.();
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    const started = performance.now();
    try {
      const results = await engine.run(batch.map(({ pixels }) => pixels));
      batch.forEach(({ resolve, reject }, n) => {
        const result = results[n];
        if (result) resolve(result.embedding);
        else reject(new Error(`The engine returned ${results.length} results for ${batch.length} photos.`));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    secondsPerPhoto += SMOOTHING * ((performance.now() - started) / 1000 / batch.length - secondsPerPhoto);
  }

  return {
    fingerprint: model.fingerprint,
    input: model.manifest.input,

    embed(pixels, { priority, signal }) {
      if (closing) return Promise.reject(new ClosedError('The bot is shutting down.'));
      if (priority === 'interactive') throttle.noteUser();
      const queue = queues[priority];
      if (queue.length >= capacity[priority]) {
        const seconds = (queue.length * secondsPerPhoto) / engine.parallelism;
        return Promise.reject(new BusyError(`${queue.length} pictures are already waiting.`, seconds));
      }
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const abandon = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal?.reason as Error);
          pump();
        };
        const waiting: Waiting = { pixels, resolve, reject, signal, abandon };
        signal?.addEventListener('abort', abandon, { once: true });
        queue.push(waiting);
        pump();
      });
    },

    status: () => ({
      engine: engine.name,
      device: engine.device,
      skipped,
      isAlive: engine.isAlive(),
      waiting: { interactive: queues.interactive.length, bulk: queues.bulk.length },
    }),

    close() {
      closing ??= new Promise<void>((resolve) => {
        drained = resolve;
        throttle.release();
        pump();
      }).then(() => engine.close());
      return closing;
    },
  };
}
