import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedRows } from '../../../../scripts/evaluate/cached-rows.ts';
import { FITTING_TYPES, fits } from '../../../../scripts/evaluate/outfits/fitting-types.ts';
import { type AnsweredPhoto, outfitFigures } from '../../../../scripts/evaluate/outfits/outfit-scores.ts';
import { outfitTables } from '../../../../scripts/evaluate/outfits/outfit-tables.ts';
import { GARMENT_KINDS } from '../../../../src/garments/garment-kinds.ts';
import { freshPath } from '../../../sources/fixtures.ts';
import { runScript } from '../../run-script.ts';

describe('what fits a garment', () => {
  it('is by the rules that earlier figures were counted with', () => {
    const counts = GARMENT_KINDS.map((kind) => FITTING_TYPES[kind].length);
    expect(counts).toEqual([10, 8, 4, 9, 1, 1, 8, 8, 2, 1]);
    expect(FITTING_TYPES.dress).toEqual(['Dresses', 'Jumpsuit', 'Rompers', 'Tunics']);
    // A jacket is right for a top and for outerwear, a waistcoat too; a shirt is right for a top alone.
    const kindsOf = (type: string) => GARMENT_KINDS.filter((kind) => fits(kind, type));
    expect(kindsOf('Jackets')).toEqual(['top', 'outerwear']);
    expect(kindsOf('Tunics')).toEqual(['top', 'dress']);
    expect(kindsOf('Shirts')).toEqual(['top']);
    expect(kindsOf('Capris')).toEqual(['trousers']);
    expect(kindsOf('Flip Flops')).toEqual(['shoes']);
    expect(kindsOf('Watches')).toEqual([]);
    expect(fits('top', undefined)).toBe(false);
  });
});

describe('figures of outfits', () => {
  const photo: AnsweredPhoto = {
    there: [
      { kind: 'dress', types: ['Dresses', 'Tunics', 'Tops', 'Tops', 'Skirts'] },
      { kind: 'shoes', types: ['Heels', 'Heels', 'Flats', 'Heels', 'Heels'] },
    ],
    // The dress is taken for a top and a skirt.
    found: [
      { kind: 'top', types: ['Tops', 'Tops', 'Tunics', 'Tops', 'Tops'] },
      { kind: 'skirt', types: ['Skirts', 'Skirts', 'Skirts', 'Skirts', undefined] },
    ],
    answer: ['Tops', 'Skirts', 'Tops', 'Heels', 'Tops'],
    whole: ['Tops', 'Dresses', 'Tops', 'Tops', 'Watches'],
  };

  it('count items that fit, and garments that have one', () => {
    const figures = outfitFigures([photo]);
    expect(figures).toMatchObject({ photos: 1, garments: 2, trueBoxes: 0.7 });
    expect(figures.byKind.dress).toEqual({ count: 1, share: 0.4 });
    expect(figures.byKind.shoes).toEqual({ count: 1, share: 1 });
    expect(figures.byKind.hat).toEqual({ count: 0, share: 0 });
    expect(figures.galleries).toBe(0.1); // one tunic of ten items
    expect(figures.represented).toBe(1); // the dress by that tunic, the shoes by the first answer
    expect(figures.representedByKind).toBe(0.5); // no gallery is of a dress
    expect(figures.answers).toBe(0.2);
    expect(figures.whole).toEqual({ answers: 0.2, represented: 0.5 });
  });

  it('are 0 without photos, and are shown with their names', () => {
    const none = outfitFigures([]);
    expect(none).toMatchObject({ photos: 0, garments: 0, trueBoxes: 0, represented: 0 });
    const tables = outfitTables([{ name: 'a model 1.2.0', figures: outfitFigures([photo]) }]);
    expect(tables).toContain('| a model 1.2.0 | 1.000 | 0.500 | 0.100 | 0.200 | 0.500 | 0.200 |');
    expect(tables).toContain('| a model 1.2.0 | 0.700 | 0.000 | 0.000 | 0.400 |');
  });
});

describe('embeddings of items', () => {
  const fingerprint = { model: 'm', version: '1', head: 'h', dimension: 2, weights: 'w', preprocessing: 'p' };

  it('are kept for the same model and items alone, and a file cut short is made again', async () => {
    const folder = freshPath('cache');
    let count = 0;
    const rows = (ids: readonly string[], weights = 'w') =>
      cachedRows({ folder, fingerprint: { ...fingerprint, weights }, ids }, () => {
        count++;
        const vectors = Float32Array.from({ length: 2 * ids.length }, (_, n) => n + count / 8);
        return Promise.resolve({ vectors, dimension: 2 });
      });
    const first = await rows(['a', 'b']);
    expect(await rows(['a', 'b'])).toEqual(first);
    expect(count).toBe(1);
    await rows(['b', 'a']);
    await rows(['a', 'b'], 'other');
    expect(count).toBe(3);
    for (const file of readdirSync(folder)) truncateSync(join(folder, file), 5);
    expect((await rows(['a', 'b'])).vectors[0]).toBe(4 / 8);
    expect(await rows(['a', 'b'])).toEqual(await rows(['a', 'b']));
  });
});

it('npm run evaluate -- outfits refuses what it cannot measure with', async () => {
  for (const [args, message] of [
    [['--views', '3'], '--views: expected 1 or 2, got "3".'],
    [['--margin', '3'], '--margin: expected a number from 0 to 2, got "3".'],
    [['--finder', '/nowhere'], "Cannot read the finder's manifest /nowhere"],
  ] as const) {
    const { code, stderr } = await runScript('scripts/evaluate.ts', ['outfits', ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  }
}, 120_000);
