/** Checks everything about a photo that can be known before its pixels are decoded. */

import type { Metadata, Sharp } from 'sharp';
import { InputError } from '../util/errors.ts';
import { countScans } from './jpeg-structure.ts';
import { describeForeign, FORMAT_NAMES, photoFormat, type PhotoFormat } from './photo-format.ts';
import type { PhotoLimits } from './photo-limits.ts';
import { sharp } from './sharp.ts';
import { pngWithoutText } from './png-without-text.ts';

export interface InspectedPhoto {
  readonly format: PhotoFormat;
  /** The header is read, nothing is decoded. First frame only; oriented as EXIF says; damaged data is an error. */
  readonly image: Sharp;
  /** 16 bits a channel with a colour profile, which sharp by itself converts to Display P3 and then takes for sRGB. */
  readonly isDeepWithProfile: boolean;
}

/** The part that needs no decoder. @throws {InputError} `photo-empty`, `photo-too-large`. */
export function checkSize(bytes: Uint8Array, limits: PhotoLimits): void {
  if (bytes.length === 0) {
    throw new InputError(
      'photo-empty',
      `Expected a photo, got an empty file. Choose the photo again. ${EXPECTED}`,
    );
  }
  if (bytes.length > limits.bytes) {
    throw new InputError(
      'photo-too-large',
      `The photo is ${inMillions(bytes.length)} MB; the most that is taken is ${limits.bytes / 1e6} MB. ${SMALLER}`,
    );
  }
}

/**
 * @throws {InputError} `photo-empty`, `photo-too-large`, `photo-not-an-image`, `photo-unsupported-format`,
 *   `photo-too-many-pixels`, `photo-too-slow`, `photo-damaged`.
 */
export async function inspectPhoto(bytes: Uint8Array, limits: PhotoLimits): Promise<InspectedPhoto> {
  checkSize(bytes, limits);
  const format = photoFormat(bytes);
  if (!format) throw await foreignFile(bytes);
  if (format === 'jpeg') checkScans(bytes, limits);
  // The size is checked below, where both numbers are known, and it is known before anything is decoded.
  const image = sharp(format === 'png' ? pngWithoutText(bytes) : bytes, {
    autoOrient: true,
    limitInputPixels: false,
  });
  const metadata = await image.metadata().catch((cause: unknown) => {
    throw damaged(format, cause);
  });
  checkPixels(format, metadata, limits);
  return {
    format,
    image,
    isDeepWithProfile: metadata.hasProfile && metadata.depth === 'ushort' && metadata.space === 'rgb16',
  };
}

/**
 * Turns what sharp throws while it decodes into what a person can act on. What it says is not looked at: libvips keeps one
 * text for all threads, so it may be about another photo.
 * @param seconds that decoding took.
 */
export function decodingFailure(
  format: PhotoFormat,
  seconds: number,
  limits: PhotoLimits,
  cause: unknown,
): InputError {
  if (seconds < limits.seconds) return damaged(format, cause);
  return new InputError(
    'photo-too-slow',
    `Reading this ${FORMAT_NAMES[format]} took more than ${limits.seconds} s and was stopped. ${SMALLER}`,
    { cause },
  );
}

// --- Internal helpers ---

const LIST = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(Object.values(FORMAT_NAMES));
const EXPECTED = `Photos are read as ${LIST}.`;
const SMALLER = 'Send a smaller version of it, for example a screenshot.';

async function foreignFile(bytes: Uint8Array): Promise<InputError> {
  const { name, kind } = await describeForeign(bytes);
  const advice = {
    heic:
      'Send it as JPEG: share it from the photo app with "Most Compatible", or set an iPhone to take JPEG ' +
      'under Settings, Camera, Formats, Most Compatible.',
    svg: 'Send a screenshot of it.',
    picture: 'Save it as JPEG and send that.',
    other: 'Choose the photo itself.',
  }[kind];
  return new InputError(
    kind === 'other' ? 'photo-not-an-image' : 'photo-unsupported-format',
    `Expected a photo; what came is ${name}. ${EXPECTED} ${advice}`,
  );
}

function checkScans(bytes: Uint8Array, limits: PhotoLimits): void {
  const scans = countScans(bytes, limits.scans);
  if (scans > limits.scans) {
    throw new InputError(
      'photo-too-slow',
      `This JPEG is stored in ${scans} passes, which takes too long to read; the most that is taken is ${limits.scans}. ` +
        'Open it, save it again as an ordinary JPEG, and send that.',
    );
  }
}

function checkPixels(format: PhotoFormat, metadata: Metadata, limits: PhotoLimits): void {
  const { width, height } = metadata;
  const isWhole = format === 'avif' || format === 'gif';
  const most = isWhole
    ? limits.wholePixels
    : metadata.isProgressive
      ? limits.progressivePixels
      : limits.pixels;
  if (width * height > most) {
    const kind = `${metadata.isProgressive && !isWhole ? 'progressive ' : ''}${FORMAT_NAMES[format]}`;
    throw new InputError(
      'photo-too-many-pixels',
      `The photo has ${width} x ${height} = ${inMillions(width * height)} megapixels; ` +
        `the most that is taken is ${most / 1e6} as ${kind}. ${SMALLER}`,
    );
  }
  if (Math.max(width, height) > limits.side) {
    throw new InputError(
      'photo-too-many-pixels',
      `The photo has ${width} x ${height} pixels; the most that is taken is ${limits.side} along one side. ${SMALLER}`,
    );
  }
}

function damaged(format: PhotoFormat, cause: unknown): InputError {
  return new InputError(
    'photo-damaged',
    `Expected a whole ${FORMAT_NAMES[format]}; this one is damaged or was cut off on its way. ` +
      'Send it again, or open it, save a new copy, and send that.',
    { cause },
  );
}

/** One decimal, rounded up, so that a number over a limit never reads like the limit. */
function inMillions(count: number): string {
  return String(Math.ceil(count / 1e5) / 10);
}
