/** Asks a worker thread for what training steps need, some steps ahead, and hands it out in their order. */

import type { Worker } from 'node:worker_threads';

/** What a worker answers. */
export type StepResponse<Result> =
  { readonly step: number; readonly result: Result } | { readonly step: number; readonly reason: string };

export interface StepLoaderOptions<Request> {
  /** Answers each request with a `StepResponse`, and ends at `undefined`. */
  readonly worker: Worker;
  readonly requestOf: (step: number) => Request;
  /** The first step that will be asked for. */
  readonly firstStep: number;
}

export interface StepLoader<Result> {
  /** What the next step needs. @throws {Error} when preparing it failed. */
  next(): Promise<Result>;
  /** Ends the worker. */
  close(): Promise<void>;
}

/** Steps to prepare ahead. */
const AHEAD = 2;

export function createStepLoader<Request, Result>(options: StepLoaderOptions<Request>): StepLoader<Result> {
  const { worker, requestOf, firstStep } = options;
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      resolve();
    }),
  );
  const waiting = new Map<number, PromiseWithResolversOf<Result>>();
  worker.on('message', (response: StepResponse<Result>) => {
    const { step } = response;
    if ('result' in response) waiting.get(step)?.resolve(response.result);
    else waiting.get(step)?.reject(new Error(`Preparing step ${step} failed: ${response.reason}`));
  });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
  });

  let step = firstStep;
  let requested = step;
  const request = (): void => {
    for (; requested < step + AHEAD; requested++) {
      const promise = promiseWithResolvers<Result>();
      if (failure) promise.reject(failure);
      waiting.set(requested, promise);
      worker.postMessage(requestOf(requested));
    }
  };
  request();

  return {
    async next() {
      const current = step++;
      request();
      const result = await waiting.get(current)!.promise;
      waiting.delete(current);
      return result;
    },
    async close() {
      worker.postMessage(undefined);
      await ended;
    },
  };
}

// --- Internal helpers ---

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function promiseWithResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined); // `next` reports the failure; nothing may wait for the promise yet
  return { promise, resolve, reject };
}
