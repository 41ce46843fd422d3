/** The Prometheus metrics of the process. Names follow the conventions of Prometheus: base units, `_total` for counters. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EmbedderStatus, Priority } from '../embed/embedder.ts';
import { createDiscordMetrics, type DiscordMetrics } from './discord-metrics.ts';
import type { DefineCounter, DefineGauge } from './define-metric.ts';
import { defineInventoryGauges, type InventoryReading } from './inventory-gauges.ts';
import { createTelegramMetrics, type TelegramMetrics } from './telegram-metrics.ts';

/** Steps of the path from photo to gallery. `own-picture`: the search that detects a catalogue picture. */
export type Stage =
  'decode' | 'embed' | 'find-garments' | 'embed-garments' | 'own-picture' | 'search' | 'gallery';

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** Counts one photo by its outcome. */
  photo(outcome: 'answered' | 'weak' | 'no-garment' | 'refused' | 'busy' | 'failed'): void;
  /** Counts one photo by the door it came through, including photos answered from the cache. Doors are few and named in code. */
  doorPhoto(door: string, outcome: 'found' | 'failed'): void;
  /** Runs a step and records how long it took. */
  timed<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  readonly telegram: TelegramMetrics;
  readonly discord: DiscordMetrics;
  /** Defines the gauges of embedder and index. They are read on every rendering. */
  observe(sources: ServiceSources): void;
  /** Defines the gauges of the inventory and of the running reindex. They are read on every rendering. */
  observeInventory(read: () => Promise<InventoryReading>): void;
}

interface ServiceSources {
  readonly embedder: () => EmbedderStatus;
  readonly indexSize: () => number;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 5 });

  const counter: DefineCounter = (name, help, labelNames) =>
    new Counter({ name, help, labelNames, registers });

  const gauge: DefineGauge = (name, help, labelNames, show) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        // Without this, a series that has ended, such as that of a removed source, would stay.
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
    telegram: createTelegramMetrics(counter),
    discord: createDiscordMetrics(counter),
    observe: (sources) => {
      defineServiceGauges(gauge, sources);
    },
    observeInventory: (read) => {
      defineInventoryGauges(gauge, read);
    },
  };
}

// --- Internal helpers ---

const PRIORITIES = ['interactive', 'bulk'] satisfies Priority[];

function defineServiceGauges(define: DefineGauge, { embedder, indexSize }: ServiceSources): void {
  define(
    'fashion_embedder_waiting_pictures',
    'Pictures that wait for the engine, two a photo.',
    ['priority'],
    (gauge) => {
      const { waiting } = embedder();
      for (const priority of PRIORITIES) gauge.set({ priority }, waiting[priority]);
    },
  );
  define('fashion_index_items', 'Searchable items.', [], (gauge) => {
    gauge.set(indexSize());
  });
  define('fashion_engine_info', 'Which engine answers; always 1.', ['engine', 'device'], (gauge) => {
    const { engine, device } = embedder();
    gauge.set({ engine, device }, 1);
  });
}
