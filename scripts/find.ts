/** npm run find: the closest items of photos on disk, as lines and, if wanted, as a page. */

import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readConfig } from '../src/config/config.ts';
import { BusyError, OperatorError, systemReason } from '../src/util/errors.ts';
import type { Gallery } from '../src/recommend/gallery.ts';
import { createLogger } from '../src/util/logger.ts';
import { createApp } from '../src/create-app.ts';
import { parseFilter } from '../src/search/filter.ts';
import { type FoundPhoto, galleryPage } from './gallery-page.ts';
import { parseOptions, wholeNumber } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run find -- PHOTO... [--count N] [--filter JSON] [--html FILE]

  --count N      items a photo, 1 to 20 (default 5)
  --filter JSON  for example '{"type":["Shirts"],"colour":["Blue"]}'
  --html FILE    also write a page with the pictures`;

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { photos, count, filter, html } = parse(args);
  if (html !== undefined) await access(dirname(html), constants.W_OK).catch(cannotWrite(html));
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
    for (const path of photos) {
      try {
        const bytes = await readFile(path);
        const gallery = await app.recommender.recommend(bytes, { count, filter });
        printGallery(path, gallery);
        found.push({ name: basename(path), bytes, gallery });
      } catch (error) {
        if (error instanceof BusyError) throw error;
        failed++;
        console.error(`${path}: ${systemReason(error)}`);
      }
    }
    if (html !== undefined) {
      await writeFile(html, await galleryPage(found, app)).catch(cannotWrite(html));
      console.log(`Wrote ${html}`);
    }
  } finally {
    await app.close();
  }
  return failed > 0 ? 1 : 0;
}

function parse(args: string[]) {
  const options = {
    count: { type: 'string' },
    filter: { type: 'string' },
    html: { type: 'string' },
  } as const;
  const { values, positionals } = parseOptions({ args, options, allowPositionals: true });
  if (positionals.length === 0) throw new UsageError('Expected at least one photo, got none.');
  return {
    photos: positionals,
    count: values.count === undefined ? undefined : wholeNumber('--count', values.count),
    filter: values.filter === undefined ? undefined : parseFilter(values.filter),
    html: values.html,
  };
}

function cannotWrite(html: string): (error: unknown) => never {
  return (error) => {
    throw new OperatorError(`Cannot write ${html}: ${systemReason(error)}. Name another file with --html.`);
  };
}

function printGallery(path: string, { items, weak }: Gallery): void {
  console.log(`${path}${weak ? ': no close match, these are the nearest' : ''}`);
  if (items.length === 0) console.log('  nothing matches the filter');
  for (const { rank, id, title, similarity, likeness, labels, duplicateCount } of items) {
    const kind = [labels.gender, labels.colour, labels.type].filter(Boolean).join(', ');
    const more = duplicateCount > 0 ? `  +${duplicateCount} alike` : '';
    console.log(
      `  ${rank}. ${similarity.toFixed(3)}  ${likeness.padEnd(16)}  ${id}  ${title}${kind ? `  (${kind})` : ''}${more}`,
    );
  }
}
