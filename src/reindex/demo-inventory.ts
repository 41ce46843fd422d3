/** Installs the demo inventory in a data folder without sources. */

import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { Inventory } from './inventory.ts';
import { DEMO_SOURCE } from './known-sources.ts';

export interface DemoInventoryOptions {
  /** Contains `demo-inventory/items.jsonl` and `demo-inventory/index/`, an index of these items. */
  readonly assetsFolder: string;
  readonly indexFolder: string;
  readonly inventory: Inventory;
  readonly logger: Logger;
  readonly openIndex: () => Promise<ItemIndex | undefined>;
  readonly serveIndex: (index: ItemIndex) => void;
}

/** The demo inventory is an ordinary source. Its index is shipped, so that a first start has nothing to embed. */
export async function installDemoInventory(options: DemoInventoryOptions): Promise<void> {
  const { assetsFolder, indexFolder, inventory, logger, openIndex, serveIndex } = options;
  const demo = join(assetsFolder, 'demo-inventory');
  // No source is known, so whatever is there was left by a first start that was killed.
  await rm(indexFolder, { recursive: true, force: true });
  await cp(join(demo, 'index'), indexFolder, { recursive: true });
  const index = await openIndex().catch(async (error: unknown) => {
    logger.warn(
      { reason: messageOf(error) },
      'the shipped index of the demo inventory cannot be used; embedding its pictures instead',
    );
    await rm(indexFolder, { recursive: true });
    return undefined;
  });
  if (index) serveIndex(index);
  const { total, seconds } = await inventory.import(join(demo, 'items.jsonl'), {
    name: DEMO_SOURCE,
    who: 'the first start',
  });
  logger.info(
    { items: total, seconds: Number(seconds.toFixed(1)) },
    'the demo inventory is installed; import your own with: npm run inventory -- import PATH',
  );
}
