/** Reads the inventory again when the files of its sources change, or the file that lists them. */

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChokidarOptions, type FSWatcher, watch } from 'chokidar';
import { hasCode, messageOf } from '../../errors.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Adapter } from '../adapter.ts';
import { runUnattended, type UnattendedDependencies } from './run-unattended.ts';

export interface WatchDependencies extends UnattendedDependencies {
  /** Local files and folders are watched; what lies elsewhere is left to the schedule. */
  readonly inventory: Pick<Inventory, 'sources'>;
  /** Absolute path of the file that lists sources, whether it is there or not. */
  readonly sourceFile: string;
  /** How long nothing may change before a run begins. Default 5 s. */
  readonly quietMs?: number;
  /** How long a file's size must stay the same before it counts as written. Default 2 s. */
  readonly writtenMs?: number;
}

export interface WatchAdapter extends Adapter {
  /** Resolves when a change from now on will be seen. For tests. */
  readonly watching: Promise<void>;
}

const QUIET_MS = 5_000;
const WRITTEN_MS = 2_000;

export function createWatchAdapter(dependencies: WatchDependencies): WatchAdapter {
  const { inventory, sourceFile, reindex, logger } = dependencies;
  const { quietMs = QUIET_MS, writtenMs = WRITTEN_MS } = dependencies;
  const stopping = new AbortController();
  let ready: () => void = () => undefined;
  const watching = new Promise<void>((resolve) => (ready = resolve));
  const watched = new Set<string>();
  let watcher: FSWatcher | undefined;
  let listWatcher: FSWatcher | undefined;
  let changes = 0;
  let running: Promise<unknown> | undefined;

  /** Also after each run: an import may have brought another source. */
  async function watchSources(): Promise<void> {
    const sources = await inventory.sources();
    const paths = [...sources.values()].map(({ path }) => path).filter((path) => existsSync(path));
    for (const path of paths.filter((path) => !watched.has(path))) {
      watched.add(path);
      watcher?.add(path);
    }
    for (const path of [...watched].filter((path) => !paths.includes(path))) {
      watched.delete(path);
      watcher?.unwatch(path);
    }
  }

  function changed(): void {
    changes++;
    running ??= runWhenQuiet().finally(() => {
      running = undefined;
    });
  }

  /** Until what changed last is in a run that began after it. */
  async function runWhenQuiet(): Promise<void> {
    for (let read = 0; read !== changes && !isStopping();) {
      await quiet();
      // What changed during somebody else's run may be in it or not, so it is read again.
      await reindex.running()?.ended;
      if (isStopping()) return;
      const now = changes;
      if (await runUnattended('watch', dependencies)) read = now;
      // The store may be away, for example a Redis: its absence must not end the bot.
      await watchSources().catch((error: unknown) => {
        logger.error(
          { reason: messageOf(error) },
          'the known sources could not be read: those watched so far still are, new ones are from the next run on',
        );
      });
    }
  }

  async function quiet(): Promise<void> {
    const { signal } = stopping;
    for (let seen = -1; seen !== changes && !isStopping();) {
      seen = changes;
      await delay(quietMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  function isStopping(): boolean {
    return stopping.signal.aborted;
  }

  return {
    name: 'watch',
    watching,
    async start() {
      const options: ChokidarOptions = {
        ignoreInitial: true,
        awaitWriteFinish: { stabilityThreshold: writtenMs, pollInterval: Math.min(100, writtenMs) },
      };
      watcher = watch([], options);
      // Through its folder: it may come later, and editors put a new file in the place of the old one.
      const folder = dirname(sourceFile);
      const ignored = (path: string): boolean => path !== folder && path !== sourceFile;
      listWatcher = watch(folder, { ...options, depth: 0, ignored });
      for (const each of [watcher, listWatcher]) {
        each.on('error', (error) => {
          logger.error(
            { reason: messageOf(error), repair: repairOf(error) },
            'the sources cannot be watched',
          );
        });
      }
      watcher.on('all', changed);
      listWatcher.on('all', (_event, path) => {
        if (path === sourceFile) changed();
      });
      const bothReady = [watcher, listWatcher].map(
        (each) => new Promise<void>((resolve) => void each.once('ready', resolve)),
      );
      void Promise.all(bothReady).then(() => {
        logger.info({ trigger: 'watch', paths: watched.size }, 'reindexing when the sources change');
        ready();
      });
      await watchSources();
    },
    async stop() {
      stopping.abort();
      await Promise.all([watcher?.close(), listWatcher?.close()]);
      await running?.catch(() => undefined);
    },
  };
}

// --- Internal helpers ---

function repairOf(error: unknown): string | undefined {
  return hasCode(error, 'ENOSPC')
    ? 'raise fs.inotify.max_user_watches (sysctl), or set REINDEX_WATCH=off and use REINDEX_SCHEDULE'
    : undefined;
}
