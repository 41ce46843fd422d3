import { describe, expect, it } from 'vitest';
import {
  addOverlaps,
  emptyOverlaps,
  judgeBoxes,
  kindsAlone,
  meanOverlap,
  overlap,
  trueBoxes,
} from '../../../../scripts/train/finder/finder-scores.ts';
import { classOfKind, PIXEL_CLASSES } from '../../../../src/garments/garment-kinds.ts';

const WIDTH = 20;
const [TOP, BAG] = [classOfKind('top'), classOfKind('bag')];

describe('scores of a finder', () => {
  it('take a box for right that overlaps a true one of its kind by half, each true one once', () => {
    const there = [{ kind: TOP, box: [0, 0, 0.5, 0.5], counts: true }] as const;
    expect(overlap([0, 0, 0.5, 0.5], [0, 0, 0.5, 0.25])).toBeCloseTo(0.5, 9);
    expect(overlap([0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5])).toBe(0);
    const verdicts = judgeBoxes(
      [
        { kind: TOP, box: [0, 0, 0.5, 0.4] },
        { kind: TOP, box: [0, 0, 0.5, 0.5] },
        { kind: BAG, box: [0, 0, 0.5, 0.5] },
      ],
      there,
    );
    expect(verdicts).toEqual(['right', 'wrong', 'wrong']);
  });

  it('leave out what meets a garment too small to count', () => {
    const kinds = new Uint8Array(WIDTH * WIDTH);
    kinds[45] = BAG;
    const there = trueBoxes(kinds, WIDTH);
    expect(there).toMatchObject([{ kind: BAG, counts: false }]);
    expect(judgeBoxes([{ kind: BAG, box: there[0]!.box }], there)).toEqual(['small']);
  });

  it('have one true box a kind, without crumbs, and none of skin or hair', () => {
    const classes = new Uint8Array(WIDTH * WIDTH);
    const paint = (left: number, top: number, right: number, bottom: number, place: number): void => {
      for (let y = top; y < bottom; y++) classes.fill(place, y * WIDTH + left, y * WIDTH + right);
    };
    paint(2, 2, 8, 10, TOP);
    paint(14, 2, 18, 10, TOP);
    paint(10, 18, 11, 19, TOP);
    paint(0, 12, 5, 15, PIXEL_CLASSES.indexOf('skin'));
    expect(trueBoxes(kindsAlone(classes), WIDTH)).toEqual([
      { kind: TOP, box: [0.1, 0.1, 0.9, 0.5], counts: true },
    ]);
  });

  it('are means over the classes that are found or there', () => {
    const overlaps = emptyOverlaps();
    addOverlaps(overlaps, Uint8Array.of(0, 0, TOP, TOP), Uint8Array.of(0, TOP, TOP, TOP));
    const { mean, classes } = meanOverlap(overlaps);
    expect(classes[0]).toBeCloseTo(1 / 2, 9);
    expect(classes[TOP]).toBeCloseTo(2 / 3, 9);
    expect(mean).toBeCloseTo((1 / 2 + 2 / 3) / 2, 9);
  });
});
