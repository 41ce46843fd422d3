/**
 * Averages the weights of models with a common origin. The average keeps the strengths of its parts and generalises better than each:
 * Wortsman et al., Robust fine-tuning of zero-shot models, 2022 (https://arxiv.org/abs/2109.01903).
 */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError } from '../../src/util/errors.ts';
import { LABEL_HEAD_NAMES, type Model } from '../../src/embed/model.ts';
import { type OnnxModel, readOnnx } from '../../src/embed/onnx-file.ts';
import type { OnnxTensor } from '../../src/embed/onnx-tensor.ts';
import { joinedLogs, readLog, writeLog } from '../train/training-log.ts';
import {
  bandsFromBefore,
  madeBy,
  namedWithDigest,
  nextVersion,
  refuseModelIn,
  uncalibrated,
  writeVariant,
} from './write-variant.ts';

export interface Part {
  readonly model: Model;
  /** Weight in the average, above 0; shares count in proportion to their sum. */
  readonly share: number;
}

/**
 * Writes a folder with the average. Everything else is copied from the first model, except its version and the training log, which
 * has the runs of all parts. Thresholds and temperatures must be derived again. A classifier that some models lack is the average of
 * those that have it.
 * @throws {OperatorError} when a model has other weights or classes than the first, or the folder holds a model already.
 */
export async function averageModels(parts: readonly Part[], folder: string): Promise<void> {
  const [first] = parts;
  if (!first) throw new RangeError('Expected at least one model, got none.');
  await refuseModelIn(folder);
  for (const { model } of parts) refuseOtherClasses(first.model, model);
  const networks = await Promise.all(
    parts.map(async ({ model, share }) => ({
      share,
      name: model.manifest.name,
      network: readOnnx(await readFile(model.weightsPath), model.weightsPath),
    })),
  );
  const from = parts.map(({ model, share }) => `${share} ${namedWithDigest(model)}`).join(' + ');
  const { name, labels } = first.model.manifest;
  const namesakes = parts.map(({ model }) => model.manifest).filter((manifest) => manifest.name === name);
  const change = {
    version: nextVersion(...namesakes.map(({ version }) => version)),
    ...(labels && { labels: uncalibrated(labels) }),
    similarity: bandsFromBefore(first.model, 'averaged'),
    provenance: madeBy(first.model, from, 'npm run model -- average'),
  };
  await writeVariant(first.model, averaged(networks), change, folder);
  const logs = await Promise.all(parts.map(({ model }) => readLog(dirname(model.weightsPath))));
  const log = joinedLogs(logs.filter((one) => one !== undefined));
  if (log) await writeLog(folder, log);
}

// --- Internal helpers ---

interface Network {
  readonly name: string;
  readonly share: number;
  readonly network: OnnxModel;
}

/** The columns of a classifier are its classes, so only classifiers with the same classes in the same order can be averaged. */
function refuseOtherClasses({ manifest: first }: Model, { manifest: other }: Model): void {
  for (const label of LABEL_HEAD_NAMES) {
    const [expected, got] = [first, other].map(({ labels }) => labels?.[label]?.classes);
    if (!expected || !got || JSON.stringify(expected) === JSON.stringify(got)) continue;
    throw new OperatorError(
      `The classifiers of "${label}" have different classes, or another order of them, in ${first.name} ${first.version} (${expected.length} classes) ` +
        `and ${other.name} ${other.version} (${got.length} classes). Only models that were trained with the same classes can be averaged.`,
    );
  }
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
          `"${name}" is ${dims.join('x')} in ${first.name} and ${other?.dims.join('x') ?? 'missing'} in ${model}. Only models that were trained from one another can be averaged.`,
        );
      shares += share;
      for (let at = 0; at < sum.length; at++) sum[at]! += share * other.data[at]!;
    }
    initialisers.set(name, { ...tensor, data: Float32Array.from(sum, (value) => value / shares) });
  }
  return { ...first.network, initialisers };
}
