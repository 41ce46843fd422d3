/** How well the finder finds in photos that training does not see, measured while it is trained. */

import { mostProbable, scoreMaps, enlargeMap } from '../../../src/garments/score-maps.ts';
import {
  findGarments,
  garmentCandidates,
  type GarmentCalibration,
} from '../../../src/garments/find-garments.ts';
import { classOfKind } from '../../../src/garments/garment-kinds.ts';
import {
  addOverlaps,
  emptyOverlaps,
  judgeBoxes,
  kindsAlone,
  meanOverlap,
  PRESENT,
  trueBoxes,
} from './finder-scores.ts';
import type { FinderTrainer } from './finder-trainer.ts';

/** A labelled photo, squashed. */
export interface ValidationPhoto {
  /** RGB of a square. */
  readonly pixels: Uint8Array;
  /** Kinds, row by row, of a square of any side. */
  readonly kinds: Uint8Array;
}

export interface FinderScores {
  readonly meanOverlap: number;
  /** Of boxes, at `OVERLAP`, before anything is calibrated. */
  readonly precision: number;
  readonly recall: number;
}

/** Before it is calibrated: what is certain and not tiny. */
export const RAW_CALIBRATION: GarmentCalibration = { bias: 0, certainty: 1, presence: 0.5, size: 0 };
const LEAST = 0.5;
/** Photos that go through the network at once. */
const CHUNK = 6;

export function validateFinder(
  trainer: Pick<FinderTrainer, 'predict'>,
  photos: readonly ValidationPhoto[],
): FinderScores {
  const overlaps = emptyOverlaps();
  let [right, wrong, there] = [0, 0, 0];
  for (let start = 0; start < photos.length; start += CHUNK) {
    const chunk = photos.slice(start, start + CHUNK);
    const pixels = Buffer.concat(chunk.map((photo) => photo.pixels));
    for (const [n, row] of trainer.predict(pixels, chunk.length).entries()) {
      const { kinds } = chunk[n]!;
      const size = Math.sqrt(kinds.length);
      const maps = scoreMaps(row);
      addOverlaps(
        overlaps,
        mostProbable(maps.kinds.map((map) => enlargeMap(map, maps.side, size, size))),
        kinds,
      );
      const found = findGarments(garmentCandidates(maps), RAW_CALIBRATION, LEAST)
        .filter(({ share }) => share >= PRESENT)
        .map(({ kind, box }) => ({ kind: classOfKind(kind), box }));
      const truth = trueBoxes(kinds, size);
      for (const verdict of judgeBoxes(found, truth)) {
        if (verdict === 'right') right++;
        if (verdict === 'wrong') wrong++;
      }
      there += truth.filter(({ counts }) => counts).length;
    }
  }
  return {
    meanOverlap: meanOverlap(overlaps).mean,
    precision: right / Math.max(1, right + wrong),
    recall: right / Math.max(1, there),
  };
}

/** As it is validated with: the kinds of the labels in a square as large as the pixels'. */
export function validationPhoto(pixels: Uint8Array, classes: Uint8Array): ValidationPhoto {
  return { pixels, kinds: kindsAlone(classes) };
}
