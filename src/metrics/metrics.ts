/** Prometheus metrics: one registry a process, names by Prometheus's conventions (base units, `_total` for counters). */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EmbedderStatus, Priority } from '../embed/embedder.ts';
import { type DefineGauge, defineInventoryGauges, type InventoryReading } from './inventory-gauges.ts';

/** Steps of the path from photo to gallery. `own-picture`: the search that detects a catalogue picture. */
export type Stage = 'decode' | 'embed' | 'own-picture' | 'search' | 'gallery';

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

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 5 });

  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });

  const gauge: DefineGauge = (name, help, labelNames, show) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        // What is gone since the last time, a source for example, is not shown again.
        this.reset();
        await show(this);
      },
    });
  };

  const photos = counter('fashion_photos_total', 'Photos that people sent, by what became of them.', [
    'outcome',
  ]);
  const doorPhotos = counter(
    'fashion_door_photos_total',
    'Photos that people sent, by the door they came through and whether something could be said about them.',
    ['door', 'outcome'],
  );
  const stages = new Histogram({
    name: 'fashion_stage_duration_seconds',
    help: 'Time that a photo spends in each step, queueing included.',
    labelNames: ['stage'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });

  const telegramCalls = counter(
    'fashion_telegram_calls_total',
    'Calls of the Bot API, by method and by what became of them.',
    ['method', 'outcome'],
  );
  const telegramUpdates = counter(
    'fashion_telegram_updates_total',
    'Updates of the Bot API, by what became of them.',
    ['outcome'],
  );

  const discordEvents = counter(
    'fashion_discord_events_total',
    'Messages and interactions of Discord, by what became of them.',
    ['outcome'],
  );
  const discordCalls = counter(
    'fashion_discord_calls_total',
    'REST requests to Discord, by route and status.',
    ['method', 'route', 'status'],
  );
  const discordLimits = counter(
    'fashion_discord_rate_limited_total',
    'REST requests that had to wait for a rate limit: kept back, or refused with 429.',
    ['how', 'route'],
  );
  const discordWaits = counter(
    'fashion_discord_rate_limit_wait_seconds_total',
    'How long those requests were told to wait.',
    ['how', 'route'],
  );
  const discordInvalid = counter(
    'fashion_discord_invalid_requests_total',
    'REST requests that Discord refused with 401, 403 or 429; it bans an address at 10,000 in ten minutes.',
    [],
  );

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
      gauge(
        'fashion_embedder_waiting_pictures',
        'Pictures that wait for the engine, two a photo.',
        ['priority'],
        (it) => {
          const { waiting } = sources.embedder();
          for (const priority of ['interactive', 'bulk'] satisfies Priority[])
            it.set({ priority }, waiting[priority]);
        },
      );
      gauge('fashion_index_items', 'Items that can be found.', [], (it) => {
        it.set(sources.indexSize());
      });
      gauge('fashion_engine_info', 'Which engine answers; always 1.', ['engine', 'device'], (it) => {
        const { engine, device } = sources.embedder();
        it.set({ engine, device }, 1);
      });
    },
    observeInventory: (read) => {
      defineInventoryGauges(gauge, read);
    },
  };
}
