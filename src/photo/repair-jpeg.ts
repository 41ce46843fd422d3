/** Puts right what some phones and programs write wrong in a JPEG, where all its pixels are there. */

import { isScanComplete, type SequentialScan } from './jpeg-scan.ts';

/**
 * Three mistakes make the decoder complain although nothing is missing: a scan of a baseline JPEG whose header gives a range of
 * coefficients that only progressive ones have, bytes between segments that belong to neither, and an end-of-image marker that is
 * gone. The compressed data is left alone, so a file that is really cut off stays cut off, and the decoder refuses it.
 * @returns the same array when there is nothing to put right.
 */
export async function repairJpeg(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return bytes;
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  const coverage = createCoverage();
  const huffman: Uint8Array[] = [];
  let frame: Uint8Array = new Uint8Array();
  let restartInterval = 0;
  let scan: SequentialScan | undefined;
  let isSequential = false;
  let isChanged = false;
  let at = 2;
  for (;;) {
    const start = nextMarker(bytes, at);
    if (start > at) isChanged = true;
    if (start < 0) break;
    const marker = bytes[start + 1]!;
    if (marker === EOI) {
      kept.push(bytes.subarray(start));
      return isChanged ? Buffer.concat(kept) : bytes;
    }
    const length = ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0);
    if (length < 2 || start + 2 + length > bytes.length) return bytes;
    let header = bytes.subarray(start, start + 2 + length);
    at = start + 2 + length;
    if (isFrame(marker)) {
      isSequential = marker === SOF0 || marker === SOF1;
      coverage.begin(header);
      frame = header;
    }
    if (marker === DHT) huffman.push(header);
    if (marker === DRI) restartInterval = ((header[4] ?? 0) << 8) | (header[5] ?? 0);
    if (marker === SOS) {
      const range = header.length - 3;
      if (isSequential && (header[range] !== 0 || header[range + 1] !== 63 || header[range + 2] !== 0)) {
        header = Uint8Array.from(header);
        header.set([0, 63, 0], range);
        isChanged = true;
      }
      coverage.add(header);
      kept.push(header);
      const end = endOfScan(bytes, at);
      const data = bytes.subarray(at, end);
      kept.push(data);
      scan = { frame, header, huffman: [...huffman], restartInterval, data };
      at = end;
    } else kept.push(header);
  }
  // The last marker is missing. If a scan is missing too, so are pixels or their details. The decoder notices when the last scan of
  // a progressive JPEG is cut off, because it reads all scans before it makes the first row; of others it may miss the last rows.
  if (!coverage.isComplete() || (isSequential && !(scan && (await isScanComplete(scan))))) return bytes;
  return Buffer.concat([...kept, END_OF_IMAGE]);
}

// --- Internal helpers ---

// Markers of ITU-T T.81, table B.1.
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DHT = 0xc4;
const DRI = 0xdd;
const SOF0 = 0xc0;
const SOF1 = 0xc1;
const END_OF_IMAGE = Uint8Array.of(0xff, EOI);

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** The next marker that may begin a segment, from here on; -1 at the end of the file. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1];
    // Stuffed zeros, padding and restart markers begin no segment.
    if (marker !== undefined && marker >= 0xc0 && marker !== 0xff && !(marker >= 0xd0 && marker <= SOI))
      return at;
  }
  return -1;
}

/** Compressed data ends at the next marker that is no restart marker, or with the file. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at)) {
    const next = bytes[at + 1];
    // Half of the last marker may be left.
    if (next === undefined) return at;
    if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at += 2;
    else if (next === 0xff) at++;
    else return at;
  }
  return bytes.length;
}

interface Coverage {
  /** @param header the frame: marker, length, precision, height, width, count, and three bytes for each component. */
  begin(header: Uint8Array): void;
  /** @param header the scan: marker, length, count, two bytes for each component, range of coefficients, bits. */
  add(header: Uint8Array): void;
  /** Whether the scans hold every coefficient of every component to its last bit. */
  isComplete(): boolean;
}

/** Keeps account of the scans of a progressive JPEG, so that one that lacks its last scans is not taken for a whole one. */
function createCoverage(): Coverage {
  const missing = new Map<number, Set<number>>();
  return {
    begin(header) {
      missing.clear();
      const count = header[9] ?? 0;
      for (let component = 0; component < count; component++) {
        const id = header[10 + 3 * component];
        if (id !== undefined) missing.set(id, new Set(Array.from({ length: 64 }, (_, index) => index)));
      }
    },
    add(header) {
      const count = header[4] ?? 0;
      const [first = 0, last = 0, bits = 0] = header.subarray(5 + 2 * count);
      // The low half of the byte is the number of bits that a later scan still adds.
      if ((bits & 0x0f) !== 0) return;
      for (let component = 0; component < count; component++) {
        const left = missing.get(header[5 + 2 * component] ?? -1);
        for (let index = first; index <= last; index++) left?.delete(index);
      }
    },
    isComplete: () => missing.size > 0 && [...missing.values()].every((left) => left.size === 0),
  };
}
