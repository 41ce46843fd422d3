/** Reads the structure of a JPEG without decoding its pixels. */

/** A picture's size in pixels, as stored, before any rotation. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How many passes a decoder would make. The result is exact above `limit`; up to `limit` it is a cheap upper bound. If the
 * structure of the file is broken, every byte sequence that may start a pass is counted.
 */
export function countScans(bytes: Uint8Array, limit: number): number {
  const upperBound = countOccurrences(bytes, START_OF_SCAN, limit);
  if (upperBound <= limit) return upperBound;
  let scans = 0;
  for (const { marker } of segmentsOf(bytes)) {
    if (marker === SOS) scans++;
    if (marker === EOI) return scans;
  }
  return upperBound;
}

/**
 * The size of a JPEG that holds only a picture: baseline, one pass, grey or colour, without EXIF, GPS, comment, profile or
 * thumbnail, and without a byte after its end. Undefined for any other file.
 */
export function plainJpegSize(bytes: Uint8Array): Size | undefined {
  let size: Size | undefined;
  let scans = 0;
  for (const { marker, start, end } of segmentsOf(bytes)) {
    if (marker === EOI) return end === bytes.length && scans === 1 ? size : undefined;
    if (marker === SOF0) size = baselineSize(bytes.subarray(start, end));
    else if (marker === SOS) {
      // Only whole coefficients belong in a baseline scan; viewers may take another range for damage.
      const range = start + 2 + (((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0)) - 3;
      if (bytes[range] !== 0 || bytes[range + 1] !== 63 || bytes[range + 2] !== 0) return undefined;
      scans++;
    } else if (marker === APP0) {
      if (end - start > JFIF_BYTES) return undefined;
    } else if (!TABLES.has(marker)) return undefined;
  }
  return undefined;
}

// --- Internal helpers ---

// Markers of ITU-T T.81, table B.1.
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const SOF0 = 0xc0;
const APP0 = 0xe0;
/** Quantisation and Huffman tables, restart interval, and the colour transform that Adobe writes. */
const TABLES = new Set([0xdb, 0xc4, 0xdd, 0xee]);
/** A JFIF header without a thumbnail, marker included. */
const JFIF_BYTES = 18;
const START_OF_SCAN = Uint8Array.of(0xff, SOS);

interface Segment {
  readonly marker: number;
  /** Position of the marker. */
  readonly start: number;
  /** Position after the segment; for a scan, after its compressed data. */
  readonly end: number;
}

/** Ends with the end-of-image marker, or earlier if the structure is broken. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  let at = bytes[1] === SOI ? 2 : bytes.length;
  while (at + 2 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // Padding before a marker.
      continue;
    }
    if (marker === EOI) {
      yield { marker, start: at, end: at + 2 };
      return;
    }
    let end = at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
    if (marker === SOS) end = endOfData(bytes, end);
    yield { marker, start: at, end };
    at = end;
  }
}

/** Compressed data ends at the first marker, other than a stuffed zero, a restart marker or padding. */
function endOfData(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at)) {
    const next = bytes[at + 1] ?? EOI;
    if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at += 2;
    else if (next === 0xff) at++;
    else return at;
  }
  return bytes.length;
}

/** @param segment marker, length, bits per sample, height, width, number of components. */
function baselineSize(segment: Uint8Array): Size | undefined {
  if (segment.length < 10) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.length);
  const size = { height: view.getUint16(5), width: view.getUint16(7) };
  const isSupported = view.getUint8(4) === 8 && [1, 3].includes(view.getUint8(9));
  return isSupported && size.width > 0 && size.height > 0 ? size : undefined;
}

/** Stops counting at one more than `limit`. */
function countOccurrences(bytes: Uint8Array, wanted: Uint8Array, limit: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = buffer.indexOf(wanted); at !== -1 && count <= limit; at = buffer.indexOf(wanted, at + 2))
    count++;
  return count;
}
