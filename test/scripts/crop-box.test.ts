import { describe, expect, it } from 'vitest';
import { cropBox } from '../../scripts/crop-box.ts';

const PHOTO = { width: 200, height: 400 };
const BOX = [0.25, 0.25, 0.75, 0.5] as const; // 100 x 100 pixels

describe('the crop of a garment', () => {
  it('is its box, in whole pixels of the photo', () => {
    expect(cropBox(BOX, PHOTO, { margin: 0 })).toEqual({ left: 50, top: 100, width: 100, height: 100 });
    expect(cropBox([0.001, 0, 0.999, 1], PHOTO, { margin: 0 })).toEqual({
      left: 0,
      top: 0,
      width: 200,
      height: 400,
    });
  });

  it('has a margin in parts of the box at each side, and ends where the photo does', () => {
    expect(cropBox(BOX, PHOTO, { margin: 0.1 })).toEqual({ left: 40, top: 90, width: 120, height: 120 });
    expect(cropBox([0, 0, 0.5, 0.25], PHOTO, { margin: 0.2 })).toEqual({
      left: 0,
      top: 0,
      width: 120,
      height: 120,
    });
  });

  it('is widened to a shape around its middle, never cut', () => {
    expect(cropBox(BOX, PHOTO, { margin: 0, aspect: 0.5 })).toEqual({
      left: 50,
      top: 50,
      width: 100,
      height: 200,
    });
    expect(cropBox(BOX, PHOTO, { margin: 0, aspect: 2 })).toEqual({
      left: 0,
      top: 100,
      width: 200,
      height: 100,
    });
  });

  it('has at least one pixel inside the photo, whatever the box', () => {
    for (const box of [
      [0.5, 0.5, 0.5, 0.5],
      [1, 1, 1, 1],
      [1.2, 1.2, 1.5, 1.5],
      [-0.5, -0.5, -0.2, -0.2],
    ] as const) {
      const { left, top, width, height } = cropBox(box, PHOTO);
      expect(width).toBeGreaterThanOrEqual(1);
      expect(height).toBeGreaterThanOrEqual(1);
      expect(left >= 0 && left + width <= PHOTO.width).toBe(true);
      expect(top >= 0 && top + height <= PHOTO.height).toBe(true);
    }
  });
});
