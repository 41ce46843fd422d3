/** The contract of Engine. Each implementation has a test file that runs it. */

import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/embed/engine.ts';
import type { Model } from '../../src/embed/model.ts';
import { ClosedError } from '../../src/util/errors.ts';
import { cosine } from '../../scripts/statistics.ts';

export function engineContract(name: string, create: () => Promise<Engine>, model: Model): void {
  const { dimension, input } = model.manifest;
  const bytes = input.side ** 2 * 3;

  describe(`${name} as an Engine`, () => {
    it('returns one unit vector of the manifest’s dimension for each picture', async () => {
      const engine = await create();
      const [result] = await engine.run([noise(bytes, 1)]);
      await engine.close();
      expect(result?.embedding).toBeInstanceOf(Float32Array);
      expect(result?.embedding).toHaveLength(dimension);
      expect(Math.hypot(...(result?.embedding ?? []))).toBeCloseTo(1, 4);
    });

    it('keeps results in order, in one batch and over concurrent batches', async () => {
      const engine = await create();
      const pictures = [1, 2, 3, 4, 5].map((seed) => noise(bytes, seed));
      const alone: Float32Array[] = [];
      for (const picture of pictures) alone.push((await engine.run([picture]))[0]!.embedding);
      const together = await Promise.all(
        pictures.map(async (picture) => (await engine.run([picture]))[0]!.embedding),
      );
      const batched: Float32Array[] = [];
      for (let start = 0; start < pictures.length; start += engine.maxBatch) {
        const results = await engine.run(pictures.slice(start, start + engine.maxBatch));
        batched.push(...results.map(({ embedding }) => embedding));
      }
      await engine.close();
      pictures.forEach((_, n) => {
        expect(cosine(alone[n]!, together[n]!)).toBeGreaterThan(0.9999);
        expect(cosine(alone[n]!, batched[n]!)).toBeGreaterThan(0.9999);
      });
      expect(cosine(alone[0]!, alone[1]!)).toBeLessThan(0.9999);
    });

    it('refuses pictures of another size, empty batches and batches that are too large', async () => {
      const engine = await create();
      const picture = noise(bytes, 1);
      await expect(engine.run([picture.subarray(1)])).rejects.toThrow(RangeError);
      await expect(engine.run([])).rejects.toThrow(RangeError);
      await expect(engine.run(Array.from({ length: engine.maxBatch + 1 }, () => picture))).rejects.toThrow(
        RangeError,
      );
      await expect(engine.run([picture])).resolves.toHaveLength(1);
      await engine.close();
    });

    it('finishes what runs before it closes, closes twice, and refuses work afterwards', async () => {
      const engine = await create();
      const running = Array.from({ length: 8 }, (_, seed) => engine.run([noise(bytes, seed)]));
      expect(engine.isAlive()).toBe(true);
      await Promise.all([engine.close(), engine.close()]);
      expect(engine.isAlive()).toBe(false);
      await expect(Promise.all(running)).resolves.toHaveLength(8);
      await expect(engine.run([noise(bytes, 1)])).rejects.toThrow(ClosedError);
    });
  });
}

/** Bytes of a small linear congruential generator, the same for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
