import { describe, expect, it } from 'vitest';
import { composeScene, type ScenePool } from '../../../../scripts/train/finder/compose-scene.ts';
import { draw, emptyCanvas } from '../../../../scripts/train/finder/draw-scene.ts';
import { classOfType } from '../../../../scripts/train/finder/label-classes.ts';
import { sceneOfItem } from '../../../../scripts/train/finder/open-scene-pool.ts';
import {
  openOutfitPhotos,
  type Scene,
  splitOfPhoto,
  UNKNOWN,
} from '../../../../scripts/train/finder/outfit-photos.ts';
import { targetsOfScene } from '../../../../scripts/train/finder/scene-targets.ts';
import { createSceneLoader } from '../../../../scripts/train/finder/scene-loader.ts';
import { createRandom } from '../../../../scripts/train/random.ts';
import { OperatorError } from '../../../../src/util/errors.ts';
import { classOfKind, PIXEL_CLASSES, PRESENCES } from '../../../../src/garments/garment-kinds.ts';
import { zipOf } from '../../../sources/fixtures.ts';
import { photosZip, PLACES, street } from './outfit-fixtures.ts';

describe('labelled photos', () => {
  it('have classes by their labels; what is no kind of ours is an accessory', () => {
    const names = [...PLACES].map((place) => PIXEL_CLASSES[place]);
    expect(names).toEqual(['nothing', 'top', 'skin', 'shoes', 'accessory', 'suit']);
    expect(classOfType('Heels')).toBe(classOfKind('shoes'));
    expect(classOfType('Watches')).toBe(PIXEL_CLASSES.indexOf('accessory'));
    expect(classOfType('Kurtas')).toBeUndefined();
  });

  it('are split by their number alone, about a fifth of them to validate with', () => {
    const names = Array.from({ length: 1000 }, (_, n) => String(n + 1).padStart(4, '0'));
    const share = names.filter((name) => splitOfPhoto(name) === 'validation').length / names.length;
    expect(share).toBeGreaterThan(0.16);
    expect(share).toBeLessThan(0.24);
    expect(splitOfPhoto('0042')).toBe(splitOfPhoto('42'));
  });

  it('are read with the class of each pixel, in any size', async () => {
    const photos = await openOutfitPhotos(await photosZip(['0001', '0002']));
    expect(photos.names).toEqual(['0001', '0002']);
    const { width, height, data, classes } = await photos.scene('0002', { width: 30, height: 45 });
    expect([width, height, data.length]).toEqual([30, 45, 30 * 45 * 3]);
    expect(classes[20 * 30 + 15]).toBe(classOfKind('top'));
    expect(classes[35 * 30 + 15]).toBe(classOfKind('shoes'));
    expect(classes[0]).toBe(0);
    await photos.close();
  });

  it('are asked for by name when they are missing', async () => {
    await expect(openOutfitPhotos('/nowhere/outfit-photos.zip')).rejects.toThrow(OperatorError);
    await expect(openOutfitPhotos(await zipOf({ 'labels.json': '["null"]' }))).rejects.toThrow(
      'photos/NUMBER.jpg',
    );
  });
});

describe('scenes', () => {
  const pool: ScenePool = {
    photoCount: 1,
    photo: () => Promise.resolve(street()),
    itemCount: 1,
    item: () => Promise.resolve(street()),
  };

  it('are the same for the same seed, and say what is in them', async () => {
    const sorts = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      const scene = await composeScene(pool, 0, 32, createRandom(seed));
      const again = await composeScene(pool, 0, 32, createRandom(seed));
      expect(again.data).toEqual(scene.data);
      const { classes, presence } = targetsOfScene(scene);
      expect(classes).toHaveLength(64);
      sorts.add(presence[PRESENCES.indexOf('product')]!);
    }
    expect(sorts.has(0)).toBe(true); // streets without anybody
    expect(sorts.has(1)).toBe(true);
  });

  it('are drawn where they are put, mirrored by a negative scale; cut out, only what is something', () => {
    const canvas = emptyCanvas(30);
    const source = street();
    const placement = { from: { x: 30, y: 45 }, to: { x: 15, y: 15 }, scale: { x: -0.5, y: 1 / 3 }, turn: 0 };
    draw(canvas, source, placement, 'cut');
    expect(canvas.classes[0]).toBe(0);
    expect([...canvas.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(canvas.classes[15 * 30 + 15]).toBe(classOfKind('top'));
    draw(canvas, source, placement, 'whole');
    expect([...canvas.data.subarray(0, 3)]).toEqual([150, 150, 150]);
  });

  it('say that too little of a garment is neither there nor not there', () => {
    const classes = new Uint8Array(64 * 64);
    classes[5] = classOfKind('hat');
    const { presence } = targetsOfScene({ width: 64, height: 64, data: new Uint8Array(0), classes });
    expect(presence[PRESENCES.indexOf('hat')]).toBe(UNKNOWN);
    expect(presence[PRESENCES.indexOf('top')]).toBe(0);
    expect(presence[PRESENCES.indexOf('product')]).toBe(UNKNOWN);
  });

  it('of products have no class where somebody wears them', () => {
    const [width, height] = [30, 40];
    const product = (skin: number): Scene => {
      const data = new Uint8Array(width * height * 3).fill(255);
      for (let y = 10; y < 30; y++) {
        for (let x = 8; x < 22; x++)
          data.set(y < 10 + skin ? [220, 170, 140] : [20, 40, 160], (y * width + x) * 3);
      }
      return sceneOfItem({ width, height, data }, classOfKind('top'));
    };
    expect(product(0).classes[20 * width + 15]).toBe(classOfKind('top'));
    expect(product(0).classes[0]).toBe(0);
    expect(product(6).classes[20 * width + 15]).toBe(UNKNOWN);
  });

  it('are composed in a worker, batch by batch, again the same from any step on', async () => {
    const photos = await photosZip(['0001', '0002', '0003']);
    const options = { photos, names: ['0001', '0002', '0003'], editions: undefined, items: [], sideOf: () => 32, batch: 2, seed: 5 }; // prettier-ignore
    const loader = createSceneLoader({ ...options, firstStep: 0 });
    const batches = [await loader.next(), await loader.next()];
    await loader.close();
    const later = createSceneLoader({ ...options, firstStep: 1 });
    expect(await later.next()).toEqual(batches[1]);
    await later.close();
    expect(batches[0]!.pixels).toHaveLength(2 * 32 * 32 * 3);
    expect(batches[0]!.presence).toHaveLength(2 * PRESENCES.length);
  });
});
