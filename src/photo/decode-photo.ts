/** Decodes a photo into the pixels that the model takes, and into the small picture (tile) that a gallery shows. */

import { availableParallelism } from 'node:os';
import type { OutputInfo, Sharp } from 'sharp';
import type { Priority } from '../embed/embedder.ts';
import type { InputSpec } from '../embed/model.ts';
import { createPrioritySemaphore } from './priority-semaphore.ts';
import { checkSize, decodingFailure, inspectPhoto } from './inspect-photo.ts';
import { plainJpegSize } from './jpeg-structure.ts';
import { PHOTO_LIMITS, type PhotoLimits } from './photo-limits.ts';
import { sharp } from './sharp.ts';
import { toneMapped } from './tone-map.ts';
import { createUprightPhoto, type UprightPhoto } from './upright-photo.ts';

export interface DecodeOptions {
  /** Interactive photos go first, and bulk photos never take the last slot. */
  readonly priority?: Priority;
  /** A waiting photo leaves the queue at once; a running one is finished first. Rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads JPEG, PNG, WebP, GIF and AVIF, of animations the first frame. Applies the EXIF orientation, and turns transparency into
 * white, and every colour space and HDR encoding into 8-bit sRGB. All methods throw `InputError` (`photo-*`) for an unusable photo, and `BusyError` when too
 * many photos are waiting.
 */
export interface PhotoDecoder {
  /**
   * The whole photo, stretched to the model's square.
   * @returns RGB, 8 bit, interleaved, `input.side * input.side * 3` bytes.
   */
  decode(bytes: Uint8Array, input: Pick<InputSpec, 'side'>, options?: DecodeOptions): Promise<Uint8Array>;
  /**
   * A person's photo, decoded once for everything that is cut from it. Its longer side is reduced to 640 pixels, which
   * changes the embedding of a larger photo by a cosine of at most .002 (93 photos of up to 2400 pixels).
   */
  open(bytes: Uint8Array, options?: DecodeOptions): Promise<UprightPhoto>;
  /**
   * A JPEG of at most 300 x 400 pixels and 60,000 bytes, without metadata. A picture that already is such a JPEG is returned
   * unchanged; only its structure is checked, not its pixels.
   * @param options default priority: bulk.
   */
  tile(bytes: Uint8Array, options?: DecodeOptions): Promise<Uint8Array>;
}

export interface PhotoDecoderOptions {
  readonly limits?: Partial<PhotoLimits>;
  /**
   * Photos decoded at once, on one thread each. More than twice the number of cores gains nothing (measured).
   * Default: twice the number of cores, but at most 3, which leaves one of the 4 threads of libuv's pool for files.
   */
  readonly concurrency?: number;
}

export const TILE_WIDTH = 300;
export const TILE_HEIGHT = 400;
export const TILE_BYTES = 60_000;

/** @throws {RangeError} when `concurrency` is not a whole number of at least 1. */
export function createPhotoDecoder(options: PhotoDecoderOptions = {}): PhotoDecoder {
  const { concurrency = Math.min(3, 2 * availableParallelism()) } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`Expected concurrency to be a whole number of at least 1, got ${concurrency}.`);
  }
  const limits: PhotoLimits = { ...PHOTO_LIMITS, ...options.limits };
  const slots = createPrioritySemaphore(concurrency, QUEUE_CAPACITY);
  // One thread for each photo, in the whole process. More threads make a single large photo faster, but all photos together slower.
  sharp.concurrency(1);

  /** @param finish processes what was rendered in the same slot; a failure there is not blamed on the photo. */
  function read<R, T>(
    bytes: Uint8Array,
    { priority, signal }: { priority: Priority; signal: AbortSignal | undefined },
    render: (image: Sharp) => Promise<R>,
    finish: (rendered: R, size: { readonly width: number; readonly height: number }) => T | Promise<T>,
  ): Promise<T> {
    const task = async (): Promise<T> => {
      const { format, image, isDeepWithProfile, hdr, size } = await inspectPhoto(bytes, limits);
      signal?.throwIfAborted();
      const started = performance.now();
      const fail = (error: unknown): never => {
        throw decodingFailure(format, (performance.now() - started) / 1000, limits, error);
      };
      const ordinary = hdr ? await toneMapped(image, hdr, limits.seconds).catch(fail) : image;
      ordinary.timeout({ seconds: limits.seconds }).flatten({ background: '#ffffff' }).toColourspace('srgb');
      if (isDeepWithProfile && !hdr) ordinary.withIccProfile('srgb', { attach: false });
      const rendered = await render(ordinary).catch(fail);
      const result = await finish(rendered, size);
      signal?.throwIfAborted();
      return result;
    };
    return slots.run(task, { priority, signal });
  }

  return {
    async decode(bytes, { side }, { priority = 'interactive', signal } = {}) {
      checkSize(bytes, limits); // Refuses an unusable photo before it waits in the queue.
      return read(bytes, { priority, signal }, squashTo(side), (pixels) => checkLength(pixels, side));
    },

    async open(bytes, { priority = 'interactive', signal } = {}) {
      checkSize(bytes, limits);
      return read(bytes, { priority, signal }, reduce, ({ data, info }, size) =>
        createUprightPhoto({ pixels: data, width: info.width, height: info.height }, size),
      );
    },

    async tile(bytes, { priority = 'bulk', signal } = {}) {
      checkSize(bytes, limits);
      return isTile(bytes) ? bytes : read(bytes, { priority, signal }, renderTile, (tile) => tile);
    },
  };
}

// --- Internal helpers ---

/**
 * How many photos may wait, by priority. Each holds the bytes of its file: at most 32 x 12 MB for people. An import waits for its
 * own photos before it sends more, so it limits its queue itself.
 */
const QUEUE_CAPACITY: Readonly<Record<Priority, number>> = { interactive: 32, bulk: 256 };

/** Longer side of a person's photo, in pixels, as far as networks look at it. */
const LONGER_SIDE = 640;

/** JPEG qualities, tried in turn until the tile is small enough. At the last one, noise takes 25 kB. */
const TILE_QUALITIES = [85, 70, 50, 25];

function squashTo(side: number): (image: Sharp) => Promise<Uint8Array> {
  return (image) => image.resize(side, side, { fit: 'fill' }).raw().toBuffer();
}

function reduce(image: Sharp): Promise<{ data: Uint8Array; info: OutputInfo }> {
  return image
    .resize(LONGER_SIDE, LONGER_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

function checkLength(pixels: Uint8Array, side: number): Uint8Array {
  if (pixels.length !== side * side * 3)
    throw new Error(`Expected ${side * side * 3} bytes of pixels from sharp, got ${pixels.length}.`);
  return pixels;
}

function isTile(bytes: Uint8Array): boolean {
  if (bytes.length > TILE_BYTES) return false;
  const size = plainJpegSize(bytes);
  return size !== undefined && size.width <= TILE_WIDTH && size.height <= TILE_HEIGHT;
}

async function renderTile(image: Sharp): Promise<Uint8Array> {
  image.resize(TILE_WIDTH, TILE_HEIGHT, { fit: 'inside', withoutEnlargement: true });
  let tile = new Uint8Array();
  for (const quality of TILE_QUALITIES) {
    tile = await image.clone().jpeg({ quality }).toBuffer();
    if (tile.length <= TILE_BYTES) break;
  }
  return tile;
}
