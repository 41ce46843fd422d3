/** How often the classifier of types is right for crops of outfits that training does not see. */

import { cropBox } from '../../crop-box.ts';
import { GARMENT_KINDS, type GarmentKind } from '../../../src/garments/garment-kinds.ts';
import { FITTING_TYPES } from '../../evaluate/outfits/fitting-types.ts';
import { photoClasses } from '../../evaluate/photo-classes.ts';
import { kindsAlone, trueBoxes } from '../finder/finder-scores.ts';
import { openOutfitPhotos, splitOfPhoto } from '../finder/outfit-photos.ts';
import { cropped, resized } from '../picture.ts';
import { bestClasses, type ClassScores, multiply } from '../scores.ts';
import type { Trainer } from '../trainer.ts';

/** Crops of true boxes, prepared as in the product. */
export interface CropValidation {
  /** RGB squares, one after another. */
  readonly pixels: Uint8Array;
  /** Of the garment of each crop. */
  readonly kinds: readonly GarmentKind[];
}

/** Crops per run of the network. */
const CHUNK = 64;

/** @param path of the outfit photos, whose validation part is used. @param most photos. */
export async function readCropValidation(path: string, side: number, most: number): Promise<CropValidation> {
  const outfits = await openOutfitPhotos(path);
  const names = outfits.names.filter((name) => splitOfPhoto(name) === 'validation').slice(0, most);
  const kinds: GarmentKind[] = [];
  const crops: Uint8Array[] = [];
  try {
    for (const name of names) {
      const photo = await outfits.scene(name);
      const size = { width: photo.width, height: photo.classes.length / photo.width };
      for (const { kind, box, counts } of trueBoxes(kindsAlone(photo.classes), photo.width)) {
        if (!counts) continue;
        kinds.push(GARMENT_KINDS[kind - 1]!);
        crops.push((await resized(cropped(photo, cropBox(box, size)), side, side)).data);
      }
    }
  } finally {
    await outfits.close();
  }
  return { pixels: Buffer.concat(crops), kinds };
}

/**
 * A crop is right when its most likely type fits its kind.
 * @param types classes of the classifier.
 */
export function validateCrops(
  trainer: Pick<Trainer, 'embed' | 'classifiers' | 'dimension'>,
  types: readonly string[],
  { pixels, kinds }: CropValidation,
): ClassScores {
  const matrix = trainer.classifiers().type;
  const length = pixels.length / kinds.length;
  const predicted: string[] = [];
  for (let start = 0; start < kinds.length; start += CHUNK) {
    const part = pixels.subarray(start * length, Math.min(kinds.length, start + CHUNK) * length);
    const vectors = trainer.embed(part, part.length / length);
    const scores = multiply(vectors, matrix, trainer.dimension, types.length);
    for (const best of bestClasses(scores, types.length)) predicted.push(types[best]!);
  }
  const photos = kinds.map((kind) => ({ className: kind, types: FITTING_TYPES[kind] }));
  return photoClasses(photos, predicted).scores;
}
