/** Worker thread of `onnx-engine`: owns one inference session, answers one batch at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Manifest } from './model.ts';

export interface OnnxWorkerData {
  readonly weightsPath: string;
  /** An execution provider of onnxruntime, for example `cpu` or `cuda`. */
  readonly provider: string;
  readonly manifest: Pick<Manifest, 'input' | 'output' | 'dimension'>;
}

/** `undefined` asks the worker to release its session and end. */
export type OnnxRequest = { readonly id: number; readonly batch: readonly Uint8Array[] } | undefined;

export type OnnxResponse =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'result'; readonly id: number; readonly embeddings: Float32Array }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string };

// A provider that is not there is reported through `unavailable`; onnxruntime would also print it in colour.
env.logLevel = 'fatal';

const port = parentPort;
if (!port) throw new Error('onnx-worker runs only as a worker thread.');
const { weightsPath, provider, manifest } = workerData as OnnxWorkerData;
const { input, output, dimension } = manifest;
const plane = input.side * input.side;

/** (x / 255 - mean) / std for each of the 256 values of each channel. */
const normalised = [0, 1, 2].map((channel) =>
  Float32Array.from(
    { length: 256 },
    (_, x) => (x / 255 - (input.mean[channel] ?? 0)) / (input.std[channel] ?? 1),
  ),
) as [Float32Array, Float32Array, Float32Array];

try {
  const session = await InferenceSession.create(weightsPath, {
    executionProviders: [provider],
    // One thread a session, one session a core: faster than one session on all cores, and no pool that spins while idle.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  await infer(session, [new Uint8Array(plane * 3)]); // warm up
  // One after the other, so that the request to end comes after everything that was asked before it.
  let last = Promise.resolve();
  port.on('message', (request: OnnxRequest) => {
    last = last.then(() => (request ? answer(session, request) : end(session)));
  });
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) });
}

// --- Internal helpers ---

async function end(session: InferenceSession): Promise<void> {
  await session.release();
  port?.close();
}

async function answer(session: InferenceSession, { id, batch }: NonNullable<OnnxRequest>): Promise<void> {
  try {
    const embeddings = await infer(session, batch);
    send({ kind: 'result', id, embeddings }, [embeddings.buffer as ArrayBuffer]);
  } catch (error) {
    send({ kind: 'failure', id, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Interleaved bytes to planes of floats, through the network: `[n, dimension]`. */
async function infer(session: InferenceSession, batch: readonly Uint8Array[]): Promise<Float32Array> {
  const planes = new Float32Array(batch.length * plane * 3);
  batch.forEach((pixels, n) => {
    normalised.forEach((values, channel) => {
      const start = (n * 3 + channel) * plane;
      // Every index is inside: the engine has checked that pixels holds plane * 3 bytes.
      for (let i = 0, p = channel; i < plane; i++, p += 3) planes[start + i] = values[pixels[p]!]!;
    });
  });
  const tensor = new Tensor('float32', planes, [batch.length, 3, input.side, input.side]);
  const results = await session.run({ [input.name]: tensor });
  const embedding = results[output.embedding];
  const expected = batch.length * dimension;
  if (!(embedding?.data instanceof Float32Array) || embedding.data.length !== expected) {
    throw new Error(
      `Expected output "${output.embedding}" with ${expected} floats, got ${String(embedding?.data.length)}.`,
    );
  }
  return embedding.data.slice(); // a copy of our own, so that it can be transferred
}

function send(response: OnnxResponse, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(response, transfer);
}
