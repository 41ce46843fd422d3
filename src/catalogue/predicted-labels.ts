/** Labels that the model predicts where the source of an item gives none. */

import { createHash } from 'node:crypto';
import type { Classifier } from '../embed/classifier.ts';
import { type Manifest, type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';
import type { Item, Labels, PredictedLabels } from './item.ts';

/** Predictions that are less probable than this are dropped. */
export const LEAST_PROBABILITY = 0.5;

/**
 * Digest of everything besides the picture that predicted labels depend on. The temperatures of the classifiers change when they are
 * calibrated. They are not part of the model fingerprint, because the embeddings stay the same.
 */
export function predictionDigest(fingerprint: ModelFingerprint, labels: Manifest['labels']): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprintDigest(fingerprint), labels ?? {}, LEAST_PROBABILITY]))
    .digest('hex');
}

/**
 * The item with the labels that are predicted from this embedding. Labels that its source gives are left as they are.
 * @param before the item as labelled before by the same classifier. Its predictions are reused if picture and given labels are the same.
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
  const predicted = missing.flatMap((label) => {
    const { value, probability } = predictions[label]!;
    if (probability < LEAST_PROBABILITY) return [];
    return [[label, { value, probability: Math.round(probability * 1000) / 1000 }] as const];
  });
  return predicted.length === 0 ? rest : { ...rest, predicted: Object.fromEntries(predicted) };
}

/** The labels that filters use: those of the source, and predicted ones where the source gives none. */
export function labelsToFilter({ labels, predicted }: Pick<Item, 'labels' | 'predicted'>): Labels {
  if (!predicted) return labels;
  const values = Object.entries(predicted).map(([label, { value }]) => [label, value] as const);
  return { ...(Object.fromEntries(values) as Labels), ...labels };
}
