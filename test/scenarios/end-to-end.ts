/** End-to-end tests with the real model and the demo inventory: photo bytes in, pictures out. Only the platform is a fake. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealBot, type RealBot } from '../adapters/real-bot.ts';
import { cosine } from '../../scripts/statistics.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { assetsFolder, shippedModel } from '../shipped-model.ts';
import type { DoorDriver, OpenDoor } from './door-driver.ts';

const decoder = createPhotoDecoder();
const demoFolder = join(assetsFolder, 'demo-inventory');

/** Posts each sample photo of the web chat and compares the answer with a search that the test does by itself. */
export function describeEndToEnd(door: string, openDoor: OpenDoor): void {
  describe(`a photo that is sent through the ${door} door`, () => {
    let bot: RealBot;
    let driver: DoorDriver;
    let shop: readonly ShopItem[];

    beforeAll(async () => {
      shop = await readShop();
      bot = await createRealBot();
      driver = await openDoor(bot);
      await driver.start();
      // Imports the demo inventory and warms up the model.
    }, 120_000);
    afterAll(async () => {
      await driver.close();
      await bot.close();
    });

    it.each(['dress', 'shirt', 'shoes', 't-shirt'])(
      'of the sample %s is answered with the pictures of the five nearest items',
      async (name) => {
        const bytes = await readFile(join(assetsFolder, 'web', 'samples', `${name}.jpg`));
        const nearest = fiveNearest(await embed(bot, bytes), shop);
        const person = driver.person(`Ada with a ${name}`);
        // As a file, because Telegram scales photos down, which changes their embedding.
        await driver.post(person, 'direct', [{ bytes, name: `${name}.jpg`, type: 'image/jpeg' }], {
          asFiles: true,
        });
        let answer = await driver.answer('direct', person, 1);
        if (nearest[0]!.similarity < shippedModel.manifest.similarity.weakBelow) {
          expect(answer.pictures).toEqual([]);
          await driver.click(person, answer, 'Show the nearest anyway');
          await driver.until(() => driver.answers('direct', person)[0]?.pictures.length === 5, 'the nearest');
          answer = driver.answers('direct', person)[0]!;
        }
        const tiles = await Promise.all(
          nearest.map(async ({ item }) =>
            decoder.tile(await readFile(join(demoFolder, 'images', `${item.id}.jpg`))),
          ),
        );
        expect(answer.pictures).toHaveLength(5);
        answer.pictures.forEach(({ bytes: shown }, place) => {
          expect(shown.equals(tiles[place]!), `picture ${place + 1}`).toBe(true);
        });
        nearest.forEach(({ item, similarity }, place) => {
          expect(answer.pictures[place]?.text).toContain(item.title);
          expect(answer.pictures[place]?.text).toContain(similarity.toFixed(2));
          expect(answer.text).toContain(item.title);
        });
      },
    );
  });
}

// --- Internal helpers ---

interface ShopItem {
  readonly id: string;
  readonly title: string;
  readonly vector: Float32Array;
}

/** Reads the demo inventory from its files, without the product's own code. */
async function readShop(): Promise<readonly ShopItem[]> {
  const generation = join(demoFolder, 'index', (await text(join(demoFolder, 'index', 'current'))).trim());
  const lines = async (path: string): Promise<{ id: string; title: string }[]> =>
    (await text(path))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; title: string });
  const entries = await lines(join(generation, 'entries.jsonl'));
  const titles = new Map((await lines(join(demoFolder, 'items.jsonl'))).map(({ id, title }) => [id, title]));
  const raw = await readFile(join(generation, 'vectors.f32'));
  const { dimension } = shippedModel.fingerprint;
  return entries.map(({ id }, row) => ({
    id,
    title: titles.get(id) ?? '',
    vector: Float32Array.from({ length: dimension }, (_, column) =>
      raw.readFloatLE(4 * (row * dimension + column)),
    ),
  }));
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8');
}

async function embed({ parts: { embedder } }: RealBot, bytes: Buffer): Promise<Float32Array> {
  const { whole, middle } = await (await decoder.open(bytes)).views(embedder.input.side);
  const [one, two] = [
    await embedder.embed(whole, { priority: 'interactive' }),
    await embedder.embed(middle, { priority: 'interactive' }),
  ];
  const length = Math.hypot(...one.map((value, n) => value + two[n]!));
  return one.map((value, n) => (value + two[n]!) / length);
}

/** Compares the query with every item, and leaves out duplicates of items that are nearer. */
function fiveNearest(
  query: Float32Array,
  shop: readonly ShopItem[],
): { readonly item: ShopItem; readonly similarity: number }[] {
  const { duplicateFrom } = shippedModel.manifest.similarity;
  const ranked = shop
    .map((item) => ({ item, similarity: cosine(query, item.vector) }))
    .sort((a, b) => b.similarity - a.similarity);
  const distinct: typeof ranked = [];
  for (const one of ranked) {
    if (distinct.every(({ item }) => cosine(item.vector, one.item.vector) < duplicateFrom))
      distinct.push(one);
    if (distinct.length === 5) break;
  }
  return distinct;
}
