/** The figures of outfits as tables for people. */

import { GARMENT_KINDS } from '../../../src/garments/garment-kinds.ts';
import type { OutfitFigures } from './outfit-scores.ts';

/** Markdown. */
export function outfitTables(results: readonly { name: string; figures: OutfitFigures }[]): string {
  const part = (value: number): string => value.toFixed(3);
  const answers = results.map(({ name, figures }) => [
    name,
    part(figures.represented),
    part(figures.representedByKind),
    part(figures.galleries),
    part(figures.answers),
    part(figures.whole.represented),
    part(figures.whole.answers),
  ]);
  const boxes = results.map(({ name, figures }) => [
    name,
    part(figures.trueBoxes),
    ...GARMENT_KINDS.map((kind) => part(figures.byKind[kind].share)),
  ]);
  const counts = results
    .slice(0, 1)
    .map(({ figures }) => [
      'garments',
      `${figures.garments}`,
      ...GARMENT_KINDS.map((kind) => `${figures.byKind[kind].count}`),
    ]);
  return (
    'With boxes found by the finder: garments of a photo with a fitting item in any gallery or in the first answer, the same where only ' +
    "galleries of the garment's kind count, items of galleries that fit a garment in the photo, items of first answers that do; " +
    'and whole photos, searched without a finder: garments with a fitting item, items that fit.\n\n' +
    table(
      [
        'model',
        'represented',
        'by its kind',
        'galleries',
        'first answers',
        'whole: represented',
        'whole: items',
      ],
      answers,
    ) +
    '\nWith true boxes: share of the five closest items that fit, over garments\n\n' +
    table(['model', 'all', ...GARMENT_KINDS], [...counts, ...boxes])
  );
}

// --- Internal helpers ---

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
