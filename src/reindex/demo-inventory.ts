/** Puts the inventory that ships into a data folder without sources. */

import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { Inventory } from './inventory.ts';
import { DEMO_SOURCE } from './known-sources.ts';

export interface DemoInventoryOptions {
  /** Holds `demo-inventory/items.jsonl` and, beside it, `index/` as a reindex leaves it. */
  readonly assetsFolder: string;
  readonly indexFolder: string;
  readonly inventory: Inventory;
  readonly logger: Logger;
  readonly open: () => Promise<ItemIndex | undefined>;
  readonly use: (index: ItemIndex) => void;
}

/** The demo is an ordinary source; its index ships, so that a first start has nothing to embed. */
export async function installDemoInventory(options: DemoInventoryOptions): Promise<void> {
  const { assetsFolder, indexFolder, inventory, logger, open, use } = options;
  const demo = join(assetsFolder, 'demo-inventory');
  // Whatever lies there came from a first start that was killed: no source is known.
  await rm(indexFolder, { recursive: true, force: true });
  await cp(join(demo, 'index'), indexFolder, { recursive: true });
  const index = await open().catch(async (error: unknown) => {
    logger.warn(
      { reason: messageOf(error) },
      'the shipped demo index does not fit; its pictures are embedded now',
    );
    await rm(indexFolder, { recursive: true });
    return undefined;
  });
  if (index) use(index);
  const { total, seconds } = await inventory.import(join(demo, 'items.jsonl'), {
    name: DEMO_SOURCE,
    who: 'the first start',
  });
  logger.info(
    { items: total, seconds: Number(seconds.toFixed(1)) },
    'the demo inventory is in place; bring your own with: npm run inventory -- import PATH',
  );
}
