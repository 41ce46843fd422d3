import { expect, it } from 'vitest';
import { mirroredMiddle } from '../../src/photo/mirrored-middle.ts';

const SIDE = 40;

/** Red increases from left to right, green from top to bottom, and a frame of a twentieth of the side is blue. */
function gradient(): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const isFrame = Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) < 2;
      pixels.set([x * 6, y * 6, isFrame ? 255 : 0], (y * SIDE + x) * 3);
    }
  }
  return pixels;
}

it('is the photo without its edges, mirrored', async () => {
  const middle = await mirroredMiddle(gradient(), SIDE);
  expect(middle).toHaveLength(SIDE * SIDE * 3);
  const at = (x: number, y: number): number[] => [
    ...middle.subarray((y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3),
  ];
  expect(Math.max(...middle.filter((_, n) => n % 3 === 2))).toBeLessThan(60); // Resampling leaves a trace of the frame.
  const [topLeft, topRight, bottomLeft] = [at(1, 1), at(SIDE - 2, 1), at(1, SIDE - 2)];
  expect(topLeft[0]).toBeGreaterThan(210);
  expect(topRight[0]).toBeLessThan(30);
  expect(topLeft[1]).toBeLessThan(30);
  expect(bottomLeft[1]).toBeGreaterThan(205);
});
