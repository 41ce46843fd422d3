/** Walks through the compressed data of a sequential JPEG, to tell whether all its pixels are there, without computing them. */

import { setImmediate } from 'node:timers/promises';

/** What a scan is coded with. All arrays are segments with their markers. */
export interface SequentialScan {
  /** Start of frame: marker, length, precision, height, width, count, and for each component its id, sampling and table. */
  readonly frame: Uint8Array;
  /** Start of scan: marker, length, count, and for each component its id and its Huffman tables. */
  readonly header: Uint8Array;
  /** Segments of Huffman tables that came before the scan. */
  readonly huffman: readonly Uint8Array[];
  /** MCUs between restart markers; 0: there are none. */
  readonly restartInterval: number;
  readonly data: Uint8Array;
}

/** Follows ITU-T T.81, annexes A.2 (order of the blocks) and F.2.2 (Huffman codes). */
export async function isScanComplete(scan: SequentialScan): Promise<boolean> {
  const { frame, header, huffman, restartInterval, data } = scan;
  const tables = readTables(huffman);
  const components = componentsOf(frame, header, tables);
  if (!components) return false;
  const mcus = mcuCount(frame, components);
  const bits = createBitReader(data);
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (mcu % MCUS_PER_TURN === MCUS_PER_TURN - 1) await setImmediate();
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0 && !bits.restart()) return false;
    for (const { blocks, dc, ac } of components) {
      for (let block = 0; block < blocks; block++) if (!skipBlock(bits, dc, ac)) return false;
    }
  }
  return true;
}

// --- Internal helpers ---

/** MCUs before other work gets a turn, at most 20 ms; a photo of 10 MB takes a second. */
const MCUS_PER_TURN = 1_000;

/** By the next 16 bits of the data: length of the code times 256, plus its symbol; 0 where there is no code. */
type HuffmanTable = Uint16Array;

interface ScanComponent {
  /** Blocks of this component in an MCU. */
  readonly blocks: number;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
}

/** Tables by class and number, as they are in a scan header: 0x00 to 0x03 for DC, 0x10 to 0x13 for AC. */
function readTables(segments: readonly Uint8Array[]): Map<number, HuffmanTable> {
  const tables = new Map<number, HuffmanTable>();
  for (const segment of segments) {
    for (let at = 4; at + 17 <= segment.length;) {
      const counts = segment.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const table = new Uint16Array(65_536);
      let code = 0;
      let symbol = at + 17;
      for (const [index, count] of counts.entries()) {
        const length = index + 1;
        for (let n = 0; n < count; n++, code++, symbol++) {
          const first = code << (16 - length);
          table.fill((length << 8) | (segment[symbol] ?? 0), first, first + (1 << (16 - length)));
        }
        code <<= 1;
      }
      tables.set(segment[at]!, table);
      at += 17 + total;
    }
  }
  return tables;
}

/** Undefined when a component or a table is missing. */
function componentsOf(
  frame: Uint8Array,
  header: Uint8Array,
  tables: ReadonlyMap<number, HuffmanTable>,
): ScanComponent[] | undefined {
  const count = header[4] ?? 0;
  const components: ScanComponent[] = [];
  for (let index = 0; index < count; index++) {
    const id = header[5 + 2 * index];
    const use = header[6 + 2 * index] ?? 0;
    const place = Array.from({ length: frame[9] ?? 0 }, (_, n) => 10 + 3 * n).find((at) => frame[at] === id);
    const dc = tables.get(use >> 4);
    const ac = tables.get(0x10 | (use & 0x0f));
    if (place === undefined || !dc || !ac) return undefined;
    const sampling = frame[place + 1] ?? 0x11;
    const [h, v] = [sampling >> 4, sampling & 0x0f];
    // A scan of one component holds one block in each MCU, whatever its sampling.
    components.push({ blocks: count === 1 ? 1 : h * v, dc, ac, h, v });
  }
  return components.length > 0 ? components : undefined;
}

function mcuCount(frame: Uint8Array, components: readonly ScanComponent[]): number {
  const [height, width] = [
    ((frame[5] ?? 0) << 8) | (frame[6] ?? 0),
    ((frame[7] ?? 0) << 8) | (frame[8] ?? 0),
  ];
  const samplings = Array.from({ length: frame[9] ?? 0 }, (_, n) => frame[11 + 3 * n] ?? 0x11);
  const [mostH, mostV] = [
    Math.max(...samplings.map((it) => it >> 4)),
    Math.max(...samplings.map((it) => it & 0x0f)),
  ];
  const [only] = components;
  if (components.length === 1 && only) {
    const columns = Math.ceil(Math.ceil((width * only.h) / mostH) / 8);
    return columns * Math.ceil(Math.ceil((height * only.v) / mostV) / 8);
  }
  return Math.ceil(width / (8 * mostH)) * Math.ceil(height / (8 * mostV));
}

interface BitReader {
  /** The next symbol; -1 for a code that the table does not have. */
  symbol(table: HuffmanTable): number;
  /** At most 16 bits. */
  skip(count: number): void;
  /** Whether more bits were taken than there are up to the end of the data or the next marker. */
  isPastEnd(): boolean;
  /** Goes to the bits after the next restart marker, which has to be next. */
  restart(): boolean;
}

function createBitReader(data: Uint8Array): BitReader {
  let at = 0;
  let bits = 0;
  let count = 0;
  /** How many of the bits were made up, after the end. */
  let invented = 0;

  function fill(): void {
    while (count <= 16) {
      let byte = data[at];
      if (byte === undefined || (byte === 0xff && data[at + 1] !== 0)) {
        byte = 0;
        invented += 8;
      } else at += byte === 0xff ? 2 : 1;
      bits = ((bits << 8) | byte) & 0xff_ffff;
      count += 8;
    }
  }

  return {
    symbol(table) {
      fill();
      const entry = table[(bits >> (count - 16)) & 0xffff]!;
      if (entry === 0) return -1;
      count -= entry >> 8;
      return entry & 0xff;
    },
    skip(length) {
      fill();
      count -= length;
    },
    isPastEnd: () => count < invented,
    restart() {
      bits = count = invented = 0;
      while (data[at] === 0xff && data[at + 1] === 0xff) at++;
      const marker = data[at + 1] ?? 0;
      if (data[at] !== 0xff || marker < 0xd0 || marker > 0xd7) return false;
      at += 2;
      return true;
    },
  };
}

/** Skips the 64 coefficients of a block. @returns false when the data ends in it or is damaged. */
function skipBlock(bits: BitReader, dc: HuffmanTable, ac: HuffmanTable): boolean {
  const size = bits.symbol(dc);
  if (size < 0 || size > 16) return false;
  bits.skip(size);
  for (let index = 1; index < 64; index++) {
    const symbol = bits.symbol(ac);
    if (symbol < 0) return false;
    const length = symbol & 0x0f;
    if (length === 0 && symbol !== 0xf0) break;
    index += symbol >> 4;
    bits.skip(length);
  }
  return !bits.isPastEnd();
}
