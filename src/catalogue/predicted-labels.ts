/** Labels that the model tells of an item whose source does not say. */

import { createHash } from 'node:crypto';
import type { Classifier } from '../embed/classifier.ts';
import { type Manifest, type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';
import type { Item, Labels, PredictedLabels } from './item.ts';

/** A less probable prediction is not kept. */
export const LEAST_PROBABILITY = 0.5;

/**
 * Of everything that predicted labels depend on besides a picture: calibrating gives the classifiers other temperatures, and
 * these are no part of the fingerprint, because embeddings stay as they are.
 */
export function predictionDigest(fingerprint: ModelFingerprint, labels: Manifest['labels']): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprintDigest(fingerprint), labels ?? {}, LEAST_PROBABILITY]))
    .digest('hex');
}

/**
 * The item with `predicted` as this embedding gives it; what its source says is left as it is.
 * @param before the item as it was told by the same embedding and classifier, if it was: it is not told again while the same labels are missing.
 */
export function withPredictedLabels(
  item: Item,
  embedding: Float32Array,
  { labels, classify }: Classifier,
  before?: Item,
): Item {
  const rest: Item = { ...item };
  delete (rest as { predicted?: PredictedLabels }).predicted;
  const missing = labels.filter((label) => item.labels[label] === undefined);
  if (missing.length === 0) return rest;
  if (
    before?.predicted &&
    before.picture === item.picture &&
    labels.every((label) => before.labels[label] === item.labels[label])
  ) {
    return { ...rest, predicted: before.predicted };
  }
  const predictions = classify(embedding);
  const told = missing.flatMap((label) => {
    const { value, probability } = predictions[label]!;
    if (probability < LEAST_PROBABILITY) return [];
    return [[label, { value, probability: Math.round(probability * 1000) / 1000 }] as const];
  });
  return told.length === 0 ? rest : { ...rest, predicted: Object.fromEntries(told) };
}

/** What an item is found by: what its source says, and where that is silent, what the model does. */
export function labelsToFilter({ labels, predicted }: Pick<Item, 'labels' | 'predicted'>): Labels {
  if (!predicted) return labels;
  const told = Object.entries(predicted).map(([label, { value }]) => [label, value] as const);
  return { ...(Object.fromEntries(told) as Labels), ...labels };
}
