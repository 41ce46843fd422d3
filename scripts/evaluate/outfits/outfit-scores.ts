/** How well outfits are answered, from the article types of what is shown. Pure. */

import { GARMENT_KINDS, type GarmentKind } from '../../../src/garments/garment-kinds.ts';
import { fits } from './fitting-types.ts';

/** Article types of items, the closest first; undefined: an item without one. */
export type Types = readonly (string | undefined)[];

export interface AnsweredGarment {
  readonly kind: GarmentKind;
  /** Of its five closest items. */
  readonly types: Types;
}

export interface AnsweredPhoto {
  /** What is in the photo, with the items closest to the crop of its true box. */
  readonly there: readonly AnsweredGarment[];
  /** What the finder finds, with the items of its gallery. */
  readonly found: readonly AnsweredGarment[];
  /** The first answer. */
  readonly answer: Types;
  /** The items closest to the whole photo, as an answer without a finder has them. */
  readonly whole: Types;
}

export interface OutfitFigures {
  readonly photos: number;
  readonly garments: number;
  /** Share of the items closest to true boxes that fit, over garments; all and by kind. */
  readonly trueBoxes: number;
  readonly byKind: Readonly<Record<GarmentKind, { readonly count: number; readonly share: number }>>;
  /** Share of the items in the galleries of found garments that fit any garment which is in the photo. */
  readonly galleries: number;
  /** Share of the garments with a fitting item in any gallery of the photo or in the first answer. */
  readonly represented: number;
  /** The same, where only galleries of garments of the same kind count. */
  readonly representedByKind: number;
  /** Share of the items of first answers that fit any garment which is in the photo. */
  readonly answers: number;
  /** What whole photos are answered with: share of items that fit any garment, and of garments that have a fitting item. */
  readonly whole: { readonly answers: number; readonly represented: number };
}

export function outfitFigures(photos: readonly AnsweredPhoto[]): OutfitFigures {
  const there = photos.flatMap((photo) => photo.there.map((garment) => ({ photo, ...garment })));
  const fitsAny = (photo: AnsweredPhoto, types: Types): number =>
    types.filter((type) => photo.there.some(({ kind }) => fits(kind, type))).length;
  const share = (typesOf: (photo: AnsweredPhoto) => Types): number =>
    ratio(
      sum(photos, (photo) => fitsAny(photo, typesOf(photo))),
      sum(photos, (photo) => typesOf(photo).length),
    );
  const represented = (shown: (photo: AnsweredPhoto, kind: GarmentKind) => Types): number =>
    ratio(
      there.filter(({ photo, kind }) => shown(photo, kind).some((type) => fits(kind, type))).length,
      there.length,
    );
  const right = (garments: readonly AnsweredGarment[]): number =>
    ratio(
      sum(garments, ({ kind, types }) => types.filter((type) => fits(kind, type)).length),
      sum(garments, ({ types }) => types.length),
    );
  const galleries = (found: readonly AnsweredGarment[]): Types => found.flatMap(({ types }) => types);
  return {
    photos: photos.length,
    garments: there.length,
    trueBoxes: right(there),
    byKind: Object.fromEntries(
      GARMENT_KINDS.map((kind) => {
        const own = there.filter((garment) => garment.kind === kind);
        return [kind, { count: own.length, share: right(own) }];
      }),
    ) as OutfitFigures['byKind'],
    galleries: share(({ found }) => galleries(found)),
    represented: represented((photo) => [...galleries(photo.found), ...photo.answer]),
    representedByKind: represented((photo, kind) => [
      ...galleries(photo.found.filter((garment) => garment.kind === kind)),
      ...photo.answer,
    ]),
    answers: share(({ answer }) => answer),
    whole: { answers: share(({ whole }) => whole), represented: represented(({ whole }) => whole) },
  };
}

// --- Internal helpers ---

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function ratio(part: number, all: number): number {
  return part / Math.max(1, all);
}
