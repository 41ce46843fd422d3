/** Clients that send photos to the web chat's API, each one after another. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { quantile } from '../statistics.ts';

export interface Load {
  /** Answers per second of all clients together. */
  readonly perSecond: number;
  /** From the request to the parsed JSON, in milliseconds. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly address: string;
  readonly photos: readonly Uint8Array<ArrayBuffer>[];
  readonly clients: number;
  readonly seconds: number;
}

/** Warms up with one answer, then keeps every client busy for the given time. @throws when an answer is not a gallery of five. */
export async function load({ address, photos, clients, seconds }: LoadOptions): Promise<Load> {
  const times: number[] = [];
  await ask(address, photos[0]!);
  const started = performance.now();
  const end = started + seconds * 1000;
  const client = async (first: number): Promise<void> => {
    for (let n = first; performance.now() < end; n++) {
      const sent = performance.now();
      await ask(address, photos[n % photos.length]!);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  const perSecond = (times.length * 1000) / (performance.now() - started);
  return { perSecond, medianMs: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** Every photo of a folder as a 1280x960 JPEG of quality 85, as a phone's chat app would send it. */
export async function phonePhotos(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const photo = sharp(await readFile(join(folder, name))).resize(1280, 960, { fit: 'cover' });
      return Uint8Array.from(await photo.jpeg({ quality: 85 }).toBuffer());
    }),
  );
}

// --- Internal helpers ---

async function ask(address: string, photo: Uint8Array<ArrayBuffer>): Promise<void> {
  const form = new FormData();
  form.set('photo', new Blob([photo], { type: 'image/jpeg' }), 'photo.jpg');
  const response = await fetch(`${address}/api/recommendations`, { method: 'POST', body: form });
  const body = (await response.json()) as { galleries?: { items: unknown[] }[] };
  if (!response.ok || body.galleries?.[0]?.items.length !== 5) {
    throw new Error(
      `Expected a gallery of five, got ${response.status}: ${JSON.stringify(body).slice(0, 300)}`,
    );
  }
}
