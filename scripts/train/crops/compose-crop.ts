/** Makes training crops of the garments of outfits: cut from their photo, or from a scene with the same person on another street. */

import { CROP_RULE, cropBox, type PixelBox } from '../../crop-box.ts';
import { fillBehind } from '../finder/compose-scene.ts';
import { type Canvas, draw, emptyCanvas } from '../finder/draw-scene.ts';
import type { Scene } from '../finder/outfit-photos.ts';
import { hidePart, relight } from '../finder/relight.ts';
import { cropped, degraded, mirrored, type Picture, resized } from '../picture.ts';
import type { Random } from '../random.ts';
import type { TrainingGarment } from './training-garments.ts';
import { varyBox } from './vary-box.ts';

/** Photos by their place; the class of a pixel is the place of its label, 0: nothing. */
export interface CropPool {
  readonly photoCount: number;
  photo(place: number): Promise<Scene>;
}

/** How often a crop is of a composed scene, and how often only the garment itself is taken over, without the person. */
const COMPOSED = { chance: 0.35, alone: 0.4, white: 0.15, streets: 0.8 };
/** How often the finder's own box is cropped where there is one. */
const FOUND = 0.5;
/** Scenes are drawn in so many times the crop's side, and then reduced, as photos are. */
const FINER = 2;

/** @returns RGB of `side` squared. */
export async function composeCrop(
  pool: CropPool,
  garment: TrainingGarment,
  side: number,
  random: Random,
): Promise<Uint8Array> {
  const photo = await pool.photo(garment.photo);
  const size = { width: photo.width, height: photo.data.length / photo.width / 3 };
  const found =
    garment.found.length > 0 && random.chance(FOUND)
      ? garment.found[random.below(garment.found.length)]
      : undefined;
  const box = varyBox(found ?? garment.box, found ? 'found' : 'true', random);
  const place = cropBox(box, size, CROP_RULE);
  let crop: Picture = random.chance(COMPOSED.chance)
    ? await sceneOf(pool, photo, place, garment, side * FINER, random)
    : cropped(photo, place);
  crop = await resized(crop, side, side);
  if (random.chance(0.5)) crop = mirrored(crop);
  const canvas: Canvas = { ...crop, classes: new Uint8Array(side * side) };
  if (random.chance(0.15)) hidePart(canvas, random);
  relight(canvas, random);
  const sigma = random.chance(0.3) ? random.between(0.3, 1.2) : 0;
  const quality = random.chance(0.4) ? Math.round(random.between(35, 92)) : undefined;
  return (await degraded(canvas, sigma, quality)).data;
}

// --- Internal helpers ---

/** The window of the photo, with something else behind the person or the garment. */
async function sceneOf(
  pool: CropPool,
  photo: Scene,
  { left, top, width, height }: PixelBox,
  { labels }: TrainingGarment,
  side: number,
  random: Random,
): Promise<Canvas> {
  const canvas = emptyCanvas(side);
  if (random.chance(COMPOSED.white)) canvas.data.fill(255);
  else await fillBehind(canvas, pool, random, COMPOSED.streets);
  const wanted = new Set(labels);
  const source = random.chance(COMPOSED.alone)
    ? { ...photo, classes: photo.classes.map((label) => (wanted.has(label) ? label : 0)) }
    : photo;
  draw(
    canvas,
    source,
    {
      from: { x: left + width / 2, y: top + height / 2 },
      to: { x: side / 2, y: side / 2 },
      scale: { x: side / width, y: side / height },
      turn: random.chance(0.4) ? random.normal(0.07) : 0,
    },
    'cut',
  );
  return canvas;
}
