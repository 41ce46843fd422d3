/** The complete state of a training run, as one file that is written atomically. */

import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { hasCode, OperatorError } from '../../src/util/errors.ts';

export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Checkpoint {
  /** Completed steps. */
  readonly step: number;
  /** The rest of the run's state, as JSON. */
  readonly run: unknown;
  readonly tensors: ReadonlyMap<string, SavedTensor>;
}

interface Header {
  readonly step: number;
  readonly run: unknown;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly length: number;
  }[];
  /** SHA-256 of the numbers, hex. */
  readonly sha256: string;
}

const MAGIC = 'FRBCKPT1';

/** Writes a JSON header and all numbers to a temporary file, syncs it and renames it. */
export async function writeCheckpoint(path: string, { step, run, tensors }: Checkpoint): Promise<void> {
  const entries = [...tensors];
  const parts = entries.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const header: Header = {
    step,
    run,
    tensors: entries.map(([name, { shape, data }]) => ({ name, shape, length: data.length })),
    sha256: hash.digest('hex'),
  };
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(MAGIC.length + 4);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(json.length, MAGIC.length);
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    for (const part of [start, json, ...parts]) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

/** Undefined when the file does not exist. @throws {OperatorError} when it is damaged. */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const damaged = new OperatorError(`${path} is damaged. Remove it to restart the training.`);
  if (bytes.length < 12 || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged;
  const numbers = MAGIC.length + 4 + bytes.readUInt32LE(MAGIC.length);
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, numbers)) as Header;
  } catch {
    throw damaged;
  }
  if (createHash('sha256').update(bytes.subarray(numbers)).digest('hex') !== header.sha256) throw damaged;
  const all = new Float32Array(Uint8Array.from(bytes.subarray(numbers)).buffer);
  const tensors = new Map<string, SavedTensor>();
  let offset = 0;
  for (const { name, shape, length } of header.tensors) {
    tensors.set(name, { shape, data: all.slice(offset, offset + length) });
    offset += length;
  }
  return { step: header.step, run: header.run, tensors };
}
