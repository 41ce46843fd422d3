/** Detects the format of a file by its first bytes; file names and content types are never trusted. */

import { fileTypeFromBuffer } from 'file-type';

/** The supported formats. */
export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

export const FORMAT_NAMES: Readonly<Record<PhotoFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  avif: 'AVIF',
};

/** A file that is not a photo of a supported format. */
export interface UnsupportedFile {
  /** Its kind with an article, for example `a TIFF picture` or `a PDF document`. */
  readonly name: string;
  readonly kind: 'heic' | 'svg' | 'picture' | 'other';
}

/** The format of the picture; undefined when it is not supported. */
export function photoFormat(bytes: Uint8Array): PhotoFormat | undefined {
  if (startsWith(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'gif';
  if (startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP')) return 'webp';
  return isAvif(bytes) ? 'avif' : undefined;
}

/** Whether it is an AVIF of several frames. Its first frame is shown. */
export function isAnimatedAvif(bytes: Uint8Array): boolean {
  return isAvif(bytes) && latin1(bytes, 8, 12) === 'avis';
}

/** Describes an unsupported file. Looks at its first bytes only, so the work is bounded for a file of any size. */
export async function describeUnsupported(bytes: Uint8Array): Promise<UnsupportedFile> {
  const head = bytes.subarray(0, HEAD_BYTES);
  const text = textOf(head);
  if (text !== undefined && /<svg[\s>]/i.test(text)) return { name: 'an SVG drawing', kind: 'svg' };
  const type = await fileTypeFromBuffer(head);
  // A text may begin like a picture ("BMW") or a sound, but a file that is text throughout is neither.
  if (text !== undefined && !type?.mime.startsWith('application/')) return { name: 'text', kind: 'other' };
  if (!type) return { name: 'a file of an unknown kind', kind: 'other' };
  const extension = type.ext.toUpperCase();
  const named = withArticle(extension);
  if (/^image\/hei[cf]/.test(type.mime)) return { name: `a ${extension} picture`, kind: 'heic' };
  if (type.mime.startsWith('image/')) return { name: `${named} picture`, kind: 'picture' };
  if (type.mime.startsWith('video/')) return { name: `${named} video`, kind: 'other' };
  if (type.mime.startsWith('audio/')) return { name: `${named} sound`, kind: 'other' };
  return { name: `${named} file`, kind: 'other' };
}

/** What a report says of an item whose picture is such a file. */
export function unreadablePicture({ name, kind }: UnsupportedFile): string {
  const advice = {
    heic: 'which cannot be read; export it as JPEG (on a Mac: Preview, File, Export)',
    svg: 'which cannot be read; export it as PNG',
    picture: `which cannot be read; save it as ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(Object.values(FORMAT_NAMES))}`,
    other: 'and no picture; check the address or path that the source gives',
  }[kind];
  return kind === 'other' ? `its picture is ${name} ${advice}` : `its picture is ${name}, ${advice}`;
}

// --- Internal helpers ---

/** The most bytes that file-type looks at (its `reasonableDetectionSizeInBytes`). */
const HEAD_BYTES = 4100;

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return latin1(bytes, 0, signature.length) === signature;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** Whether it is an ISO media file (its first box is `ftyp`) of an AVIF brand; HEIC uses the same container. */
function isAvif(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || latin1(bytes, 4, 8) !== 'ftyp') return false;
  const end = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const brands = latin1(bytes, 8, Math.min(end, 256)).match(/.{4}/gs) ?? [];
  return brands.some((brand) => brand === 'avif' || brand === 'avis');
}

/** The bytes as text; undefined when they are not text. Ignores a character that is cut off at the end. */
function textOf(head: Uint8Array): string | undefined {
  const encoding = startsWith(head, '\xff\xfe')
    ? 'utf-16le'
    : startsWith(head, '\xfe\xff')
      ? 'utf-16be'
      : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The article follows the pronunciation of the letters: an MP4, a PDF. */
function withArticle(extension: string): string {
  return `${/^[AEFHILMNORSX]/.test(extension) ? 'an' : 'a'} ${extension}`;
}
