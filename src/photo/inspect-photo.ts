/** Checks everything about a photo that is known before its pixels are decoded. */

import type { Metadata, Sharp } from 'sharp';
import { InputError } from '../util/errors.ts';
import { countScans } from './jpeg-structure.ts';
import { describeUnsupported, FORMAT_NAMES, photoFormat, type PhotoFormat } from './photo-format.ts';
import type { PhotoLimits } from './photo-limits.ts';
import { sharp } from './sharp.ts';
import { pngWithoutText } from './png-without-text.ts';

export interface InspectedPhoto {
  readonly format: PhotoFormat;
  /** Only the header has been read. Decodes the first frame, applies the EXIF orientation, and fails on damaged data. */
  readonly image: Sharp;
  /** 16 bits per channel with a colour profile; sharp alone would convert it to Display P3 and then treat it as sRGB. */
  readonly isDeepWithProfile: boolean;
  /** Of the upright photo, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

/** The check that needs no decoder. @throws {InputError} `photo-empty`, `photo-too-large`. */
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
      `The photo is ${inMillions(bytes.length)} MB; the limit is ${limits.bytes / 1e6} MB. ${SEND_SMALLER}`,
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
  if (!format) throw await unsupportedError(bytes);
  if (format === 'jpeg') checkScans(bytes, limits);
  // checkPixels limits the pixels instead, before anything is decoded, because its limit depends on the format.
  const image = sharp(format === 'png' ? pngWithoutText(bytes) : bytes, {
    autoOrient: true,
    limitInputPixels: false,
  });
  const metadata = await image.metadata().catch((cause: unknown) => {
    throw damagedError(format, cause);
  });
  checkPixels(format, metadata, limits);
  const { width, height } = metadata.autoOrient;
  return {
    format,
    image,
    size: { width, height },
    isDeepWithProfile: metadata.hasProfile && metadata.depth === 'ushort' && metadata.space === 'rgb16',
  };
}

/**
 * Turns an error of sharp into one that tells the person what to do. The text of sharp's error is ignored: libvips keeps one
 * text for all threads, so it may be about another photo.
 * @param seconds how long decoding took.
 */
export function decodingFailure(
  format: PhotoFormat,
  seconds: number,
  limits: PhotoLimits,
  cause: unknown,
): InputError {
  if (seconds < limits.seconds) return damagedError(format, cause);
  return new InputError(
    'photo-too-slow',
    `Reading this ${FORMAT_NAMES[format]} took more than ${limits.seconds} s and was stopped. ${SEND_SMALLER}`,
    { cause },
  );
}

// --- Internal helpers ---

const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(Object.values(FORMAT_NAMES));
const EXPECTED = `Supported formats are ${LIST}.`;
const SEND_SMALLER = 'Send a smaller version of it, for example a screenshot.';

async function unsupportedError(bytes: Uint8Array): Promise<InputError> {
  const { name, kind } = await describeUnsupported(bytes);
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
    `Expected a photo, got ${name}. ${EXPECTED} ${advice}`,
  );
}

function checkScans(bytes: Uint8Array, limits: PhotoLimits): void {
  const scans = countScans(bytes, limits.scans);
  if (scans > limits.scans) {
    throw new InputError(
      'photo-too-slow',
      `This JPEG is stored in ${scans} passes, which takes too long to read; the limit is ${limits.scans}. ` +
        'Open it, save it again as an ordinary JPEG, and send that.',
    );
  }
}

function checkPixels(format: PhotoFormat, metadata: Metadata, limits: PhotoLimits): void {
  const { width, height } = metadata;
  const isDecodedWhole = format === 'avif' || format === 'gif';
  const most = isDecodedWhole
    ? limits.wholePixels
    : metadata.isProgressive
      ? limits.progressivePixels
      : limits.pixels;
  if (width * height > most) {
    const kind = `${metadata.isProgressive && !isDecodedWhole ? 'progressive ' : ''}${FORMAT_NAMES[format]}`;
    throw new InputError(
      'photo-too-many-pixels',
      `The photo has ${width} x ${height} = ${inMillions(width * height)} megapixels; ` +
        `the limit is ${most / 1e6} as ${kind}. ${SEND_SMALLER}`,
    );
  }
  if (Math.max(width, height) > limits.side) {
    throw new InputError(
      'photo-too-many-pixels',
      `The photo has ${width} x ${height} pixels; the limit is ${limits.side} along one side. ${SEND_SMALLER}`,
    );
  }
}

function damagedError(format: PhotoFormat, cause: unknown): InputError {
  return new InputError(
    'photo-damaged',
    `Expected a complete ${FORMAT_NAMES[format]}; this one is damaged or was cut off during the transfer. ` +
      'Send it again, or open it, save a new copy, and send that.',
    { cause },
  );
}

/** Rounded up to one decimal, so that a number above a limit never looks equal to it. */
function inMillions(count: number): string {
  return String(Math.ceil(count / 1e5) / 10);
}
