/** Makes training pictures: photos as they are, people on other streets, products on anything, and streets without anybody. */

import { background } from '../backgrounds.ts';
import { degraded } from '../picture.ts';
import type { Random } from '../random.ts';
import { type Canvas, draw, emptyCanvas } from './draw-scene.ts';
import type { Scene } from './outfit-photos.ts';
import { hidePart, recolourGarments, relight } from './relight.ts';

/** What scenes are made of. */
export interface ScenePool {
  readonly photoCount: number;
  photo(place: number): Promise<Scene>;
  /** 0: no products are at hand. */
  readonly itemCount: number;
  /** A product alone: what is not the product is nothing. */
  item(place: number): Promise<Scene>;
}

/** How often a training picture is of each sort; without products theirs are photos. */
const SORTS = { photo: 0.62, moved: 0.21, products: 0.1, empty: 0.07 };
/** Shapes of photos (width / height) that are squashed to a square. */
const SHAPES = [2 / 3, 2 / 3, 2 / 3, 3 / 4, 3 / 4, 9 / 16, 1, 4 / 3];

/** @param first the photo that it is made of, if it is made of one. */
export async function composeScene(
  pool: ScenePool,
  first: number,
  side: number,
  random: Random,
): Promise<Canvas> {
  let canvas = emptyCanvas(side);
  const sort = random();
  if (sort < SORTS.empty) {
    await fillBehind(canvas, pool, random, 0.75);
  } else if (sort < SORTS.empty + SORTS.moved) {
    if (random.chance(0.3)) drawPhoto(canvas, await anyPhoto(pool, random), random);
    else await fillBehind(canvas, pool, random, 0.85);
    drawPerson(canvas, await pool.photo(first), random);
    if (pool.itemCount > 0 && random.chance(0.15)) await drawItem(canvas, pool, random, [0.1, 0.35]);
  } else if (sort < SORTS.empty + SORTS.moved + SORTS.products && pool.itemCount > 0) {
    if (random.chance(0.25)) canvas.data.fill(255);
    else await fillBehind(canvas, pool, random, 0.4);
    const count = random.chance(0.75) ? 1 : 2 + random.below(3);
    for (let n = 0; n < count; n++) await drawItem(canvas, pool, random, count > 1 ? [0.2, 0.55] : [0.35, 1]);
  } else {
    drawPhoto(canvas, await pool.photo(first), random);
  }
  if (random.chance(0.15)) recolourGarments(canvas, random);
  if (random.chance(0.15)) hidePart(canvas, random);
  relight(canvas, random);
  const sigma = random.chance(0.3) ? random.between(0.3, 1.2) : 0;
  const quality = random.chance(0.4) ? Math.round(random.between(35, 92)) : undefined;
  canvas = { ...canvas, ...(await degraded(canvas, sigma, quality)) };
  return canvas;
}

// --- Internal helpers ---

function anyPhoto(pool: Pick<ScenePool, 'photoCount' | 'photo'>, random: Random): Promise<Scene> {
  return pool.photo(random.below(pool.photoCount));
}

/** A part of the photo or all of it, somewhat turned. */
function drawPhoto(canvas: Canvas, photo: Scene, random: Random): void {
  const [most, share] = [random(), random()];
  const part = most < 0.62 ? 0.85 + 0.23 * share : most < 0.95 ? 0.5 + 0.35 * share : 0.3 + 0.2 * share;
  const parts = { x: Math.min(1.15, part * Math.exp(random.between(-0.2, 0.2))), y: part };
  const along = (length: number, of: number): number =>
    (of >= 1 ? 0.5 : random.between(of / 2, 1 - of / 2)) * length;
  const flip = random.chance(0.5) ? -1 : 1;
  const side = canvas.width;
  draw(
    canvas,
    photo,
    {
      from: { x: along(photo.width, parts.x), y: along(photo.height, parts.y) },
      to: { x: side / 2, y: side / 2 },
      scale: { x: (flip * side) / (photo.width * parts.x), y: side / (photo.height * parts.y) },
      turn: random.chance(0.5) ? random.normal(0.07) : 0,
    },
    'whole',
  );
}

/** The person of a photo, without the street. */
function drawPerson(canvas: Canvas, photo: Scene, random: Random): void {
  const box = boxOfScene(photo);
  if (!box) return;
  const side = canvas.width;
  const down =
    ((random.chance(0.75) ? random.between(0.6, 1.02) : random.between(1.02, 1.7)) * side) / box.height;
  const across = down / SHAPES[random.below(SHAPES.length)]!;
  const flip = random.chance(0.5) ? -1 : 1;
  const drawn = down * box.height;
  const centre =
    side * 0.5 + (drawn > side ? random.between(-0.5, 0.5) * (drawn - side) : random.normal(0.04) * side);
  draw(
    canvas,
    photo,
    {
      from: { x: box.left + box.width / 2, y: box.top + box.height / 2 },
      to: { x: side * random.between(0.28, 0.72), y: centre },
      scale: { x: flip * across * Math.exp(random.between(-0.15, 0.15)), y: down },
      turn: random.chance(0.4) ? random.normal(0.08) : 0,
    },
    'cut',
  );
}

/** @param sizes of its longer side, in parts of the canvas. */
async function drawItem(
  canvas: Canvas,
  pool: ScenePool,
  random: Random,
  [least, most]: readonly [number, number],
): Promise<void> {
  const item = await pool.item(random.below(pool.itemCount));
  const box = boxOfScene(item);
  if (!box) return;
  const side = canvas.width;
  const size = random.between(least, most) * side;
  const aspect =
    ((box.width / box.height) * Math.exp(random.between(-0.15, 0.15))) / SHAPES[random.below(SHAPES.length)]!;
  const [width, height] = aspect > 1 ? [size, size / aspect] : [size * aspect, size];
  const flip = random.chance(0.5) ? -1 : 1;
  draw(
    canvas,
    item,
    {
      from: { x: box.left + box.width / 2, y: box.top + box.height / 2 },
      to: { x: side * random.between(0.3, 0.7), y: side * random.between(0.3, 0.7) },
      scale: { x: (flip * width) / box.width, y: height / box.height },
      turn: random.chance(0.6) ? random.normal(0.3) : 0,
    },
    'cut',
  );
}

/** @param streets how often it is a piece of street, and not a plain colour, noise or soft colours. */
export async function fillBehind(
  canvas: Canvas,
  pool: Pick<ScenePool, 'photoCount' | 'photo'>,
  random: Random,
  streets: number,
): Promise<void> {
  const photo = await anyPhoto(pool, random);
  const window = random.chance(streets) ? emptyWindow(photo, random) : undefined;
  if (!window) {
    canvas.data.set(background(canvas.width, photo, random).data);
    return;
  }
  const side = canvas.width;
  const flip = random.chance(0.5) ? -1 : 1;
  draw(
    canvas,
    photo,
    {
      from: { x: window.left + window.width / 2, y: window.top + window.height / 2 },
      to: { x: side / 2, y: side / 2 },
      scale: { x: (flip * side) / window.width, y: side / window.height },
      turn: 0,
    },
    'whole',
  );
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Tries to find a window in which every pixel that is looked at is nothing. */
function emptyWindow({ width, height, classes }: Scene, random: Random): Box | undefined {
  for (let attempt = 0; attempt < 30; attempt++) {
    const size = { width: random.between(0.15, 0.6) * width, height: random.between(0.15, 1) * height };
    const left = random() * (width - size.width);
    const top = random() * (height - size.height);
    let isEmpty = true;
    for (let y = top; isEmpty && y < top + size.height; y += 5) {
      for (let x = left; isEmpty && x < left + size.width; x += 5) {
        isEmpty = classes[Math.floor(y) * width + Math.floor(x)] === 0;
      }
    }
    if (isEmpty) return { left, top, ...size };
  }
  return undefined;
}

/** Around everything that is something. */
function boxOfScene({ width, height, classes }: Scene): Box | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (classes[pixel] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return right > left ? { left, top, width: right - left, height: bottom - top } : undefined;
}
