import { describe, expect, it } from 'vitest';
import type { InventoryReading } from '../../src/metrics/inventory-gauges.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';

const EMPTY: InventoryReading = {
  model: { name: 'lite2', version: '1.0.0', head: 'pca' },
  index: { createdAt: undefined },
  sources: [],
  types: [],
  recall: undefined,
  runs: [],
  reindex: undefined,
};

const RUN = { outcome: 'finished', startedAt: '2026-11-24T10:00:00.000Z', seconds: 12.5 };
const FULL: InventoryReading = {
  ...EMPTY,
  index: { createdAt: new Date(1_700_000_000_000) },
  sources: [
    { name: 'shop', items: 40, hidden: 3 },
    { name: 'outlet', items: undefined, hidden: 0 },
  ],
  types: [{ value: 'Shirts', count: 30 }],
  recall: { value: 0.98 },
  runs: [
    { ...RUN, outcome: 'failed', startedAt: '2026-11-24T12:00:00.000Z' },
    { ...RUN, counts: { added: 1, changed: 2, removed: 3, unchanged: 4, rejected: 5 } },
  ],
  reindex: { paused: false, done: 1, total: 4 },
};

describe('the gauges of the inventory', () => {
  it('show one moment, read once however many there are', async () => {
    const metrics = createMetrics();
    let reads = 0;
    metrics.observeInventory(() => {
      reads++;
      return Promise.resolve(FULL);
    });
    const lines = await linesOf(metrics);
    expect(reads).toBe(1);
    expect(lines).toEqual([
      'fashion_index_created_timestamp_seconds 1700000000',
      'fashion_index_recall 0.98',
      'fashion_model_info{name="lite2",version="1.0.0",head="pca"} 1',
      'fashion_reindex_active{state="paused"} 0',
      'fashion_reindex_active{state="working"} 1',
      'fashion_reindex_last_duration_seconds 12.5',
      'fashion_reindex_last_items{change="added"} 1',
      'fashion_reindex_last_items{change="changed"} 2',
      'fashion_reindex_last_items{change="rejected"} 5',
      'fashion_reindex_last_items{change="removed"} 3',
      'fashion_reindex_last_items{change="unchanged"} 4',
      'fashion_reindex_last_start_timestamp_seconds{outcome="failed"} 1795521600',
      'fashion_reindex_last_start_timestamp_seconds{outcome="finished"} 1795514400',
      'fashion_reindex_progress_ratio 0.25',
      'fashion_source_hidden_items{source="outlet"} 0',
      'fashion_source_hidden_items{source="shop"} 3',
      'fashion_source_items{source="shop"} 40',
      'fashion_type_items{type="Shirts"} 30',
    ]);
    await linesOf(metrics);
    expect(reads).toBe(2);
  });

  it('leave out what is not known, and series that have ended', async () => {
    const metrics = createMetrics();
    let reading = FULL;
    metrics.observeInventory(() => Promise.resolve(reading));
    await linesOf(metrics);
    reading = EMPTY;
    expect(await linesOf(metrics)).toEqual([
      'fashion_model_info{name="lite2",version="1.0.0",head="pca"} 1',
      'fashion_reindex_active{state="paused"} 0',
      'fashion_reindex_active{state="working"} 0',
    ]);
  });
});

// --- Internal helpers ---

/** Lines of the inventory's gauges, sorted. */
async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  const names = /^fashion_(model|source|type|index_created|index_recall|reindex)_/;
  const text = await metrics.render();
  return text
    .split('\n')
    .filter((line) => names.test(line.replace('index_recall ', 'index_recall_ ')))
    .sort();
}
