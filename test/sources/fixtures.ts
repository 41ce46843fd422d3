/** Creates folders and zip files for the tests of the sources, and reads the records of a source. */

import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll } from 'vitest';
import yazl from 'yazl';
import type { ItemRecord, RejectedRecord, Source } from '../../src/sources/source.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

const parent = mkdtempSync(join(tmpdir(), 'sources-'));
let made = 0;
afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

/** A path that no other test uses. */
export function freshPath(name: string): string {
  const folder = join(parent, String(made++));
  mkdirSync(folder);
  return join(folder, name);
}

/** @returns the folder. */
export function folderOf(files: Files, name = 'stuff'): string {
  const folder = freshPath(name);
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** @returns the zip file. */
export async function zipOf(
  files: Files,
  name = 'stuff.zip',
  options: { compress?: boolean } = {},
): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path, options);
  zip.end();
  const file = freshPath(name);
  await finished(zip.outputStream.pipe(createWriteStream(file)));
  return file;
}

export interface ReadSource {
  readonly items: ItemRecord[];
  readonly rejected: RejectedRecord[];
  readonly ids: string[];
  /** Reasons of the rejected records, by their place. */
  readonly reasons: Record<string, string>;
}

export async function readAll(source: Source): Promise<ReadSource> {
  const items: ItemRecord[] = [];
  const rejected: RejectedRecord[] = [];
  for await (const record of source.records()) {
    if (record.kind === 'item') items.push(record);
    else rejected.push(record);
  }
  return {
    items,
    rejected,
    ids: items.map(({ item }) => item.id),
    reasons: Object.fromEntries(rejected.map(({ where, reason }) => [where, reason])),
  };
}

/** The result of `read()` of each item, by id: the text, or the message of the error. */
export async function readPictures({ items }: ReadSource): Promise<Record<string, string>> {
  const pictures: Record<string, string> = {};
  for (const record of items) {
    pictures[record.item.id] = await record.read().then(
      (bytes) => Buffer.from(bytes).toString(),
      (error: unknown) => `error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return pictures;
}
