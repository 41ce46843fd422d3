/** What is shown for photos of outfits that training never saw: for their true boxes, and as the bot answers with a finder. */

import pMap from 'p-map';
import { type CropRule, cropBox } from '../../crop-box.ts';
import type { Box } from '../../../src/photo/box.ts';
import { GARMENT_KINDS, type GarmentKind } from '../../../src/garments/garment-kinds.ts';
import type { Gallery } from '../../../src/recommend/gallery.ts';
import type { Recommender } from '../../../src/recommend/recommend.ts';
import { sharp } from '../../../src/photo/sharp.ts';
import { kindsAlone, trueBoxes } from '../../train/finder/finder-scores.ts';
import type { OutfitPhotos } from '../../train/finder/outfit-photos.ts';
import type { PictureEmbedder } from '../embed-pictures.ts';
import { nearestRows, type Rows } from '../neighbours.ts';
import type { AnsweredGarment, AnsweredPhoto } from './outfit-scores.ts';

export interface MeasureOutfitsOptions {
  readonly outfits: Pick<OutfitPhotos, 'bytes' | 'scene'>;
  /** Of the photos. */
  readonly names: readonly string[];
  /** Answers photos from the same items. */
  readonly bot: Pick<Recommender, 'recommend' | 'page'>;
  readonly embed: PictureEmbedder;
  /** The inventory, and the article type of each of its rows. */
  readonly index: Rows;
  readonly types: readonly (string | undefined)[];
  readonly rule: CropRule;
  /** In how many views a crop is embedded. */
  readonly views: 1 | 2;
  /** Photos that are answered at a time. */
  readonly concurrency: number;
}

/** Items in a gallery. */
const SHOWN = 5;

export async function measureOutfits(options: MeasureOutfitsOptions): Promise<AnsweredPhoto[]> {
  const { names, outfits, types, embed, views, rule } = options;
  const photos = await pMap(names, (name) => inspect(options, name), { concurrency: options.concurrency });
  const crops = photos.flatMap(({ name, size, there }) =>
    there.map(({ box }) => async (): Promise<Uint8Array> => {
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
    const near = nearestRows(options.index, queries, SHOWN, () => -1);
    return (query: number): AnsweredGarment['types'] =>
      [...near.subarray(query * SHOWN, (query + 1) * SHOWN)].map((row) => types[row]);
  }) as [(query: number) => AnsweredGarment['types'], (query: number) => AnsweredGarment['types']];

  let crop = 0;
  return photos.map(({ there, found, answer }, photo) => ({
    there: there.map(({ kind }) => ({ kind, types: ofCrops(crop++) })),
    found,
    answer,
    whole: ofWhole(photo),
  }));
}

// --- Internal helpers ---

interface InspectedPhoto extends Pick<AnsweredPhoto, 'found' | 'answer'> {
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly there: readonly { readonly kind: GarmentKind; readonly box: Box }[];
}

async function inspect({ outfits, bot }: MeasureOutfitsOptions, name: string): Promise<InspectedPhoto> {
  const { width, height, classes } = await outfits.scene(name);
  const gallery = await bot.recommend(await outfits.bytes(name));
  const found = await pMap(gallery.garments, async ({ kind, gallery: own }) => ({
    kind,
    types: typesOf(await bot.page(own)),
  }));
  return {
    name,
    size: { width, height },
    there: trueBoxes(kindsAlone(classes), width)
      .filter(({ counts }) => counts)
      .map(({ kind, box }) => ({ kind: GARMENT_KINDS[kind - 1]!, box })),
    found,
    answer: typesOf(gallery),
  };
}

function typesOf({ items }: Pick<Gallery, 'items'>): AnsweredGarment['types'] {
  return items.map(({ labels }) => labels.type);
}
