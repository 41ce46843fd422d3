/** What npm run evaluate reports: tables for people, JSON and confusion matrices for files. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { confusionPicture } from './confusion-picture.ts';
import type { Evaluation } from './evaluate-model.ts';

export interface Result {
  /** Name of the model. */
  readonly name: string;
  /** Name of the engine and its device. */
  readonly engine: string;
  readonly evaluation: Evaluation;
}

/** Markdown. */
export function resultTables(results: readonly Result[]): string {
  return `${searchTable(results)}\n${labelTable(results)}`;
}

/** Writes evaluation.md, evaluation.json and a confusion matrix as SVG for each model that has a classifier of types. */
export async function writeResults(
  folder: string,
  report: string,
  results: readonly Result[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'evaluation.md'), report);
  const plain = results.map(({ name, engine, evaluation }) => ({
    name,
    engine,
    ...evaluation,
    confusion: undefined,
    embeddings: undefined,
    photoClasses: evaluation.photoClasses?.scores,
  }));
  await writeFile(join(folder, 'evaluation.json'), `${JSON.stringify(plain, null, 2)}\n`);
  for (const { name, engine, evaluation } of results) {
    const pictures = [
      ['confusion', evaluation.confusion],
      ['confusion-photos', evaluation.photoClasses?.confusion],
    ] as const;
    for (const [what, confusion] of pictures) {
      if (!confusion) continue;
      const file = `${what}-${name}-${engine}.svg`.replaceAll(/[ ,]+/g, '-');
      await writeFile(join(folder, file), confusionPicture(confusion));
    }
  }
}

// --- Internal helpers ---

function searchTable(results: readonly Result[]): string {
  const head = [
    'model',
    'engine',
    'type',
    'colour',
    'gender',
    'all three',
    'real photos',
    'mean over classes',
  ];
  const rows = results.map(({ name, engine, evaluation }) => {
    const { type, colour, gender, all, photos, photosByClass } = evaluation;
    const found = ({ precision, recall }: typeof all): string =>
      `${precision.toFixed(3)} (${recall.toFixed(3)})`;
    const classes = Object.values(photosByClass);
    const mean = classes.reduce((sum, value) => sum + value, 0) / classes.length;
    const ofPhotos = classes.length === 0 ? ['-', '-'] : [found(photos), mean.toFixed(3)];
    return [name, engine, ...[type, colour, gender, all].map(found), ...ofPhotos];
  });
  return `Precision at 5 (in brackets: share of queries with at least one right result among five)\n\n${table(head, rows)}`;
}

function labelTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, engine, evaluation }) => {
    const scores = Object.entries(evaluation.classifiers);
    const ofPhotos = evaluation.photoClasses?.scores;
    if (ofPhotos && ofPhotos.count > 0)
      scores.push(['class of a real photo, from its predicted type', ofPhotos]);
    return scores.map(([label, { accuracy, macroF1, count }]) => [
      name,
      engine,
      label,
      accuracy.toFixed(3),
      macroF1.toFixed(3),
      `${count}`,
    ]);
  });
  if (rows.length === 0) return '';
  return `Classifiers\n\n${table(['model', 'engine', 'label', 'accuracy', 'macro F1', 'queries'], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
