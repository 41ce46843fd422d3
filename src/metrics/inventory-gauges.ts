/** The state of the inventory, and of whatever reads it again, as gauges that are read whenever they are rendered. */

/** What the inventory's gauges show at one moment. */
export interface InventoryReading {
  readonly model: { readonly name: string; readonly version: string; readonly head: string };
  readonly index: { readonly createdAt: Date | undefined };
  /** `items`: undefined until they are counted. */
  readonly sources: readonly {
    readonly name: string;
    readonly items: number | undefined;
    readonly hidden: number;
  }[];
  /** Most frequent first, a few. */
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
  /** Undefined while nothing is read. */
  readonly reindex: { readonly paused: boolean; readonly done: number; readonly total: number } | undefined;
}

/** The part of a Prometheus gauge that is needed to show something. */
export interface Shown<Label extends string> {
  set(value: number): void;
  set(labels: Partial<Record<Label, string>>, value: number): void;
  /** Of one without labels: shows nothing. */
  remove(): void;
}

/** Makes a gauge that is empty whenever it is rendered, and then shown anew. */
export type DefineGauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  show: (it: Shown<Label>) => void | Promise<void>,
) => void;

/** @param read called once when all are rendered, however many gauges there are. */
export function defineInventoryGauges(define: DefineGauge, read: () => Promise<InventoryReading>): void {
  let reading: Promise<InventoryReading> | undefined;
  /** All gauges of one rendering show the same moment. */
  const shared = (): Promise<InventoryReading> =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    show: (it: Shown<Label>, reading: InventoryReading) => void,
  ): void => {
    define(name, help, labelNames, async (it) => {
      show(it, await shared());
    });
  };
  gauge(
    'fashion_model_info',
    'Which model answers; always 1.',
    ['name', 'version', 'head'],
    (it, { model }) => {
      it.set({ name: model.name, version: model.version, head: model.head }, 1);
    },
  );
  gauge('fashion_source_items', 'Items of each source that can be found.', ['source'], (it, { sources }) => {
    for (const { name, items } of sources) if (items !== undefined) it.set({ source: name }, items);
  });
  gauge(
    'fashion_source_hidden_items',
    'Items of each source that are out of stock and not to be found.',
    ['source'],
    (it, { sources }) => {
      for (const { name, hidden } of sources) it.set({ source: name }, hidden);
    },
  );
  gauge('fashion_type_items', 'Items of the most frequent types.', ['type'], (it, { types }) => {
    for (const { value, count } of types) it.set({ type: value }, count);
  });
  gauge('fashion_index_created_timestamp_seconds', 'When the index was built.', [], (it, { index }) => {
    if (index.createdAt) it.set(index.createdAt.getTime() / 1000);
    else it.remove();
  });
  gauge('fashion_index_recall', 'Recall at 10 on a sample of the items.', [], (it, { recall }) => {
    if (recall) it.set(recall.value);
    else it.remove();
  });
  gauge('fashion_reindex_active', 'Whether a reindex works or is paused.', ['state'], (it, { reindex }) => {
    it.set({ state: 'working' }, reindex && !reindex.paused ? 1 : 0);
    it.set({ state: 'paused' }, reindex?.paused ? 1 : 0);
  });
  gauge('fashion_reindex_progress_ratio', 'How far the running step is.', [], (it, { reindex }) => {
    if (reindex && reindex.total > 0) it.set(reindex.done / reindex.total);
    else it.remove();
  });
  gauge(
    'fashion_reindex_last_start_timestamp_seconds',
    'When the last run with each outcome began.',
    ['outcome'],
    (it, { runs }) => {
      for (const { outcome, startedAt } of [...runs].reverse()) {
        it.set({ outcome }, Date.parse(startedAt) / 1000);
      }
    },
  );
  gauge(
    'fashion_reindex_last_duration_seconds',
    'How long the last finished run took.',
    [],
    (it, { runs }) => {
      const finished = runs.find(({ counts }) => counts);
      if (finished) it.set(finished.seconds);
      else it.remove();
    },
  );
  gauge('fashion_reindex_last_items', 'What the last finished run changed.', ['change'], (it, { runs }) => {
    const { counts } = runs.find((run) => run.counts) ?? {};
    for (const change of CHANGES) if (counts) it.set({ change }, counts[change]);
  });
}

// --- Internal helpers ---

const CHANGES = ['added', 'changed', 'removed', 'unchanged', 'rejected'] as const;
