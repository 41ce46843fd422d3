/** Worker thread of `onnx-engine`, with one inference session. */

import { workerData } from 'node:worker_threads';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Manifest } from './model.ts';
import { channelTables, toPlanes } from './normalise-pixels.ts';
import { serveEngine } from './serve-engine.ts';

export interface OnnxWorkerData {
  readonly weightsPath: string;
  readonly provider: 'cpu' | 'cuda';
  readonly manifest: Pick<Manifest, 'input' | 'output' | 'dimension'>;
}

// We report a missing provider as the reason; onnxruntime would also print it in colour.
env.logLevel = 'fatal';

const { weightsPath, provider, manifest } = workerData as OnnxWorkerData;
const { input, output, dimension } = manifest;
const plane = input.side * input.side;
const tables = channelTables(input);

await serveEngine(async () => {
  const session = await InferenceSession.create(weightsPath, {
    executionProviders: [provider],
    // One thread per session and one session per core is faster than one session on all cores, and leaves no thread pool spinning while idle.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  await infer(session, [new Uint8Array(plane * 3)]); // warm up
  return {
    device: provider,
    // On a CPU, batches of four take a tenth less time per photo than single photos (measured: 7.3 and 8.2 ms), and larger
    // batches gain nothing. A GPU needs larger ones to be busy.
    maxBatch: provider === 'cpu' ? 4 : 16,
    infer: (batch) => infer(session, batch),
    close: () => session.release(),
  };
});

// --- Internal helpers ---

/** Runs the network on pictures: `[n, dimension]`. */
async function infer(session: InferenceSession, batch: readonly Uint8Array[]): Promise<Float32Array> {
  const planes = toPlanes(batch, plane, tables);
  const tensor = new Tensor('float32', planes, [batch.length, 3, input.side, input.side]);
  const results = await session.run({ [input.name]: tensor });
  const embedding = results[output.embedding];
  const expected = batch.length * dimension;
  if (!(embedding?.data instanceof Float32Array) || embedding.data.length !== expected) {
    throw new Error(
      `Expected output "${output.embedding}" with ${expected} floats, got ${String(embedding?.data.length)}.`,
    );
  }
  return embedding.data.slice(); // a copy, so that it can be transferred
}
