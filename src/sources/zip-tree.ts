/** The files in a zip file, read one by one in place: nothing is extracted to disk, and the zip is never held in memory whole. */

import { type FileHandle, open } from 'node:fs/promises';
import { Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { messageOf, OperatorError } from '../util/errors.ts';
import { type FileTree, isJunkFile } from './file-tree.ts';
import { tooLarge } from './too-large.ts';
import { decodeZipNames, type ZipName, zipName } from './zip-names.ts';
import { ZipReader } from './zip-reader.ts';

/** The largest published data set has 88,000 entries. Each takes about 200 bytes of memory. */
const MAX_ENTRIES = 1_000_000;

/** @throws {OperatorError} when it is not a zip file, is damaged, or has too many entries. */
export async function openZipTree(path: string): Promise<FileTree> {
  const file = await open(path).catch((error: unknown) => {
    throw new OperatorError(`The zip file ${path} cannot be opened: ${messageOf(error)}.`, { cause: error });
  });
  const zip = await openZip(file, path);
  try {
    const entries = await listEntries(zip.file);
    zip.reader.readAhead = false;
    return {
      kind: 'zip',
      path,
      files: [...entries.keys()].sort(),
      read(name, maxBytes) {
        const location = entries.get(name);
        if (!location) return Promise.reject(new Error('it is not in the zip file'));
        return readEntry(zip.file, location, maxBytes);
      },
      readStart(name, count) {
        const location = entries.get(name);
        if (!location) return Promise.reject(new Error('it is not in the zip file'));
        return readEntry(zip.file, location, Infinity, count);
      },
      close() {
        zip.file.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    zip.file.close();
    throw unusable(path, error);
  }
}

// --- Internal helpers ---

/** What is needed to find the bytes of an entry. */
type EntryLocation = Pick<
  Entry,
  | 'relativeOffsetOfLocalHeader'
  | 'compressedSize'
  | 'uncompressedSize'
  | 'compressionMethod'
  | 'generalPurposeBitFlag'
>;

async function openZip(file: FileHandle, path: string): Promise<{ file: ZipFile; reader: ZipReader }> {
  try {
    const reader = new ZipReader(file);
    const { size } = await file.stat();
    // yauzl would refuse the whole file because of one name such as `../a.jpg`, which is harmless here; so names are decoded below.
    const options = { autoClose: false, decodeStrings: false };
    return { file: await fromRandomAccessReaderPromise(reader, size, options), reader };
  } catch (error) {
    await file.close();
    throw unusable(path, error);
  }
}

async function listEntries(zip: ZipFile): Promise<Map<string, EntryLocation>> {
  if (zip.entryCount > MAX_ENTRIES) {
    throw new Error(`it has ${zip.entryCount} entries, and at most ${MAX_ENTRIES} are read`);
  }
  const found: { name: ZipName; location: EntryLocation }[] = [];
  for await (const entry of zip.eachEntry()) {
    const {
      relativeOffsetOfLocalHeader,
      compressedSize,
      uncompressedSize,
      compressionMethod,
      generalPurposeBitFlag,
    } = entry;
    found.push({
      name: zipName(entry),
      location: {
        relativeOffsetOfLocalHeader,
        compressedSize,
        uncompressedSize,
        compressionMethod,
        generalPurposeBitFlag,
      },
    });
  }
  const names = decodeZipNames(found.map(({ name }) => name));
  const locations = new Map<string, EntryLocation>();
  for (const [index, { location }] of found.entries()) {
    const name = names[index] ?? '';
    // Of two entries with the same name the last one is used, as it would be after extraction.
    if (!name.endsWith('/') && !isJunkFile(name)) locations.set(name, location);
  }
  return locations;
}

/** @param count most bytes from its start that are read. */
async function readEntry(
  zip: ZipFile,
  location: EntryLocation,
  maxBytes: number,
  count = Infinity,
): Promise<Uint8Array> {
  if (!zip.isOpen) throw new Error('the zip file is closed');
  // The stream fails when an entry is larger than its header says, so this check also stops a zip bomb.
  const entry = Object.assign(new Entry(), location);
  if (entry.uncompressedSize > maxBytes) throw new Error(tooLarge(entry.uncompressedSize, maxBytes));
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  try {
    const stream = await zip.openReadStreamPromise(entry);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= count) break;
    }
    const bytes = Buffer.concat(chunks);
    return length > count ? bytes.subarray(0, count) : bytes;
  } catch (error) {
    throw new Error(`its data in the zip file is damaged (${messageOf(error)})`, { cause: error });
  }
}

function unusable(path: string, cause: unknown): OperatorError {
  return new OperatorError(
    `The zip file ${path} cannot be used: ${messageOf(cause)}. Expected a complete, unencrypted zip file; download or copy it again.`,
    { cause },
  );
}
