/** Everything a reindex works on, with a small real embedder, over a real data folder. */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Classifier } from '../../src/embed/classifier.ts';
import type { Embedder } from '../../src/embed/embedder.ts';
import type { Manifest } from '../../src/embed/model.ts';
import { openInventory } from '../../src/reindex/open-inventory.ts';
import type { FetcherDependencies } from '../../src/sources/http/fetcher.ts';
import type { SourceFileOptions } from '../../src/sources/source-file.ts';
import type { Source, SourceRecord } from '../../src/sources/source.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { createServingIndex } from '../../src/search/serving-index.ts';
import { type DataFolder, openDataFolder } from '../../src/store/data-folder.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';

const logger = createLogger('silent');
const open: (() => Promise<void>)[] = [];

/** Closes what was opened since the last call; a fixture over the same folder may follow. */
export async function closeFixtures(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export interface FixtureOptions {
  /** A data folder; default: a new one. */
  readonly path?: string;
  readonly embedder?: Embedder;
  readonly classifier?: Classifier;
  readonly labels?: Manifest['labels'];
  readonly patienceMs?: number;
  readonly sourceFile?: SourceFileOptions;
  readonly fetching?: FetcherDependencies;
  /** Where parts of the data folder lie instead, for example on a bad disk. */
  readonly elsewhere?: Partial<Pick<DataFolder, 'indexFolder' | 'picturesFolder'>>;
  /** Called before the index that counts is opened. */
  readonly beforeOpen?: () => void;
}

export async function openFixture(options: FixtureOptions = {}) {
  const path = options.path ?? (await mkdtemp(join(tmpdir(), 'reindexer-')));
  const opened = await openDataFolder(path, 'a test');
  open.push(() => opened.close());
  const folder: DataFolder = { ...opened, ...options.elsewhere };
  const colours = createColourEmbedder();
  const { embedder = colours, classifier, labels, patienceMs, sourceFile, fetching } = options;
  const openIndex = () => {
    options.beforeOpen?.();
    return openHnswIndex({ folder: folder.indexFolder, fingerprint: COLOUR_FINGERPRINT, logger });
  };
  const serving = createServingIndex();
  open.push(() => serving.close());
  const parts = await openInventory({
    folder,
    embedder,
    decoder: createPhotoDecoder(),
    serving,
    duplicateFrom: 0.9999,
    openIndex,
    logger,
    ...(classifier && { classifier }),
    ...(labels && { labels }),
    ...(patienceMs !== undefined && { patienceMs }),
    ...(sourceFile && { sourceFile }),
    ...(fetching && { fetching }),
  });
  open.push(() => parts.close());
  const first = await openIndex();
  if (first) serving.replace(first);
  const nearest = async (colour: string) => {
    const pixels = await createPhotoDecoder().decode(await picture(colour), colours.input);
    const query = await colours.embed(pixels, { priority: 'interactive' });
    return (await serving.current()!.nearest(query, 1))[0]?.id;
  };
  return { folder, embedder: colours, serving, nearest, ...parts };
}

const known = new Map<string, Promise<Uint8Array>>();

export function picture(colour: string): Promise<Uint8Array> {
  const made =
    known.get(colour) ??
    sharp({ create: { width: 60, height: 80, channels: 3, background: colour } })
      .jpeg()
      .toBuffer();
  known.set(colour, made);
  return made;
}

/** A source of plain pictures: id to colour; an array of bytes stands for a file that is not a picture. */
export function source(
  name: string,
  items: Readonly<Record<string, string | Uint8Array>>,
  rejected: SourceRecord[] = [],
): Source {
  const records = Object.entries(items).map(([id, content]): SourceRecord => ({
    kind: 'item',
    item: { id, title: `Item ${id}`, labels: {} },
    where: `${name} ${id}`,
    read: () => (typeof content === 'string' ? picture(content) : Promise.resolve(content)),
  }));
  return {
    name,
    description: 'a test',
    count: records.length + rejected.length,
    records: async function* () {
      await Promise.resolve();
      yield* [...records, ...rejected];
    },
    close: () => Promise.resolve(),
  };
}
