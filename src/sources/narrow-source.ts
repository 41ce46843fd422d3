/** Limits a source to its first records, and hides items that are out of stock. */

import type { Source, SourceRecord } from './source.ts';

export interface Narrowing {
  /** Keeps only this many records, from the start. */
  readonly maxItems?: number | undefined;
  /** Items that are out of stock stay in the inventory, but are not searchable. */
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
