/** Gauges that show the state of the inventory and of the running reindex. They are read on every rendering. */

import type { DefineGauge, GaugeValues } from './define-metric.ts';

/** What these gauges show at one moment. */
export interface InventoryReading {
  readonly model: { readonly name: string; readonly version: string; readonly head: string };
  readonly index: { readonly createdAt: Date | undefined };
  /** `items` is undefined until they are counted. */
  readonly sources: readonly {
    readonly name: string;
    readonly items: number | undefined;
    readonly hidden: number;
  }[];
  /** A few, most frequent first. */
  readonly types: readonly { readonly value: string; readonly count: number }[];
  /** 0 to 1; undefined until it is measured. */
  readonly recall: { readonly value: number } | undefined;
  /** Newest first. */
  readonly runs: readonly {
    readonly outcome: string;
    readonly startedAt: string;
    readonly seconds: number;
    readonly counts?: Readonly<Record<'added' | 'changed' | 'removed' | 'unchanged' | 'rejected', number>>;
  }[];
  /** Undefined while no reindex is running. */
  readonly reindex: { readonly paused: boolean; readonly done: number; readonly total: number } | undefined;
}

/** @param read called once per rendering, however many gauges there are. */
export function defineInventoryGauges(define: DefineGauge, read: () => Promise<InventoryReading>): void {
  let reading: Promise<InventoryReading> | undefined;
  /** Shared, so that all gauges of one rendering show the same moment. */
  const shared = (): Promise<InventoryReading> =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));
  const add = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    show: (gauge: GaugeValues<Label>, reading: InventoryReading) => void,
  ): void => {
    define(name, help, labelNames, async (gauge) => {
      show(gauge, await shared());
    });
  };
  add(
    'fashion_model_info',
    'Which model answers; always 1.',
    ['name', 'version', 'head'],
    (gauge, { model }) => {
      gauge.set({ name: model.name, version: model.version, head: model.head }, 1);
    },
  );
  add('fashion_source_items', 'Searchable items of each source.', ['source'], (gauge, { sources }) => {
    for (const { name, items } of sources) if (items !== undefined) gauge.set({ source: name }, items);
  });
  add(
    'fashion_source_hidden_items',
    'Items of each source that are hidden because they are out of stock.',
    ['source'],
    (gauge, { sources }) => {
      for (const { name, hidden } of sources) gauge.set({ source: name }, hidden);
    },
  );
  add('fashion_type_items', 'Items of the most frequent types.', ['type'], (gauge, { types }) => {
    for (const { value, count } of types) gauge.set({ type: value }, count);
  });
  add('fashion_index_created_timestamp_seconds', 'When the index was built.', [], (gauge, { index }) => {
    if (index.createdAt) gauge.set(index.createdAt.getTime() / 1000);
    else gauge.remove();
  });
  add('fashion_index_recall', 'Recall at 10 on a sample of the items.', [], (gauge, { recall }) => {
    if (recall) gauge.set(recall.value);
    else gauge.remove();
  });
  add(
    'fashion_reindex_active',
    'Whether a reindex is working or paused.',
    ['state'],
    (gauge, { reindex }) => {
      gauge.set({ state: 'working' }, reindex && !reindex.paused ? 1 : 0);
      gauge.set({ state: 'paused' }, reindex?.paused ? 1 : 0);
    },
  );
  add(
    'fashion_reindex_progress_ratio',
    'Progress of the running reindex phase.',
    [],
    (gauge, { reindex }) => {
      if (reindex && reindex.total > 0) gauge.set(reindex.done / reindex.total);
      else gauge.remove();
    },
  );
  add(
    'fashion_reindex_last_start_timestamp_seconds',
    'When the last run with each outcome started.',
    ['outcome'],
    (gauge, { runs }) => {
      for (const { outcome, startedAt } of [...runs].reverse()) {
        gauge.set({ outcome }, Date.parse(startedAt) / 1000);
      }
    },
  );
  add(
    'fashion_reindex_last_duration_seconds',
    'How long the last finished run took.',
    [],
    (gauge, { runs }) => {
      const finished = runs.find(({ counts }) => counts);
      if (finished) gauge.set(finished.seconds);
      else gauge.remove();
    },
  );
  add('fashion_reindex_last_items', 'What the last finished run changed.', ['change'], (gauge, { runs }) => {
    const { counts } = runs.find((run) => run.counts) ?? {};
    for (const change of CHANGES) if (counts) gauge.set({ change }, counts[change]);
  });
}

// --- Internal helpers ---

const CHANGES = ['added', 'changed', 'removed', 'unchanged', 'rejected'] as const;
