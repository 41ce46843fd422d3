/**
 * Averages the weights of models that began as one, which finds what both find and generalises better than the last of them:
 * Wortsman et al., Robust fine-tuning of zero-shot models, 2022 (https://arxiv.org/abs/2109.01903).
 */

import { readFile } from 'node:fs/promises';
import { OperatorError } from '../../src/errors.ts';
import type { Model } from '../../src/embed/model.ts';
import { type OnnxModel, type OnnxTensor, readOnnx } from '../../src/embed/onnx-file.ts';
import { madeBy, namedWithDigest, refuseModelIn, writeVariant } from './write-variant.ts';

export interface Part {
  readonly model: Model;
  /** Of the average, over 0; shares are taken in proportion to their sum. */
  readonly share: number;
}

/**
 * Writes a folder with the average, in everything else like the first model: its bands and temperatures are to be derived anew.
 * A weight that not all have, such as a classifier's, is the average of those that have it.
 * @throws {OperatorError} when a model has other weights than the first, or the folder holds a model already.
 */
export async function averageModels(parts: readonly Part[], folder: string): Promise<void> {
  const [first] = parts;
  if (!first) throw new RangeError('Expected at least one model, got none.');
  await refuseModelIn(folder);
  const networks = await Promise.all(
    parts.map(async ({ model, share }) => ({
      share,
      name: model.manifest.name,
      network: readOnnx(await readFile(model.weightsPath), model.weightsPath),
    })),
  );
  const from = parts.map(({ model, share }) => `${share} ${namedWithDigest(model)}`).join(' + ');
  const provenance = madeBy(first.model, from, 'npm run model -- average');
  await writeVariant(first.model, averaged(networks), { provenance }, folder);
}

// --- Internal helpers ---

interface Network {
  readonly name: string;
  readonly share: number;
  readonly network: OnnxModel;
}

function averaged(networks: readonly Network[]): OnnxModel {
  const [first] = networks as [Network, ...Network[]];
  const initialisers = new Map<string, OnnxTensor>();
  for (const [name, tensor] of first.network.initialisers) {
    const { data, dims } = tensor;
    if (!(data instanceof Float32Array)) {
      initialisers.set(name, tensor);
      continue;
    }
    const sum = new Float64Array(data.length);
    let shares = 0;
    for (const { network, share, name: model } of networks) {
      const other = network.initialisers.get(name);
      if (!other && name.startsWith('label.')) continue;
      if (other?.dims.join() !== dims.join())
        throw new OperatorError(
          `"${name}" is ${dims.join('x')} in ${first.name} and ${other?.dims.join('x') ?? 'not there'} in ${model}: only models that were trained from one another can be averaged.`,
        );
      shares += share;
      for (let at = 0; at < sum.length; at++) sum[at]! += share * other.data[at]!;
    }
    initialisers.set(name, { ...tensor, data: Float32Array.from(sum, (value) => value / shares) });
  }
  return { ...first.network, initialisers };
}
