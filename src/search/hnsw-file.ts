/** Checks the structure of a graph file before hnswlib reads it, because hnswlib trusts every byte and may crash. */

import { type FileHandle, open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { DamagedFileError } from './checked-file.ts';

export interface GraphShape {
  readonly dimension: number;
  /** Number of nodes, including deleted ones. */
  readonly nodes: number;
  /** Links per node on the upper levels. The lowest level has twice as many. */
  readonly m: number;
  readonly efConstruction: number;
}

/**
 * Checks that a file is a complete graph of this shape, in the layout of hnswlib 0.8 on a 64-bit machine: a header, a block of equal
 * size for each node, and for each node the length of its upper links with these links, up to the end of the file. hnswlib reports
 * no failed writes, so this is also how a full disk is noticed.
 * @throws {DamagedFileError} when the file is anything else.
 */
export async function checkGraphFile(path: string, shape: GraphShape): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new DamagedFileError(`${path} was not written.`, { cause: error });
  });
  try {
    const { size } = await handle.stat();
    const header = await readAt(handle, 0, Math.min(size, HEADER_BYTES));
    if (header.byteLength < HEADER_BYTES)
      throw new DamagedFileError(`${path} is cut short: it has ${size} bytes.`);
    const nodeBytes = checkHeader(path, header, shape);
    const start = HEADER_BYTES + shape.nodes * nodeBytes;
    if (size < start)
      throw new DamagedFileError(`${path} is cut short: expected at least ${start} bytes, got ${size}.`);
    checkLinkLists(path, header, await readAt(handle, start, size - start), shape);
  } finally {
    await handle.close();
  }
}

// --- Internal helpers ---

const HEADER_BYTES = 96;
const LITTLE = endianness() === 'LE';

/** Returns the size of a node's block in bytes. */
function checkHeader(
  path: string,
  header: DataView,
  { dimension, nodes, m, efConstruction }: GraphShape,
): number {
  const linkBytes = 4 + 2 * m * 4;
  const labelOffset = linkBytes + dimension * 4;
  const nodeBytes = labelOffset + 8;
  const factor = header.getFloat64(80, LITTLE);
  const long = (offset: number): number => Number(header.getBigUint64(offset, LITTLE));
  const fields: [string, number, boolean][] = [
    ['offset of the lowest level', long(0), long(0) === 0],
    ['room for nodes', long(8), long(8) === nodes],
    ['nodes', long(16), long(16) === nodes],
    ['bytes a node', long(24), long(24) === nodeBytes],
    ['offset of the label', long(32), long(32) === labelOffset],
    ['offset of the vector', long(40), long(40) === linkBytes],
    ['links on upper levels', long(56), long(56) === m],
    ['links on the lowest level', long(64), long(64) === 2 * m],
    ['M', long(72), long(72) === m],
    ['level factor', factor, Math.abs(factor - 1 / Math.log(m)) < 1e-9],
    ['efConstruction', long(88), long(88) === efConstruction],
  ];
  const wrong = fields.find(([, , right]) => !right);
  if (wrong) throw new DamagedFileError(`${path} is damaged: its header says ${wrong[0]} ${wrong[1]}.`);
  return nodeBytes;
}

/** The entry node must be on the highest level, because every search starts with its links on that level. */
function checkLinkLists(path: string, header: DataView, lists: DataView, { nodes, m }: GraphShape): void {
  const levelBytes = 4 + m * 4;
  const highest = header.getInt32(48, LITTLE);
  const entry = header.getUint32(52, LITTLE);
  let offset = 0;
  let reached = 0;
  let entryLevel = -1;
  for (let node = 0; node < nodes; node++) {
    if (offset + 4 > lists.byteLength) {
      throw new DamagedFileError(`${path} is cut short: the links of ${nodes - node} nodes are missing.`);
    }
    const level = lists.getUint32(offset, LITTLE) / levelBytes;
    if (!Number.isInteger(level))
      throw new DamagedFileError(`${path} is damaged: node ${node} has links of an odd size.`);
    if (node === entry) entryLevel = level;
    reached = Math.max(reached, level);
    offset += 4 + level * levelBytes;
  }
  if (offset !== lists.byteLength) {
    throw new DamagedFileError(`${path} is damaged: its links end at byte ${offset} of ${lists.byteLength}.`);
  }
  if (highest !== reached || entryLevel !== reached) {
    throw new DamagedFileError(
      `${path} is damaged: its header says entry node ${entry} on level ${highest}, its links reach level ${reached}.`,
    );
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<DataView> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return new DataView(buffer.buffer, buffer.byteOffset, read);
}
