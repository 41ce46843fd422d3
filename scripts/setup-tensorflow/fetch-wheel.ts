/** Downloads one wheel with pip, checks its digest and extracts the needed files. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { OperatorError } from '../../src/util/errors.ts';
import { runTool } from './run-tool.ts';
import { PIP_TAGS, type Wheel } from './wheels.ts';

/**
 * Extracts the wheel's files below `folder`. Does nothing if they are there already.
 * @throws {OperatorError} when pip cannot download the wheel, or it is not the pinned one.
 */
export async function fetchWheel(folder: string, wheel: Wheel): Promise<'fetched' | 'there'> {
  const mark = join(folder, 'unpacked', `${wheel.name}.sha256`);
  if ((await readFile(mark, 'utf8').catch(() => '')) === wheel.sha256) return 'there';
  const downloads = join(folder, 'downloads');
  const file = (await findWheel(downloads, wheel)) ?? (await download(downloads, wheel));
  const digest = await digestOf(file);
  if (digest !== wheel.sha256) {
    await rm(file);
    throw new OperatorError(
      `${wheel.name} ${wheel.version} is not the expected file: expected SHA-256 ${wheel.sha256}, got ${digest}. ` +
        'It was removed. Run the command again. If the error remains, your package index serves another file.',
    );
  }
  await unpack(file, folder, wheel.take);
  await mkdir(dirname(mark), { recursive: true });
  await writeFile(mark, wheel.sha256);
  await rm(file);
  return 'fetched';
}

/** Extracts the entries of a zip file that start with one of `take`. @throws {OperatorError} when there is none. */
export async function unpack(file: string, folder: string, take: readonly string[]): Promise<void> {
  const zip = await openZip(file);
  let extracted = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      const name = entry.fileName; // yauzl refuses absolute paths and `..`
      const wanted = !name.endsWith('/') && take.some((prefix) => name.startsWith(prefix));
      const writing = wanted ? write(zip, entry, join(folder, name)) : Promise.resolve();
      if (wanted) extracted++;
      writing.then(() => {
        zip.readEntry();
      }, reject);
    });
    zip.readEntry();
  });
  if (extracted === 0)
    throw new OperatorError(`${file} contains no file that starts with ${take.join(' or ')}.`);
}

// --- Internal helpers ---

function openZip(file: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(file, { lazyEntries: true }, (error: Error | null, zip: ZipFile) => {
      if (error) reject(error);
      else resolve(zip);
    });
  });
}

async function write(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error: Error | null, opened: NodeJS.ReadableStream) => {
      if (error) reject(error);
      else resolve(opened);
    });
  });
  await pipeline(stream, createWriteStream(target));
}

/** The file name of a wheel starts with its name, with underscores for dashes, and its version. */
async function findWheel(downloads: string, { name, version }: Wheel): Promise<string | undefined> {
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const names = await readdir(downloads).catch(() => []);
  const found = names.find((file) => file.startsWith(start) && file.endsWith('.whl'));
  return found && join(downloads, found);
}

async function download(downloads: string, wheel: Wheel): Promise<string> {
  await mkdir(downloads, { recursive: true });
  await runTool({
    command: 'python3',
    args: [
      '-m',
      'pip',
      'download',
      '--no-deps',
      ...PIP_TAGS,
      '--dest',
      downloads,
      `${wheel.name}==${wheel.version}`,
    ],
    missing: 'It downloads TensorFlow with pip (Debian: apt-get install python3-pip).',
  });
  const file = await findWheel(downloads, wheel);
  if (!file)
    throw new OperatorError(`pip did not write a wheel of ${wheel.name} ${wheel.version} to ${downloads}.`);
  return file;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
