import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/embed/engine.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { createGarmentFinder, mirrorSquare } from '../../src/garments/garment-finder.ts';
import { type FinderManifest, loadFinder, runnableManifest } from '../../src/garments/finder-model.ts';
import { PIXEL_CLASSES, PRESENCES } from '../../src/garments/garment-kinds.ts';

const SIDE = 32;
const CELLS = 8;

const manifest: FinderManifest = {
  name: 'small',
  version: '1.0.0',
  file: 'model.onnx',
  sha256: createHash('sha256').update('weights').digest('hex'),
  input: { name: 'pixels', side: SIDE, resize: 'squash', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  output: { row: 'row' },
  classes: [...PIXEL_CLASSES],
  presences: [...PRESENCES],
  calibration: {
    garment: { bias: 0, certainty: 1, presence: 0, size: 0 },
    garmentFrom: 0.5,
    product: { bias: 0, presence: 1, share: 0, best: 0 },
    productFrom: 0.5,
    derivedFrom: 'made up',
  },
  provenance: {},
  licence: 'none',
};

/** Says that bright pixels are a bag, and that there is a product when there are any. */
function brightBags(maxBatch: number): Engine & { readonly batches: number[] } {
  const batches: number[] = [];
  let isClosed = false;
  return {
    batches,
    name: 'fake',
    device: 'cpu',
    parallelism: 1,
    maxBatch,
    run(batch) {
      batches.push(batch.length);
      return Promise.resolve(batch.map((pixels) => ({ embedding: rowOf(pixels) })));
    },
    isAlive: () => !isClosed,
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

function rowOf(pixels: Uint8Array): Float32Array {
  const cells = CELLS * CELLS;
  const row = new Float32Array(cells * PIXEL_CLASSES.length + PRESENCES.length).fill(-4);
  for (let cell = 0; cell < cells; cell++) {
    const [x, y] = [(cell % CELLS) * 4 + 2, Math.floor(cell / CELLS) * 4 + 2];
    const isBright = pixels[(y * SIDE + x) * 3]! > 128;
    row[PIXEL_CLASSES.indexOf(isBright ? 'bag' : 'nothing') * cells + cell] = 4;
    if (isBright) row[row.length - PRESENCES.length + PRESENCES.indexOf('product')] = 4;
  }
  return row;
}

/** Bright in the left half of the upper half. */
function photo(): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE / 2; y++) pixels.fill(255, y * SIDE * 3, (y * SIDE + SIDE / 2) * 3);
  return pixels;
}

describe('a garment finder', () => {
  for (const maxBatch of [1, 4]) {
    it(`looks at a photo and its mirror image, ${maxBatch === 1 ? 'one by one' : 'at once'}, and gives boxes of the photo`, async () => {
      const engine = brightBags(maxBatch);
      const finder = createGarmentFinder({ engine, model: { manifest } });
      const { garments, isProduct, productProbability } = await finder.find(photo());
      expect(engine.batches).toEqual(maxBatch === 1 ? [1, 1] : [2]);
      expect({ isProduct, kinds: garments.map(({ kind }) => kind) }).toEqual({
        isProduct: true,
        kinds: ['bag'],
      });
      expect(productProbability).toBeGreaterThan(0.9);
      [0, 0, 0.5, 0.5].forEach((edge, n) => {
        expect(garments[0]!.box[n]).toBeCloseTo(edge, 1);
      });
      await finder.close();
      expect(engine.isAlive()).toBe(false);
    });
  }

  it('finds no garment in a photo that shows no product', async () => {
    const finder = createGarmentFinder({ engine: brightBags(4), model: { manifest } });
    const found = await finder.find(new Uint8Array(SIDE * SIDE * 3));
    expect(found).toMatchObject({ garments: [], isProduct: false });
  });

  it('mirrors pixels from left to right, and back', () => {
    const pixels = Uint8Array.from({ length: 12 }, (_, n) => n);
    expect([...mirrorSquare(pixels)]).toEqual([3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
    expect(mirrorSquare(mirrorSquare(pixels))).toEqual(pixels);
  });
});

describe('a finder on disk', () => {
  const written = async (content: unknown, weights = 'weights'): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'finder-model-'));
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(content));
    await writeFile(join(folder, 'model.onnx'), weights);
    return folder;
  };

  it('is read with what engines need to know: one row of numbers a picture', async () => {
    const { runnable, manifest: read } = await loadFinder(await written(manifest));
    expect(read).toEqual(manifest);
    expect(runnable.manifest).toEqual(runnableManifest(manifest));
    expect(runnable.manifest.dimension).toBe(CELLS * CELLS * PIXEL_CLASSES.length + PRESENCES.length);
    expect(runnable.manifest.output.embedding).toBe('row');
  });

  it('says what is wrong with it: missing, not valid, of other classes, other weights', async () => {
    await expect(loadFinder('/nowhere')).rejects.toThrow(/^Cannot read the finder's manifest \/nowhere/);
    await expect(loadFinder(await written({}))).rejects.toThrow(/is not valid/);
    const older = { ...manifest, classes: ['nothing', 'top'] };
    await expect(loadFinder(await written(older))).rejects.toThrow(
      /of another version: expected the classes nothing, top, outerwear/,
    );
    await expect(loadFinder(await written(manifest, 'others'))).rejects.toThrow(/expected SHA-256/);
    await expect(loadFinder(await written(manifest, 'others'))).rejects.toThrow(OperatorError);
  });
});
