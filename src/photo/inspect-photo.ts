/** Checks everything about a photo that is known before its pixels are decoded. */

import type { Metadata, Sharp } from 'sharp';
import { InputError } from '../util/errors.ts';
import { countScans } from './jpeg-structure.ts';
import {
  describeUnsupported,
  FORMAT_NAMES,
  isAnimatedAvif,
  photoFormat,
  type PhotoFormat,
  unreadablePicture,
} from './photo-format.ts';
import type { PhotoLimits } from './photo-limits.ts';
import { repairJpeg } from './repair-jpeg.ts';
import { sharp } from './sharp.ts';
import { hdrEncoding, type HdrEncoding } from './tone-map.ts';
import { pngWithoutText } from './png-without-text.ts';

export interface InspectedPhoto {
  readonly format: PhotoFormat;
  /** Only the header has been read. Decodes the first frame, applies the EXIF orientation, and fails on damaged data. */
  readonly image: Sharp;
  /** 16 bits per channel with a colour profile; sharp alone would convert it to Display P3 and then treat it as sRGB. */
  readonly isDeepWithProfile: boolean;
  /** Of the upright photo, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Set for an HDR photo, which has to be tone-mapped: shown as it is, it would look washed out. */
  readonly hdr: HdrEncoding | undefined;
}

/** The check that needs no decoder. @throws {InputError} `photo-empty`, `photo-too-large`. */
export function checkSize(bytes: Uint8Array, limits: PhotoLimits): void {
  if (bytes.length === 0) {
    throw new InputError(
      'photo-empty',
      `Expected a photo, got an empty file. Choose the photo again. ${EXPECTED}`,
      { ofItem: 'its picture is an empty file' },
    );
  }
  if (bytes.length > limits.bytes) {
    throw new InputError(
      'photo-too-large',
      `The photo is ${inMillions(bytes.length)} MB; the limit is ${limits.bytes / 1e6} MB. ${SEND_SMALLER}`,
      {
        ofItem: `its picture has ${inMillions(bytes.length)} MB, and at most ${limits.bytes / 1e6} MB are read; save it smaller`,
      },
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
  const clean = await withoutQuirks(bytes, format);
  if (format === 'jpeg') checkScans(clean, limits);
  // checkPixels limits the pixels instead, before anything is decoded, because its limit depends on the format.
  const image = sharp(clean, {
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
    hdr: hdrEncoding(format, clean),
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
    { cause, ofItem: `its picture takes longer than ${limits.seconds} s to read; save it smaller` },
  );
}

// --- Internal helpers ---

const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(Object.values(FORMAT_NAMES));
const EXPECTED = `Supported formats are ${LIST}.`;
const SEND_SMALLER = 'Send a smaller version of it, for example a screenshot.';

/** The bytes in a form that the decoder reads right; the same array when they are. */
async function withoutQuirks(bytes: Uint8Array, format: PhotoFormat): Promise<Uint8Array> {
  switch (format) {
    case 'png':
      return pngWithoutText(bytes);
    case 'jpeg':
      return repairJpeg(bytes);
    case 'avif': {
      if (!isAnimatedAvif(bytes)) return bytes;
      // libvips only knows the brand of stills. An animation holds its first frame as a still too (AV1 Image File Format, 6.2).
      const still = Uint8Array.from(bytes);
      still.set(Buffer.from('avif', 'latin1'), 8);
      return still;
    }
    default:
      return bytes;
  }
}

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
    { ofItem: unreadablePicture({ name, kind }) },
  );
}

function checkScans(bytes: Uint8Array, limits: PhotoLimits): void {
  const scans = countScans(bytes, limits.scans);
  if (scans > limits.scans) {
    throw new InputError(
      'photo-too-slow',
      `This JPEG is stored in ${scans} passes, which takes too long to read; the limit is ${limits.scans}. ` +
        'Open it, save it again as an ordinary JPEG, and send that.',
      { ofItem: `its picture is a JPEG of ${scans} passes; save it as an ordinary JPEG` },
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
      {
        ofItem: `its picture has ${width} x ${height} pixels, and at most ${most / 1e6} megapixels are read as ${kind}; save it smaller`,
      },
    );
  }
  if (Math.max(width, height) > limits.side) {
    throw new InputError(
      'photo-too-many-pixels',
      `The photo has ${width} x ${height} pixels; the limit is ${limits.side} along one side. ${SEND_SMALLER}`,
      {
        ofItem: `its picture has ${width} x ${height} pixels; save it smaller than ${limits.side} along each side`,
      },
    );
  }
}

function damagedError(format: PhotoFormat, cause: unknown): InputError {
  return new InputError(
    'photo-damaged',
    `Expected a complete ${FORMAT_NAMES[format]}; this one is damaged or was cut off during the transfer. ` +
      'Send it again, or open it, save a new copy, and send that.',
    { cause, ofItem: `its picture is a damaged or incomplete ${FORMAT_NAMES[format]}; export it again` },
  );
}

/** Rounded up to one decimal, so that a number above a limit never looks equal to it. */
function inMillions(count: number): string {
  return String(Math.ceil(count / 1e5) / 10);
}
