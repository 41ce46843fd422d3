/** A bounded, work-conserving queue in front of an engine: people first, imports behind them. */

import { BusyError, ClosedError } from '../util/errors.ts';
import type { ChosenEngine } from './choose-engine.ts';
import type { Embedder, Priority } from './embedder.ts';
import type { Model } from './model.ts';

export interface BatchingEmbedderOptions extends ChosenEngine {
  readonly model: Pick<Model, 'manifest' | 'fingerprint'>;
  /** Pictures that may wait, by priority. Default: 128 interactive, which are two looks at 64 photos, and 256 bulk. */
  readonly capacity?: Readonly<Record<Priority, number>>;
  /**
   * People may come while imports run: bulk work then leaves a worker of several free, and as long as people are about it
   * embeds one photo at a time and rests in between. Default: false, for programs that serve nobody.
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
/** So long after a photo of a person more are expected, in milliseconds. */
const PRESENCE_MS = 1_000;
/** While people are about, bulk work rests for so many times as long as it worked: a quarter of one worker is its share. */
const RESTS = 3;
/** Weight of the newest batch in the moving average of seconds a photo. */
const SMOOTHING = 0.1;

export function createBatchingEmbedder(options: BatchingEmbedderOptions): Embedder {
  const { engine, skipped, model, capacity = DEFAULT_CAPACITY, serving = false } = options;
  const bulkLanes = Math.max(1, engine.parallelism - (serving ? 1 : 0));
  const queues: Readonly<Record<Priority, Waiting[]>> = { interactive: [], bulk: [] };
  const running: Record<Priority, number> = { interactive: 0, bulk: 0 };
  let lastPerson = -Infinity;
  /** The end of the rest that bulk work takes while people are about. */
  let restUntil = 0;
  let resting: NodeJS.Timeout | undefined;
  let secondsEach = 0.02;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;

  /**
   * Fills every free worker of the engine. A batch never waits for company, and bulk work is
   * taken only when no person waits, so a person waits for at most the batches that already run.
   */
  function pump(): void {
    while (running.interactive + running.bulk < engine.parallelism) {
      const priority = queues.interactive.length > 0 ? 'interactive' : 'bulk';
      const most = priority === 'interactive' ? engine.maxBatch : bulkShare();
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
        if (priority === 'bulk' && peopleAreAbout()) {
          restUntil = performance.now() + RESTS * (performance.now() - started);
        }
        pump();
      });
    }
    if (running.interactive + running.bulk + queues.interactive.length + queues.bulk.length === 0)
      drained?.();
  }

  /** How many bulk photos may begin together now. */
  function bulkShare(): number {
    if (!peopleAreAbout()) return running.bulk < bulkLanes ? engine.maxBatch : 0;
    if (running.bulk > 0) return 0;
    const rest = restUntil - performance.now();
    if (rest <= 0) return 1;
    resting ??= setTimeout(() => {
      resting = undefined;
      pump();
    }, rest);
    return 0;
  }

  function peopleAreAbout(): boolean {
    return serving && !closing && performance.now() - lastPerson < PRESENCE_MS;
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
    secondsEach += SMOOTHING * ((performance.now() - started) / 1000 / batch.length - secondsEach);
  }

  return {
    fingerprint: model.fingerprint,
    input: model.manifest.input,

    embed(pixels, { priority, signal }) {
      if (closing) return Promise.reject(new ClosedError('The bot is shutting down.'));
      if (priority === 'interactive') lastPerson = performance.now();
      const queue = queues[priority];
      if (queue.length >= capacity[priority]) {
        const seconds = (queue.length * secondsEach) / engine.parallelism;
        return Promise.reject(new BusyError(`${queue.length} pictures are waiting already.`, seconds));
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
        pump();
      }).then(() => engine.close());
      return closing;
    },
  };
}
