/** A source with less in it than it has. */

import type { Source, SourceRecord } from './source.ts';

export interface Narrowing {
  /** Only the first so many records. */
  readonly maxItems?: number | undefined;
  /** Items that are out of stock are in the inventory, but cannot be found. */
  readonly hideOutOfStock?: boolean | undefined;
}

export function narrowSource(
  source: Source,
  { maxItems = Infinity, hideOutOfStock = false }: Narrowing,
): Source {
  async function* records(): AsyncGenerator<SourceRecord, void> {
    let count = 0;
    for await (const record of source.records()) {
      if (count++ >= maxItems) return;
      const isOut = record.kind === 'item' && record.item.availability === 'out of stock';
      yield hideOutOfStock && isOut ? { ...record, item: { ...record.item, hidden: true } } : record;
    }
  }
  return { ...source, count: Math.min(source.count, maxItems), records };
}
