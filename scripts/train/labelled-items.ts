/** The training data: labelled items of the published data set, split so that no product is on both sides. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { LABEL_HEAD_NAMES, type LabelHeadName } from '../../src/embed/model.ts';
import type { Labels } from '../../src/catalogue/item.ts';
import { openSource } from '../../src/sources/open-source.ts';
import { OperatorError } from '../../src/util/errors.ts';

/** Default weights of the labels' losses. */
export const LABEL_WEIGHTS: Readonly<Record<HeadName, number>> = {
  type: 1,
  colour: 0.5,
  gender: 0.4,
  usage: 0.15,
  season: 0.1,
};
export type HeadName = LabelHeadName;
export const HEAD_NAMES: readonly HeadName[] = LABEL_HEAD_NAMES;

export interface LabelledItem {
  readonly id: string;
  readonly title: string;
  readonly labels: Labels;
}

export type Split = 'train' | 'validation';

/** Names of the classes of each head, in the order of its outputs. */
export type Classes = Readonly<Record<HeadName, readonly string[]>>;

/** Share of all products. */
const VALIDATION_SHARE = 0.1;
/** A class with fewer training items is not learned. */
const SMALLEST_CLASS = 5;

/** Items with a type, in the order of the source. @throws {OperatorError} when the data set does not exist or has no such item. */
export async function readLabelledItems(path: string): Promise<LabelledItem[]> {
  if (!existsSync(path))
    throw new OperatorError(
      `${path} does not exist, and its labels are needed. Name its folder with --data.`,
    );
  const source = await openSource(path);
  const items: LabelledItem[] = [];
  try {
    for await (const record of source.records()) {
      if (record.kind !== 'item' || record.item.labels.type === undefined) continue;
      const { id, title, labels } = record.item;
      items.push({ id, title, labels });
    }
  } finally {
    await source.close();
  }
  if (items.length === 0) throw new OperatorError(`${path} has no item with a label "type".`);
  return items;
}

/** Decided by a hash of the product's name, so that all colours and pictures of a product are on the same side. */
export function splitOf(title: string): Split {
  const name = title.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  const hash = createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32;
  return hash < VALIDATION_SHARE ? 'validation' : 'train';
}

/** The classes of every label in alphabetical order; empty for a label with a single class, which predicts nothing. */
export function classesOf(items: readonly LabelledItem[]): Classes {
  const classes = (head: HeadName): string[] => {
    const counts = new Map<string, number>();
    for (const { labels } of items) {
      const value = labels[head];
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const names = [...counts]
      .filter(([, count]) => count >= SMALLEST_CLASS)
      .map(([name]) => name)
      .sort();
    return names.length > 1 ? names : [];
  };
  return Object.fromEntries(HEAD_NAMES.map((head) => [head, classes(head)])) as unknown as Classes;
}

export type LabelTriple = Readonly<Record<'type' | 'colour' | 'gender', string>>;

/**
 * Groups items by label triple (type, colour and gender); -1 for a triple of fewer than five items.
 * A search should find items with the same triple, so training has a classifier for it, which is not exported.
 */
export function labelTriplesOf(items: readonly LabelledItem[]): {
  readonly targets: Int32Array;
  /** Type, colour and gender of each triple. */
  readonly names: readonly LabelTriple[];
} {
  const keys = items.map(({ labels: { type, colour, gender } }) =>
    type === undefined || colour === undefined || gender === undefined
      ? undefined
      : JSON.stringify([type, colour, gender]),
  );
  const sizes = new Map<string, number>();
  for (const key of keys) if (key !== undefined) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const indices = new Map(
    [...sizes]
      .filter(([, size]) => size >= SMALLEST_CLASS)
      .map(([key]) => key)
      .sort()
      .map((key, index) => [key, index]),
  );
  const names = [...indices.keys()].map((key): LabelTriple => {
    const [type = '', colour = '', gender = ''] = JSON.parse(key) as string[];
    return { type, colour, gender };
  });
  return { targets: Int32Array.from(keys, (key) => indices.get(key ?? '') ?? -1), names };
}

/** Items of a type with fewer items than this are repeated within an epoch, sqrt(RARE / items) times on average. */
const RARE = 1000;
const MOST_REPEATS = 3;

/** Indices of the items of one epoch; items of rare types occur up to three times. */
export function epochOf(items: readonly LabelledItem[]): number[] {
  const sizes = new Map<string | undefined, number>();
  for (const { labels } of items) sizes.set(labels.type, (sizes.get(labels.type) ?? 0) + 1);
  const seen = new Map<string | undefined, number>();
  return items.flatMap(({ labels: { type } }, index) => {
    const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.sqrt(RARE / sizes.get(type)!)));
    const nth = seen.get(type) ?? 0;
    seen.set(type, nth + 1);
    const times = Math.floor((nth + 1) * repeats) - Math.floor(nth * repeats);
    return Array.from({ length: times }, () => index);
  });
}

/** The class of each item by head; -1 where the label is missing or its class is not learned. */
export function targetsOf(
  items: readonly LabelledItem[],
  classes: Classes,
): Readonly<Record<HeadName, Int32Array>> {
  const entries = HEAD_NAMES.map((head) => [head, classIndices(items, head, classes[head])] as const);
  return Object.fromEntries(entries) as unknown as Readonly<Record<HeadName, Int32Array>>;
}

/** The class of each item under one head; -1 where the label is missing or not among the classes. */
export function classIndices(
  items: readonly LabelledItem[],
  head: HeadName,
  classes: readonly string[],
): Int32Array {
  const indices = new Map(classes.map((name, index) => [name, index]));
  return Int32Array.from(items, ({ labels }) => indices.get(labels[head] ?? '') ?? -1);
}
