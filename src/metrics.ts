/** Prometheus metrics: one registry a process, names by Prometheus's conventions (base units, `_total` for counters). */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EmbedderStatus, Priority } from './embed/embedder.ts';

/** Steps of the path from photo to gallery. */
export type Stage = 'decode' | 'embed' | 'search' | 'gallery';

/** What the inventory's gauges show at one moment. */
export interface InventoryReading {
  readonly model: { readonly name: string; readonly version: string; readonly head: string };
  readonly index: { readonly createdAt: Date | undefined };
  /** `items`: undefined until they are counted. */
  readonly sources: readonly { readonly name: string; readonly items: number | undefined }[];
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

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** Counts one photo by what became of it. */
  photo(outcome: 'answered' | 'weak' | 'refused' | 'busy' | 'failed'): void;
  /** Counts one photo by the door it came through; one answered from memory counts as well. Doors are few and named in code. */
  doorPhoto(door: string, outcome: 'found' | 'failed'): void;
  /** Runs a step and records how long it took. */
  timed<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  /** What the Telegram door counts. Methods and outcomes come from fixed lists, so the series are bounded. */
  readonly telegram: {
    call(method: string, outcome: string): void;
    update(outcome: string): void;
  };
  /** What the Discord door counts. Routes are templates and outcomes come from a fixed list, so the series are bounded. */
  readonly discord: {
    event(outcome: string): void;
    call(method: string, route: string, status: number): void;
    limited(how: string, route: string, seconds: number): void;
    invalidRequest(): void;
  };
  /** Reads the current values of the gauges whenever they are rendered. */
  observe(sources: { embedder(): EmbedderStatus; indexSize(): number }): void;
  /** The same for the state of the inventory and of whatever reads it again. */
  observeInventory(read: () => Promise<InventoryReading>): void;
}

const CHANGES = ['added', 'changed', 'removed', 'unchanged', 'rejected'] as const;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 5 });

  const photos = new Counter({
    name: 'fashion_photos_total',
    help: 'Photos that people sent, by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const doorPhotos = new Counter({
    name: 'fashion_door_photos_total',
    help: 'Photos that people sent, by the door they came through and whether something could be said about them.',
    labelNames: ['door', 'outcome'] as const,
    registers,
  });
  const stages = new Histogram({
    name: 'fashion_stage_duration_seconds',
    help: 'Time that a photo spends in each step, queueing included.',
    labelNames: ['stage'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  const telegramCalls = new Counter({
    name: 'fashion_telegram_calls_total',
    help: 'Calls of the Bot API, by method and by what became of them.',
    labelNames: ['method', 'outcome'] as const,
    registers,
  });
  const telegramUpdates = new Counter({
    name: 'fashion_telegram_updates_total',
    help: 'Updates of the Bot API, by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  });

  const discordEvents = new Counter({
    name: 'fashion_discord_events_total',
    help: 'Messages and interactions of Discord, by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const discordCalls = new Counter({
    name: 'fashion_discord_calls_total',
    help: 'REST requests to Discord, by route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  });
  const discordLimits = new Counter({
    name: 'fashion_discord_rate_limited_total',
    help: 'REST requests that had to wait for a rate limit: kept back, or refused with 429.',
    labelNames: ['how', 'route'] as const,
    registers,
  });
  const discordWaits = new Counter({
    name: 'fashion_discord_rate_limit_wait_seconds_total',
    help: 'How long those requests were told to wait.',
    labelNames: ['how', 'route'] as const,
    registers,
  });
  const discordInvalid = new Counter({
    name: 'fashion_discord_invalid_requests_total',
    help: 'REST requests that Discord refused with 401, 403 or 429; it bans an address at 10,000 in ten minutes.',
    registers,
  });

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    photo: (outcome) => {
      photos.inc({ outcome });
    },
    doorPhoto: (door, outcome) => {
      doorPhotos.inc({ door, outcome });
    },
    async timed(stage, work) {
      const stop = stages.startTimer({ stage });
      try {
        return await work();
      } finally {
        stop();
      }
    },
    telegram: {
      call: (method, outcome) => {
        telegramCalls.inc({ method, outcome });
      },
      update: (outcome) => {
        telegramUpdates.inc({ outcome });
      },
    },
    discord: {
      event: (outcome) => {
        discordEvents.inc({ outcome });
      },
      call: (method, route, status) => {
        discordCalls.inc({ method, route, status });
      },
      limited: (how, route, seconds) => {
        discordLimits.inc({ how, route });
        discordWaits.inc({ how, route }, seconds);
      },
      invalidRequest: () => {
        discordInvalid.inc();
      },
    },
    observe(sources) {
      new Gauge({
        name: 'fashion_embedder_waiting_photos',
        help: 'Photos that wait for the engine.',
        labelNames: ['priority'] as const,
        registers,
        collect() {
          const { waiting } = sources.embedder();
          for (const priority of ['interactive', 'bulk'] satisfies Priority[])
            this.set({ priority }, waiting[priority]);
        },
      });
      new Gauge({
        name: 'fashion_index_items',
        help: 'Items that can be found.',
        registers,
        collect() {
          this.set(sources.indexSize());
        },
      });
      new Gauge({
        name: 'fashion_engine_info',
        help: 'Which engine answers; always 1.',
        labelNames: ['engine', 'device'] as const,
        registers,
        collect() {
          const { engine, device } = sources.embedder();
          this.set({ engine, device }, 1);
        },
      });
    },
    observeInventory(read) {
      const gauge = <Label extends string>(
        name: string,
        help: string,
        labelNames: readonly Label[],
        show: (gauge: Gauge<Label>, reading: InventoryReading) => void,
      ): void => {
        new Gauge<Label>({
          name,
          help,
          labelNames,
          registers,
          async collect() {
            // What is gone since the last time, a source for example, is not shown again.
            this.reset();
            show(this, await read());
          },
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
      gauge(
        'fashion_source_items',
        'Items of each source that can be found.',
        ['source'],
        (it, { sources }) => {
          for (const { name, items } of sources) if (items !== undefined) it.set({ source: name }, items);
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
      gauge(
        'fashion_reindex_active',
        'Whether a reindex works or is paused.',
        ['state'],
        (it, { reindex }) => {
          it.set({ state: 'working' }, reindex && !reindex.paused ? 1 : 0);
          it.set({ state: 'paused' }, reindex?.paused ? 1 : 0);
        },
      );
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
      gauge(
        'fashion_reindex_last_items',
        'What the last finished run changed.',
        ['change'],
        (it, { runs }) => {
          const { counts } = runs.find((run) => run.counts) ?? {};
          for (const change of CHANGES) if (counts) it.set({ change }, counts[change]);
        },
      );
    },
  };
}
