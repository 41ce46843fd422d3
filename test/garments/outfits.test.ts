import { describe, expect, it } from 'vitest';
import type { Garment } from '../../src/garments/find-garments.ts';
import { isOutfit } from '../../src/garments/is-outfit.ts';
import { orderGarments } from '../../src/garments/order-garments.ts';

const garment = (kind: Garment['kind'], box: Garment['box'], probability = 0.9): Garment => ({
  kind,
  box,
  probability,
  share: (box[2] - box[0]) * (box[3] - box[1]),
});

describe('a photo is an outfit', () => {
  const dress = garment('dress', [0.35, 0.15, 0.65, 0.6]);
  const shoes = garment('shoes', [0.4, 0.85, 0.6, 0.95]);

  it('with two garments of which none fills it', () => {
    expect(isOutfit([dress, shoes])).toBe(true);
    expect(isOutfit([dress])).toBe(false);
    expect(isOutfit([])).toBe(false);
  });

  it('not when one garment fills it, when the second one is doubtful, or when both are the same one', () => {
    expect(isOutfit([garment('top', [0.05, 0.05, 0.95, 0.9]), shoes])).toBe(false);
    expect(isOutfit([dress, garment('bag', [0.7, 0.4, 0.8, 0.5], 0.3)])).toBe(false);
    expect(isOutfit([dress, garment('outerwear', [0.36, 0.16, 0.66, 0.6])])).toBe(false);
  });
});

describe('the order of garments', () => {
  it('has those of the most prominent person first, one of each kind', () => {
    const [top, ownShoes, othersTop, othersShoes] = [
      garment('top', [0.1, 0.1, 0.4, 0.5]),
      garment('shoes', [0.15, 0.8, 0.35, 0.9]),
      garment('top', [0.6, 0.1, 0.85, 0.45]),
      garment('shoes', [0.65, 0.8, 0.8, 0.88]),
    ] as const;
    const ordered = orderGarments([top, othersTop, ownShoes, othersShoes]);
    expect(ordered.garments).toEqual([top, ownShoes, othersTop, othersShoes]);
    expect(ordered.severalPeople).toBe(true);
  });

  it('is not of several people because of two bags, or because one garment was found in two parts', () => {
    const top = garment('top', [0.3, 0.1, 0.6, 0.5]);
    const bags = [garment('bag', [0.1, 0.4, 0.2, 0.5]), garment('bag', [0.8, 0.4, 0.9, 0.5])];
    expect(orderGarments([top, ...bags]).severalPeople).toBe(false);
    expect(orderGarments([top, garment('top', [0.35, 0.5, 0.6, 0.6])]).severalPeople).toBe(false);
  });
});
