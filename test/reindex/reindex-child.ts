/**
 * Reads a source again until it is killed: `reindex-child DATA FOLDER LOG`. Appends one line to LOG for
 * each picture that went through the network, the moment it did, and prints a line for each step of the run.
 */

import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Embedder } from '../../src/embed/embedder.ts';
import { type InventoryParts, openInventory } from '../../src/reindex/open-inventory.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { createServingIndex, type ServingIndex } from '../../src/search/serving-index.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';

const logger = createLogger('silent');

export interface Shop extends InventoryParts {
  readonly serving: ServingIndex;
  readonly close: () => Promise<void>;
}

/** What the bot opens, in its order, over one data folder. */
export async function openShop(
  path: string,
  embedder: Embedder,
  onCommit: () => void = () => undefined,
): Promise<Shop> {
  const folder = await openDataFolder(path, 'a kill test');
  let counts = false;
  const open = () => {
    // The first time at the start; later the new index counts already and does not serve yet.
    if (counts) onCommit();
    counts = true;
    return openHnswIndex({ folder: folder.indexFolder, fingerprint: COLOUR_FINGERPRINT, logger });
  };
  const serving = createServingIndex();
  const decoder = createPhotoDecoder();
  const parts = await openInventory({
    folder,
    embedder,
    decoder,
    serving,
    duplicateFrom: 0.9999,
    openIndex: open,
    logger,
  });
  const index = await open();
  if (index) serving.replace(index);
  return {
    ...parts,
    serving,
    close: async () => {
      await serving.close();
      await folder.close();
    },
  };
}

/** The colours of a picture, and a line in the log at the moment that its embedding was computed. */
export function countingEmbedder(log: string): Embedder {
  const colours = createColourEmbedder();
  return {
    ...colours,
    async embed(pixels, options) {
      const embedding = await colours.embed(pixels, options);
      appendFileSync(log, `${createHash('sha256').update(pixels).digest('hex')}\n`);
      return embedding;
    },
  };
}

const [script, data, shop, log] = process.argv.slice(1);
if (script?.includes('reindex-child') && data && shop && log) {
  const say = (word: string): void => void process.stdout.write(`${word}\n`);
  say('opening');
  const { inventory } = await openShop(data, countingEmbedder(log), () => {
    say('commit');
  });
  say('reading');
  await inventory.import(shop, {
    onProgress: ({ phase }) => {
      say(phase);
    },
  });
  say('done');
  process.exit(0);
}
