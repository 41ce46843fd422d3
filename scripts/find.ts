/** npm run find: the closest items of photos on disk, as lines, as JSON for programs and, if wanted, as a page. */

import { existsSync } from 'node:fs';
import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { readConfig } from '../src/config/config.ts';
import { BusyError, OperatorError, systemReason } from '../src/util/errors.ts';
import type { Gallery } from '../src/recommend/gallery.ts';
import { createLogger } from '../src/util/logger.ts';
import { type App, createApp } from '../src/create-app.ts';
import { parseFilter } from '../src/search/filter.ts';
import { failedLine, type FindLine, findLine } from './find-line.ts';
import { type FoundPhoto, galleryPage } from './gallery-page.ts';
import { openJsonLines } from './json-lines.ts';
import { parseOptions, wholeNumber } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run find -- PHOTO... [--list FILE] [--count N] [--filter JSON] [--json FILE] [--html FILE]

  --list FILE    also the photos that a file names, one a line, relative to this folder or to that of the file
  --count N      items a photo and garment, 1 to 20 (default 5)
  --filter JSON  for example '{"type":["Shirts"],"colour":["Blue"]}'
  --json FILE    write one line of JSON a photo, in order, with the garments and the closest items of each
  --html FILE    also write a page with the pictures`;

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

interface Photo {
  /** As the person named it. */
  readonly name: string;
  readonly path: string;
}

type FindOptions = Awaited<ReturnType<typeof parse>>;

async function run(args: string[]): Promise<number> {
  const { photos, count, filter, html, json } = await parse(args);
  if (html !== undefined) await access(dirname(html), constants.W_OK).catch(cannotWrite('--html', html));
  const lines = json === undefined ? undefined : await openJsonLines(json).catch(cannotWrite('--json', json));
  const app = await createApp({
    config: readConfig(),
    logger: createLogger('warn', { stream: process.stderr }),
    purpose: 'npm run find',
    mode: 'serve',
    readsOnly: true,
  });
  const found: FoundPhoto[] = [];
  let failed = 0;
  try {
    for (const { name, path } of photos) {
      try {
        const bytes = await readFile(path);
        const gallery = await app.recommender.recommend(bytes, { count, filter });
        printGallery(name, gallery);
        await lines?.write(await lineOf(app, name, gallery, { count, filter }));
        if (html !== undefined) found.push({ name: basename(path), bytes, gallery });
      } catch (error) {
        if (error instanceof BusyError) throw error;
        failed++;
        console.error(`${name}: ${systemReason(error)}`);
        await lines?.write(failedLine(name, systemReason(error)));
      }
    }
    if (html !== undefined) {
      await writeFile(html, await galleryPage(found, app)).catch(cannotWrite('--html', html));
      console.log(`Wrote ${html}`);
    }
  } finally {
    await lines?.close();
    await app.close();
  }
  return failed > 0 ? 1 : 0;
}

async function lineOf(
  { recommender }: App,
  name: string,
  gallery: Gallery,
  options: Pick<FindOptions, 'count' | 'filter'>,
): Promise<FindLine> {
  const galleries = await Promise.all(
    gallery.garments.map((garment) => recommender.page(garment.gallery, options)),
  );
  return findLine(name, gallery, galleries);
}

async function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const options = { list: text, count: text, filter: text, html: text, json: text } as const;
  const { values, positionals } = parseOptions({ args, options, allowPositionals: true });
  const photos = [
    ...positionals.map((path) => ({ name: path, path })),
    ...(values.list === undefined ? [] : await readList(values.list)),
  ];
  if (photos.length === 0) throw new UsageError('Expected at least one photo, got none.');
  return {
    photos,
    count: values.count === undefined ? undefined : wholeNumber('--count', values.count),
    filter: values.filter === undefined ? undefined : parseFilter(values.filter),
    html: values.html,
    json: values.json,
  };
}

async function readList(file: string): Promise<Photo[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new OperatorError(
      `Cannot read the list ${file}: ${systemReason(error)}. Expected a text with the path of one photo a line.`,
    );
  });
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((name) => ({ name, path: existsSync(name) ? name : resolve(dirname(file), name) }));
}

function cannotWrite(option: string, file: string): (error: unknown) => never {
  return (error) => {
    throw new OperatorError(
      `Cannot write ${file}: ${systemReason(error)}. Name another file with ${option}.`,
    );
  };
}

function printGallery(path: string, { items, weak, garments, garmentSeen }: Gallery): void {
  const kinds = garments.map(({ kind }) => kind).join(', ');
  const remark = !garmentSeen
    ? ': no garment in this photo'
    : `${kinds === '' ? '' : `: ${kinds}`}${weak ? ': no close match, these are the nearest' : ''}`;
  console.log(`${path}${remark}`);
  if (garmentSeen && items.length === 0) console.log('  nothing matches the filter');
  for (const { rank, id, title, similarity, likeness, labels, duplicateCount, garment } of items) {
    const kind = [labels.gender, labels.colour, labels.type].filter(Boolean).join(', ');
    const more = duplicateCount > 0 ? `  +${duplicateCount} alike` : '';
    const found = garment === undefined ? '' : `${garment.padEnd(10)}  `;
    console.log(
      `  ${rank}. ${found}${similarity.toFixed(3)}  ${likeness.padEnd(16)}  ${id}  ${title}${kind ? `  (${kind})` : ''}${more}`,
    );
  }
}
