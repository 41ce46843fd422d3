/** What is shown for photos of outfits that training never saw: for their true boxes, and as the bot answers with a finder. */

import pMap from 'p-map';
import { type CropRule, cropBox } from '../../../src/garments/crop-box.ts';
import type { Garment, GarmentBox } from '../../../src/garments/find-garments.ts';
import type { GarmentFinder } from '../../../src/garments/garment-finder.ts';
import { GARMENT_KINDS, type GarmentKind } from '../../../src/garments/garment-kinds.ts';
import type { PhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { sharp } from '../../../src/photo/sharp.ts';
import { kindsAlone, PRESENT, trueBoxes } from '../../train/finder/finder-scores.ts';
import type { OutfitPhotos } from '../../train/finder/outfit-photos.ts';
import type { PictureEmbedder } from '../embed-pictures.ts';
import { nearestRows, type Rows } from '../neighbours.ts';
import { outfitAnswer } from './outfit-answer.ts';
import type { AnsweredGarment, AnsweredPhoto } from './outfit-scores.ts';

export interface MeasureOutfitsOptions {
  readonly outfits: Pick<OutfitPhotos, 'bytes' | 'scene'>;
  /** Of the photos. */
  readonly names: readonly string[];
  readonly finder: Pick<GarmentFinder, 'find'>;
  /** Of the finder's input, in pixels. */
  readonly finderSide: number;
  readonly decoder: PhotoDecoder;
  readonly embed: PictureEmbedder;
  /** The inventory, and the article type of each of its rows. */
  readonly index: Rows;
  readonly types: readonly (string | undefined)[];
  readonly rule: CropRule;
  /** In how many views a crop is embedded. */
  readonly views: 1 | 2;
  /** Photos in which garments are searched for at a time. */
  readonly concurrency: number;
}

/** Items in a gallery. */
const SHOWN = 5;
/** Closest items that are known of a garment, enough to fill the first answer when other garments show the same ones. */
const CLOSEST = 2 * SHOWN;
const BULK = { priority: 'bulk' } as const;

export async function measureOutfits(options: MeasureOutfitsOptions): Promise<AnsweredPhoto[]> {
  const { names, outfits, types, embed, views, rule } = options;
  const photos = await pMap(names, (name) => inspect(options, name), { concurrency: options.concurrency });
  const crops = photos.flatMap(({ name, size, there, found }) =>
    [...there, ...found].map(({ box }) => async (): Promise<Uint8Array> => {
      const cut = cropBox(box, size, rule);
      return sharp(await outfits.bytes(name))
        .extract(cut)
        .png()
        .toBuffer();
    }),
  );
  const cropRows = await (views === 1 ? embed.asItems(crops) : embed.asPhotos(crops));
  const wholeRows = await embed.asPhotos(names.map((name) => () => outfits.bytes(name)));
  const [ofCrops, ofWhole] = [cropRows, wholeRows].map((queries) => {
    const near = nearestRows(options.index, queries, CLOSEST, () => -1);
    return (query: number): number[] => [...near.subarray(query * CLOSEST, (query + 1) * CLOSEST)];
  }) as [(query: number) => number[], (query: number) => number[]];

  const typesOf = (rows: readonly number[]): AnsweredGarment['types'] => rows.map((row) => types[row]);
  let crop = 0;
  return photos.map(({ there, found }, photo) => {
    const answered = ({ kind }: { readonly kind: GarmentKind }) => {
      const closest = ofCrops(crop++);
      return { kind, closest, types: typesOf(closest.slice(0, SHOWN)) };
    };
    const ofTrue = there.map(answered);
    const ofFound = found.map((garment) => ({ ...answered(garment), counts: garment.share >= PRESENT }));
    const whole = ofWhole(photo).slice(0, SHOWN);
    // A photo of one garment, or of none, is answered as a whole.
    const answer =
      found.length > 1
        ? outfitAnswer(
            ofFound.map(({ closest }) => closest),
            SHOWN,
          ).map(({ row }) => row)
        : whole;
    return { there: ofTrue, found: ofFound, answer: typesOf(answer), whole: typesOf(whole) };
  });
}

// --- Internal helpers ---

interface InspectedPhoto {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly there: readonly { readonly kind: GarmentKind; readonly box: GarmentBox }[];
  readonly found: readonly Garment[];
}

async function inspect(
  { outfits, decoder, finder, finderSide }: MeasureOutfitsOptions,
  name: string,
): Promise<InspectedPhoto> {
  const { width, height, classes } = await outfits.scene(name);
  const pixels = await decoder.decode(await outfits.bytes(name), { side: finderSide }, BULK);
  return {
    name,
    size: { width, height },
    there: trueBoxes(kindsAlone(classes), width)
      .filter(({ counts }) => counts)
      .map(({ kind, box }) => ({ kind: GARMENT_KINDS[kind - 1]!, box })),
    found: (await finder.find(pixels)).garments,
  };
}
