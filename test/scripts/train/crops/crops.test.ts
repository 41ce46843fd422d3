import { describe, expect, it } from 'vitest';
import { composeCrop, type CropPool } from '../../../../scripts/train/crops/compose-crop.ts';
import { createCropLoader } from '../../../../scripts/train/crops/crop-loader.ts';
import { typesOfLabel } from '../../../../scripts/train/crops/crop-types.ts';
import { createGarmentSampler } from '../../../../scripts/train/crops/sample-garments.ts';
import { trainingGarments } from '../../../../scripts/train/crops/training-garments.ts';
import { varyBox } from '../../../../scripts/train/crops/vary-box.ts';
import { FITTING_TYPES } from '../../../../scripts/evaluate/outfits/fitting-types.ts';
import { overlap } from '../../../../scripts/train/finder/finder-scores.ts';
import { createRandom } from '../../../../scripts/train/random.ts';
import { PIXEL_CLASSES, type GarmentKind } from '../../../../src/garments/garment-kinds.ts';
import { classesOfLabels } from '../../../../scripts/train/finder/label-classes.ts';
import { LABELS, labelledStreet, photosZip } from '../finder/outfit-fixtures.ts';

const WIDTH = 60;
const BLOUSE = [22 / 60, 20 / 90, 38 / 60, 60 / 90] as const;
const BOOTS = [22 / 60, 60 / 90, 38 / 60, 80 / 90] as const;

describe('types of a label', () => {
  it('fit the kind that the label is of, so that what is learned is what is measured', () => {
    const labels = ['blouse', 'shirt', 't-shirt', 'sweater', 'coat', 'dress', 'jeans', 'pants', 'leggings', 'shorts', 'skirt', 'boots', 'shoes', 'sandals', 'purse', 'bag', 'hat', 'sunglasses']; // prettier-ignore
    const kinds = classesOfLabels(labels);
    labels.forEach((label, n) => {
      const fitting = FITTING_TYPES[PIXEL_CLASSES[kinds[n]!] as GarmentKind];
      const types = typesOfLabel(label);
      expect(types.length).toBeGreaterThan(0);
      expect(types.filter((type) => !fitting.includes(type))).toEqual([]);
    });
    expect(typesOfLabel('blouse')).toEqual(['Tops', 'Shirts', 'Tunics']);
    expect(typesOfLabel('skin')).toEqual([]);
  });
});

describe('garments to learn from', () => {
  const found = [
    { kind: 'dress', box: [0.35, 0.2, 0.65, 0.7] }, // of another kind, but around the blouse
    { kind: 'shoes', box: [0.36, 0.66, 0.64, 0.9] },
    { kind: 'hat', box: [0, 0, 0.2, 0.2] }, // around nothing
  ] as const;

  it('have their types, their labels, their true box and the boxes that were found for them', () => {
    const garments = trainingGarments(7, labelledStreet(), LABELS, found);
    const [blouse, boots] = ['top', 'shoes'].map((kind) => garments.find((one) => one.kind === kind)!);
    expect(garments).toHaveLength(2);
    expect(blouse).toMatchObject({ photo: 7, labels: [LABELS.indexOf('blouse')], box: BLOUSE });
    expect(blouse!.found).toEqual([found[0].box]);
    expect(boots).toMatchObject({ types: ['Casual Shoes', 'Heels', 'Formal Shoes'], box: BOOTS });
    expect(boots!.found).toEqual([found[1].box]);
  });

  it('are each also one a label where a kind has several, and none where hardly anything is to be seen', () => {
    const labels = [...LABELS, 'cardigan', 'hat'];
    const picture = labelledStreet();
    for (let y = 20; y < 40; y++) {
      for (let x = 30; x < 38; x++) picture.classes[y * WIDTH + x] = labels.indexOf('cardigan');
    }
    picture.classes[0] = labels.indexOf('hat');
    const tops = trainingGarments(0, picture, labels, []).filter(({ kind }) => kind === 'top');
    expect(tops.map(({ labels: own }) => own.map((label) => labels[label]))).toEqual([
      ['blouse', 'cardigan'],
      ['blouse'],
      ['cardigan'],
    ]);
    expect(tops[0]!.types).toEqual([...typesOfLabel('blouse'), ...typesOfLabel('cardigan')]);
    expect(tops[2]!.box[0]).toBeCloseTo(30 / 60, 5);
    expect(trainingGarments(0, picture, labels, []).some(({ kind }) => kind === 'hat')).toBe(false);
  });

  it('are chosen so that rare kinds come up more often than they occur', () => {
    const garments = [
      ...Array.from({ length: 100 }, () => ({ kind: 'shoes' as const })),
      ...Array.from({ length: 4 }, () => ({ kind: 'hat' as const })),
    ];
    const sample = createGarmentSampler(garments);
    const random = createRandom(3);
    const places = Array.from({ length: 3000 }, () => sample(random));
    const hats = places.filter((place) => place >= 100).length / places.length;
    expect(hats).toBeGreaterThan(1 / 6 - 0.03); // the root of 4 against the root of 100
    expect(hats).toBeLessThan(1 / 6 + 0.03);
    expect(new Set(places).size).toBe(104);
    expect(() => createGarmentSampler([])).toThrow(RangeError);
  });
});

describe('boxes of crops', () => {
  const box = [0.3, 0.2, 0.7, 0.6] as const;
  const overlaps = (source: 'true' | 'found'): number[] =>
    Array.from({ length: 300 }, (_, seed) => overlap(box, varyBox(box, source, createRandom(seed))));

  it('err as a finder does: true ones much, sometimes around a part alone, found ones little', () => {
    expect(Math.min(...overlaps('found'))).toBeGreaterThan(0.75);
    const varied = overlaps('true');
    expect(varied.filter((value) => value < 0.5).length).toBeGreaterThan(10);
    expect(varied.filter((value) => value > 0.65).length).toBeGreaterThan(100);
    expect(Math.min(...varied)).toBeGreaterThan(0.2);
  });

  it('stay inside the photo', () => {
    for (let seed = 0; seed < 100; seed++) {
      const [left, top, right, bottom] = varyBox([0, 0, 1, 1], 'true', createRandom(seed));
      expect(left >= 0 && top >= 0 && right <= 1 && bottom <= 1).toBe(true);
      expect(right > left && bottom > top).toBe(true);
    }
  });
});

describe('crops', () => {
  const pool: CropPool = { photoCount: 1, photo: () => Promise.resolve(labelledStreet()) };
  const [blouse] = trainingGarments(0, labelledStreet(), LABELS, []);

  it('show their garment, in a photo or in a scene, the same for the same seed', async () => {
    const crops = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => composeCrop(pool, blouse!, 32, createRandom(seed))),
    );
    expect(await composeCrop(pool, blouse!, 32, createRandom(0))).toEqual(crops[0]);
    expect(crops[0]).toHaveLength(32 * 32 * 3);
    const middle = (16 * 32 + 16) * 3;
    const red = crops.filter((crop) => crop[middle]! > crop[middle + 1]! + 40);
    expect(red.length).toBeGreaterThan(30); // not where a part is hidden, or the light has no colour
    expect(new Set(crops.map((crop) => crop.join())).size).toBe(40);
  });

  it('come from a worker, batch by batch, again the same from any step on', async () => {
    const names = ['0001', '0002'];
    const photos = await photosZip(names);
    const options = { photos, names, garments: [blouse!], sideOf: () => 32, batch: 3, seed: 5 };
    const loader = createCropLoader({ ...options, firstStep: 0 });
    const batches = [await loader.next(), await loader.next()];
    await loader.close();
    const later = createCropLoader({ ...options, firstStep: 1 });
    expect(await later.next()).toEqual(batches[1]);
    await later.close();
    expect(batches[0]!.pixels).toHaveLength(3 * 32 * 32 * 3);
    expect([...batches[0]!.garments]).toEqual([0, 0, 0]);
  });

  it('that cannot be made are an error of the step', async () => {
    const options = { names: ['0009'], garments: [blouse!], sideOf: () => 32, batch: 1, seed: 5 };
    const loader = createCropLoader({ ...options, photos: await photosZip(['0001']), firstStep: 4 });
    await expect(loader.next()).rejects.toThrow(/^Preparing step 4 failed: it is not in/);
    await loader.close();
  });
});
