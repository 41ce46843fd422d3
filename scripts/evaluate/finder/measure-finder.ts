/** What a finder says of photos that training never saw: labelled ones, pieces of street, and real photos of single garments. */

import pMap from 'p-map';
import { type FoundGarment, garmentCandidates } from '../../../src/garments/find-garments.ts';
import type { GarmentFinder } from '../../../src/garments/garment-finder.ts';
import { classOfKind } from '../../../src/garments/garment-kinds.ts';
import { enlargeMap, mostProbable, type ScoreMaps } from '../../../src/garments/score-maps.ts';
import type { PhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { sharp } from '../../../src/photo/sharp.ts';
import {
  addOverlaps,
  type ClassOverlaps,
  emptyOverlaps,
  judgeBoxes,
  kindsAlone,
  PRESENT,
  type TrueBox,
  trueBoxes,
} from '../../train/finder/finder-scores.ts';
import type { OutfitPhotos } from '../../train/finder/outfit-photos.ts';
import { streetPatches } from './street-patches.ts';

export interface MeasuredPhoto {
  readonly name: string;
  readonly maps: ScoreMaps;
  readonly candidates: readonly JudgedCandidate[];
  readonly truth: readonly TrueBox[];
}

export interface JudgedCandidate extends FoundGarment {
  /** `small`: too little of it is there to count. */
  readonly verdict: 'right' | 'wrong' | 'small';
}

/** A picture that either is of a garment or is not. */
export interface MeasuredPicture {
  readonly name: string;
  readonly maps: ScoreMaps;
  readonly candidates: readonly FoundGarment[];
}

export interface FinderMeasurements {
  readonly photos: readonly MeasuredPhoto[];
  readonly overlaps: ClassOverlaps;
  /** Share of the pixels whose class (a kind, or nothing) is predicted correctly. */
  readonly pixelsRight: number;
  readonly streets: readonly MeasuredPicture[];
  readonly garments: readonly MeasuredPicture[];
}

export interface MeasureOptions {
  readonly finder: Pick<GarmentFinder, 'maps'>;
  readonly side: number;
  readonly decoder: PhotoDecoder;
  readonly outfits: OutfitPhotos;
  /** Of the photos that training never saw. */
  readonly names: readonly string[];
  /** Real photos of single garments. */
  readonly garments: readonly { readonly name: string; read(): Promise<Uint8Array> }[];
  /** Photos that are measured at a time. */
  readonly concurrency: number;
  readonly onProgress: (done: number, total: number) => void;
}

const PATCHES = 3;
const BULK = { priority: 'bulk' } as const;

export async function measureFinder(options: MeasureOptions): Promise<FinderMeasurements> {
  const { finder, side, decoder, outfits, names, garments, concurrency, onProgress } = options;
  const overlaps = emptyOverlaps();
  const total = names.length + garments.length;
  let [right, pixels, done] = [0, 0, 0];
  const measure = async (name: string, bytes: Uint8Array): Promise<MeasuredPicture> => {
    const maps = await finder.maps(await decoder.decode(bytes, { side }, BULK));
    return { name, maps, candidates: garmentCandidates(maps) };
  };

  const outdoors = await pMap(
    names,
    async (name) => {
      const bytes = await outfits.bytes(name);
      const { width, height, classes } = await outfits.scene(name);
      const { maps, candidates } = await measure(name, bytes);
      const there = kindsAlone(classes);
      const found = mostProbable(maps.kinds.map((map) => enlargeMap(map, maps.side, width, height)));
      addOverlaps(overlaps, found, there);
      right += found.reduce((sum, kind, pixel) => sum + (kind === there[pixel] ? 1 : 0), 0);
      pixels += found.length;
      const truth = trueBoxes(there, width);
      const streets: MeasuredPicture[] = [];
      for (const [n, window] of streetPatches(classes, width, PATCHES, Number(name)).entries()) {
        streets.push(await measure(`${name}.${n}`, await sharp(bytes).extract(window).png().toBuffer()));
      }
      onProgress(++done, total);
      return { photo: { name, maps, truth, candidates: judged(candidates, truth) }, streets };
    },
    { concurrency },
  );
  const single = await pMap(
    garments,
    async (garment) => {
      const measured = await measure(garment.name, await garment.read());
      onProgress(++done, total);
      return measured;
    },
    { concurrency },
  );
  return {
    photos: outdoors.map(({ photo }) => photo),
    overlaps,
    pixelsRight: right / pixels,
    streets: outdoors.flatMap(({ streets }) => streets),
    garments: single,
  };
}

// --- Internal helpers ---

/** Candidates that are too small to count if they were there are left out. The most certain one of a kind is judged first. */
function judged(candidates: readonly FoundGarment[], truth: readonly TrueBox[]): JudgedCandidate[] {
  const large = candidates
    .filter(({ share }) => share >= PRESENT)
    .sort((a, b) => b.evidence.certainty * b.share - a.evidence.certainty * a.share);
  const verdicts = judgeBoxes(
    large.map(({ kind, box }) => ({ kind: classOfKind(kind), box })),
    truth,
  );
  return large.map((candidate, n) => ({ ...candidate, verdict: verdicts[n]! }));
}
