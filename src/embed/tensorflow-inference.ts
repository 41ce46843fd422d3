/** Embeds pictures with a network of tfjs operations: bytes in, unit vectors out, no tensor leaked. */

import { freemem } from 'node:os';
import { batchSize } from './batch-size.ts';
import type { Manifest } from './model.ts';
import { channelTables, toInterleaved } from './normalise-pixels.ts';
import type { OnnxModel } from './onnx-file.ts';
import type { ServedNetwork } from './serve-engine.ts';
import type { TensorflowRuntime } from './tensorflow-native.ts';
import { createNetwork } from './tensorflow-network.ts';

export interface InferenceOptions extends TensorflowRuntime {
  readonly model: OnnxModel;
  readonly manifest: Pick<Manifest, 'input' | 'output' | 'dimension'>;
  /** Free bytes on the GPU; undefined without one. */
  readonly gpuMemory: number | undefined;
}

/** Largest batch. On two cores, a batch of eight takes a third of the time of eight single pictures, and more gain little; a GPU gains from more. */
const LARGEST_BATCH = { gpu: 64, other: 8 };

/** @throws {OperatorError} when the model uses an operator that is not supported. */
export async function createInference(options: InferenceOptions): Promise<ServedNetwork> {
  const { tf, device, model, manifest, gpuMemory } = options;
  const { input, output, dimension } = manifest;
  const pixels = input.side * input.side;
  const tables = channelTables(input);
  const network = createNetwork({ tf, model, input: input.name, outputs: [output.embedding] });

  async function infer(batch: readonly Uint8Array[]): Promise<Float32Array> {
    const floats = toInterleaved(batch, pixels, tables);
    const embedding = tf.tidy(
      () => network.run(tf.tensor4d(floats, [batch.length, input.side, input.side, 3]))[0]!,
    );
    try {
      const values = await embedding.data<'float32'>();
      const expected = batch.length * dimension;
      if (values.length !== expected) {
        throw new Error(
          `Expected output "${output.embedding}" with ${expected} floats, got ${values.length}.`,
        );
      }
      return Float32Array.from(values);
    } finally {
      embedding.dispose();
    }
  }

  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    tf.tidy(() => {
      network.run(tf.zeros([1, input.side, input.side, 3]));
    });
  });
  const isGpu = device === 'gpu';
  const maxBatch = batchSize({
    freeBytes: (isGpu ? gpuMemory : undefined) ?? freemem(),
    bytesPerPicture: peakBytes - before,
    most: isGpu ? LARGEST_BATCH.gpu : LARGEST_BATCH.other,
  });
  // Profiling was the warm-up. A GPU also chooses its algorithms by the size of the batch.
  if (isGpu) await infer(Array<Uint8Array>(maxBatch).fill(new Uint8Array(pixels * 3)));
  return {
    device,
    maxBatch,
    infer,
    close() {
      network.dispose();
      return Promise.resolve();
    },
  };
}
