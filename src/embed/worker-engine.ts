/** An engine whose networks live in worker threads: queues a batch to the least busy one, replaces one that dies. */

import type { Worker } from 'node:worker_threads';
import { ClosedError, EngineUnavailableError, messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Engine, EngineResult } from './engine.ts';
import type { RunnableModel } from './model.ts';

/** `undefined` asks the worker to release its network and end. */
export type EngineRequest = { readonly id: number; readonly batch: readonly Uint8Array[] } | undefined;

export type EngineResponse =
  | { readonly kind: 'ready'; readonly device: string; readonly maxBatch: number }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'result'; readonly id: number; readonly embeddings: Float32Array }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string };

export interface WorkerEngineOptions {
  /** The engine's, for example `onnx`. */
  readonly name: string;
  /** In the log, and in errors once it runs, for example `onnxruntime on cpu`. */
  readonly label: string;
  readonly model: Pick<RunnableModel, 'manifest'>;
  /** Worker threads, at least 1. */
  readonly workers: number;
  /** Starts one that calls `serveEngine`. */
  readonly spawn: () => Worker;
  /** Hears of workers that die. */
  readonly logger?: Pick<Logger, 'error'> | undefined;
  /** How long after its death a worker is replaced, the first time; each failure doubles it. Default 1 s. */
  readonly replaceAfterMs?: number;
}

const REPLACE_AFTER_MS = 1_000;
const REPLACE_AT_LEAST_EVERY_MS = 60_000;

interface Job {
  readonly resolve: (results: EngineResult[]) => void;
  readonly reject: (error: Error) => void;
}

interface Lane {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  /** By request id; a lane with fewer jobs is preferred. */
  readonly jobs: Map<number, Job>;
  isReady: boolean;
  /** It was asked to end. */
  isClosing: boolean;
}

type ReadyResponse = Extract<EngineResponse, { kind: 'ready' }>;

/** @throws {EngineUnavailableError} when a worker says that it cannot have its network. */
export async function createWorkerEngine(options: WorkerEngineOptions): Promise<Engine> {
  const { name, label, model, workers, logger, replaceAfterMs = REPLACE_AFTER_MS } = options;
  const lanes = new Set<Lane>();
  const timers = new Set<NodeJS.Timeout>();
  let closing: Promise<void> | undefined;

  const open = (): Promise<ReadyResponse> =>
    openLane(options, lanes, (reason) => {
      logger?.error({ engine: label, reason }, 'a worker of the engine died; another one takes its place');
      replaceIn(replaceAfterMs);
    });

  function replaceIn(milliseconds: number): void {
    if (closing) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      open().catch((error: unknown) => {
        if (closing) return;
        logger?.error(
          { engine: label, reason: messageOf(error) },
          'a worker of the engine cannot be replaced',
        );
        replaceIn(Math.min(REPLACE_AT_LEAST_EVERY_MS, 2 * milliseconds));
      });
    }, milliseconds);
    timers.add(timer);
  }

  function close(): Promise<void> {
    for (const timer of timers) clearTimeout(timer);
    closing ??= closeLanes(lanes);
    return closing;
  }

  const opened = await Promise.allSettled(Array.from({ length: workers }, open));
  const facts = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = opened.find((result) => result.status === 'rejected');
  if (failure) {
    await close();
    throw failure.reason as Error;
  }

  const pixelBytes = model.manifest.input.side ** 2 * 3;
  const maxBatch = Math.min(...facts.map((fact) => fact.maxBatch));
  let nextId = 0;

  return {
    name,
    device: facts[0]?.device ?? '',
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
      const lane = [...lanes].filter(({ isReady }) => isReady).sort((a, b) => a.jobs.size - b.jobs.size)[0];
      if (!lane) return Promise.reject(new Error(`${label}: no worker is alive, one is being started.`));
      return new Promise((resolve, reject) => {
        const id = nextId++;
        lane.jobs.set(id, { resolve, reject });
        lane.worker.postMessage({ id, batch } satisfies EngineRequest);
      });
    },

    isAlive: () => !closing && [...lanes].some(({ isReady }) => isReady),
    close,
  };
}

// --- Internal helpers ---

/** @param onDeath called when it ends unasked after it was ready. */
function openLane(
  { spawn, model }: WorkerEngineOptions,
  lanes: Set<Lane>,
  onDeath: (reason: string) => void,
): Promise<ReadyResponse> {
  const worker = spawn();
  const jobs = new Map<number, Job>();
  const dimension = model.manifest.dimension;

  return new Promise((resolve, reject) => {
    const lane: Lane = {
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
    lanes.add(lane);
    worker.on('message', (response: EngineResponse) => {
      if (response.kind === 'ready') {
        lane.isReady = true;
        resolve(response);
      } else if (response.kind === 'unavailable') {
        lanes.delete(lane);
        reject(new EngineUnavailableError(response.reason));
      } else {
        const job = jobs.get(response.id);
        jobs.delete(response.id);
        if (response.kind === 'failure') job?.reject(new Error(`The network failed: ${response.reason}`));
        else job?.resolve(rows(response.embeddings, dimension).map((embedding) => ({ embedding })));
      }
    });
    // A worker that dies fails its own jobs and nothing else: the other lanes go on.
    const die = (error: Error): void => {
      const isFirstSign = lanes.delete(lane);
      if (isFirstSign && lane.isReady && !lane.isClosing) onDeath(error.message);
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

/** Never `terminate()`: doing so while onnxruntime computes aborts the whole process. */
async function closeLanes(lanes: Set<Lane>): Promise<void> {
  const ending = [...lanes].map((lane) => {
    lane.isClosing = true;
    lane.worker.postMessage(undefined satisfies EngineRequest);
    return lane.ended;
  });
  await Promise.all(ending);
}

function rows(matrix: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: matrix.length / width }, (_, n) => matrix.slice(n * width, (n + 1) * width));
}
