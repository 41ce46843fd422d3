/** What a finder says of photos that training never saw: labelled ones, pieces of street, and real photos of single garments. */

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
  /** Of pixels, those whose kind, or nothing, is told right. */
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
  readonly onProgress: (done: number, total: number) => void;
}

const PATCHES = 3;
const BULK = { priority: 'bulk' } as const;

export async function measureFinder(options: MeasureOptions): Promise<FinderMeasurements> {
  const { finder, side, decoder, outfits, names, garments, onProgress } = options;
  const overlaps = emptyOverlaps();
  const [photos, streets, single]: [MeasuredPhoto[], MeasuredPicture[], MeasuredPicture[]] = [[], [], []];
  const total = names.length + garments.length;
  let [right, pixels, done] = [0, 0, 0];
  const mapsOf = async (bytes: Uint8Array): Promise<ScoreMaps> =>
    finder.maps(await decoder.decode(bytes, { side }, BULK));

  for (const name of names) {
    const bytes = await outfits.bytes(name);
    const scene = await outfits.scene(name);
    const maps = await mapsOf(bytes);
    const { width, height } = scene;
    const there = kindsAlone(scene.classes);
    const found = mostProbable(maps.kinds.map((map) => enlargeMap(map, maps.side, width, height)));
    addOverlaps(overlaps, found, there);
    right += found.reduce((sum, kind, pixel) => sum + (kind === there[pixel] ? 1 : 0), 0);
    pixels += found.length;
    const truth = trueBoxes(there, width);
    photos.push({ name, maps, truth, candidates: judged(garmentCandidates(maps), truth) });
    for (const [n, window] of streetPatches(scene.classes, width, PATCHES, Number(name)).entries()) {
      const patch = await sharp(bytes).extract(window).png().toBuffer();
      const ofPatch = await mapsOf(patch);
      streets.push({ name: `${name}.${n}`, maps: ofPatch, candidates: garmentCandidates(ofPatch) });
    }
    onProgress(++done, total);
  }
  for (const garment of garments) {
    const maps = await mapsOf(await garment.read());
    single.push({ name: garment.name, maps, candidates: garmentCandidates(maps) });
    onProgress(++done, total);
  }
  return { photos, overlaps, pixelsRight: right / pixels, streets, garments: single };
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
