/** An engine whose networks run in worker threads: a batch goes to the least busy worker, and a worker that dies is replaced. */

import type { Worker } from 'node:worker_threads';
import { backoffMs } from '../util/backoff.ts';
import { ClosedError, EngineUnavailableError, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { Engine, EngineResult } from './engine.ts';
import type { RunnableModel } from './model.ts';

/** `undefined`: release the network and end. */
export type EngineRequest = { readonly id: number; readonly batch: readonly Uint8Array[] } | undefined;

export type EngineResponse =
  | { readonly kind: 'ready'; readonly device: string; readonly maxBatch: number }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'result'; readonly id: number; readonly embeddings: Float32Array }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string };

export interface WorkerEngineOptions {
  /** Name of the engine, for example `onnx`. */
  readonly name: string;
  /** Name for the log and for errors, for example `onnxruntime on cpu`. */
  readonly label: string;
  readonly model: Pick<RunnableModel, 'manifest'>;
  /** Worker threads, at least 1. */
  readonly workers: number;
  /** Starts a worker thread that calls `serveEngine`. */
  readonly spawn: () => Worker;
  /** Gets a message when a worker dies. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
  /** Wait before a dead worker is replaced, in milliseconds; each failed replacement doubles it. Default 1 s. */
  readonly replaceAfterMs?: number;
}

const REPLACE_AFTER_MS = 1_000;
/** Longest wait before the next attempt to replace a worker. */
const REPLACE_WITHIN_MS = 60_000;

interface Job {
  readonly resolve: (results: EngineResult[]) => void;
  readonly reject: (error: Error) => void;
}

interface EngineWorker {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  /** By request id. */
  readonly jobs: Map<number, Job>;
  isReady: boolean;
  /** It was sent the request to end. */
  isClosing: boolean;
}

type ReadyResponse = Extract<EngineResponse, { kind: 'ready' }>;

/** @throws {EngineUnavailableError} when a worker cannot load its network. */
export async function createWorkerEngine(options: WorkerEngineOptions): Promise<Engine> {
  const { name, label, model, workers, logger, replaceAfterMs = REPLACE_AFTER_MS } = options;
  const engineWorkers = new Set<EngineWorker>();
  const timers = new Set<NodeJS.Timeout>();
  let closing: Promise<void> | undefined;

  const open = (): Promise<ReadyResponse> =>
    openEngineWorker(options, engineWorkers, (reason) => {
      logger?.error({ engine: label, reason }, 'an engine worker died and will be replaced');
      replaceAfter(1);
    });

  /** @param failures in a row: the death of the worker, then each replacement that failed. */
  function replaceAfter(failures: number): void {
    if (closing) return;
    const wait = backoffMs(failures, { firstMs: replaceAfterMs, mostMs: REPLACE_WITHIN_MS });
    const timer = setTimeout(() => {
      timers.delete(timer);
      open().catch((error: unknown) => {
        if (closing) return;
        logger?.error({ engine: label, reason: messageOf(error) }, 'an engine worker could not be replaced');
        replaceAfter(failures + 1);
      });
    }, wait);
    timers.add(timer);
  }

  function close(): Promise<void> {
    for (const timer of timers) clearTimeout(timer);
    closing ??= closeEngineWorkers(engineWorkers);
    return closing;
  }

  const opened = await Promise.allSettled(Array.from({ length: workers }, open));
  const ready = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = opened.find((result) => result.status === 'rejected');
  if (failure) {
    await close();
    throw failure.reason as Error;
  }

  const pixelBytes = model.manifest.input.side ** 2 * 3;
  const maxBatch = Math.min(...ready.map((response) => response.maxBatch));
  let nextId = 0;

  return {
    name,
    device: ready[0]?.device ?? '',
    parallelism: workers,
    maxBatch,

    run(batch) {
      if (closing) return Promise.reject(new ClosedError('The engine is closed.'));
      const wrong = batch.find((pixels) => pixels.length !== pixelBytes);
      if (batch.length < 1 || batch.length > maxBatch || wrong) {
        const got = wrong ? `one of ${wrong.length} bytes` : `${batch.length}`;
        return Promise.reject(
          new RangeError(`Expected 1 to ${maxBatch} pictures of ${pixelBytes} bytes, got ${got}.`),
        );
      }
      const engineWorker = [...engineWorkers]
        .filter(({ isReady }) => isReady)
        .sort((a, b) => a.jobs.size - b.jobs.size)[0];
      if (!engineWorker)
        return Promise.reject(new Error(`${label}: no worker is alive; a new one is starting.`));
      return new Promise((resolve, reject) => {
        const id = nextId++;
        engineWorker.jobs.set(id, { resolve, reject });
        engineWorker.worker.postMessage({ id, batch } satisfies EngineRequest);
      });
    },

    isAlive: () => !closing && [...engineWorkers].some(({ isReady }) => isReady),
    close,
  };
}

// --- Internal helpers ---

/** @param onDeath called when a worker that was ready ends without a request. */
function openEngineWorker(
  { spawn, model }: WorkerEngineOptions,
  engineWorkers: Set<EngineWorker>,
  onDeath: (reason: string) => void,
): Promise<ReadyResponse> {
  const worker = spawn();
  const jobs = new Map<number, Job>();
  const dimension = model.manifest.dimension;

  return new Promise((resolve, reject) => {
    const engineWorker: EngineWorker = {
      worker,
      jobs,
      isReady: false,
      isClosing: false,
      ended: new Promise((done) =>
        worker.once('exit', () => {
          done();
        }),
      ),
    };
    engineWorkers.add(engineWorker);
    worker.on('message', (response: EngineResponse) => {
      if (response.kind === 'ready') {
        engineWorker.isReady = true;
        resolve(response);
      } else if (response.kind === 'unavailable') {
        engineWorkers.delete(engineWorker);
        reject(new EngineUnavailableError(response.reason));
      } else {
        const job = jobs.get(response.id);
        jobs.delete(response.id);
        if (response.kind === 'failure') job?.reject(new Error(`The network failed: ${response.reason}`));
        else job?.resolve(rows(response.embeddings, dimension).map((embedding) => ({ embedding })));
      }
    });
    // When a worker dies, only its own jobs fail; the other workers continue.
    const die = (error: Error): void => {
      const isFirstEvent = engineWorkers.delete(engineWorker);
      if (isFirstEvent && engineWorker.isReady && !engineWorker.isClosing) onDeath(error.message);
      for (const job of jobs.values()) job.reject(error);
      jobs.clear();
      reject(error);
    };
    worker.on('error', die);
    worker.on('exit', (code) => {
      die(new Error(`An engine worker ended with code ${code}.`));
    });
  });
}

/** Never use `terminate()`: while onnxruntime computes, it aborts the whole process. */
async function closeEngineWorkers(engineWorkers: Set<EngineWorker>): Promise<void> {
  const ending = [...engineWorkers].map((engineWorker) => {
    engineWorker.isClosing = true;
    engineWorker.worker.postMessage(undefined satisfies EngineRequest);
    return engineWorker.ended;
  });
  await Promise.all(ending);
}

function rows(matrix: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: matrix.length / width }, (_, n) => matrix.slice(n * width, (n + 1) * width));
}
