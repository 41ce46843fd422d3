import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { composeScene, type ScenePool } from '../../../../scripts/train/finder/compose-scene.ts';
import { draw, emptyCanvas } from '../../../../scripts/train/finder/draw-scene.ts';
import { classesOfLabels, classOfType } from '../../../../scripts/train/finder/label-classes.ts';
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
import { sharp } from '../../../../src/photo/sharp.ts';
import { zipOf } from '../../../sources/fixtures.ts';

const LABELS = ['null', 'blouse', 'skin', 'boots', 'scarf', 'suit'];
const COLOURS = [[0, 0, 0], [200, 10, 10], [220, 180, 150], [40, 40, 40], [10, 200, 10], [90, 90, 200]] as const; // prettier-ignore

/** A grey street with a person in its middle: head, blouse, boots. */
function street(): Scene {
  const [width, height] = [60, 90];
  const data = new Uint8Array(width * height * 3).fill(150);
  const classes = new Uint8Array(width * height);
  const paint = (top: number, bottom: number, label: number, place: number): void => {
    for (let y = top; y < bottom; y++) {
      for (let x = 22; x < 38; x++) {
        data.set(COLOURS[label]!, (y * width + x) * 3);
        classes[y * width + x] = place;
      }
    }
  };
  paint(10, 20, 2, PIXEL_CLASSES.indexOf('skin'));
  paint(20, 60, 1, classOfKind('top'));
  paint(60, 80, 3, classOfKind('shoes'));
  return { width, height, data, classes };
}

/** The same as files of the data set. */
async function photosZip(names: readonly string[]): Promise<string> {
  const { width, height, data, classes } = street();
  const raw = { width, height, channels: 3 } as const;
  const indices = Uint8Array.from(classes, (place) => LABELS.findIndex((_, n) => place === PLACES[n]));
  const png = indexedPng(indices, COLOURS, width);
  const jpeg = await sharp(data, { raw }).jpeg({ quality: 95 }).toBuffer();
  const files: Record<string, string | Uint8Array> = { 'labels.json': JSON.stringify(LABELS) };
  for (const name of names) {
    files[`photos/${name}.jpg`] = jpeg;
    files[`labels/${name}.png`] = png;
  }
  return zipOf(files, 'outfit-photos.zip');
}
const PLACES = classesOfLabels(LABELS);

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

// --- Internal helpers ---

/** A PNG of 8-bit palette indices, which sharp cannot write with a palette of ours (PNG specification, third edition). */
function indexedPng(indices: Uint8Array, palette: readonly (readonly number[])[], width: number): Buffer {
  const height = indices.length / width;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bit, indexed
  const rows = Array.from({ length: height }, (_, y) => [0, ...indices.subarray(y * width, (y + 1) * width)]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, checksum]);
}
