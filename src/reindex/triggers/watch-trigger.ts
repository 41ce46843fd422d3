/** Starts a reindex when the files of a source change, or the file that lists the sources. */

import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../util/backoff.ts';
import { hasCode, messageOf } from '../../util/errors.ts';
import type { Inventory } from '../inventory.ts';
import type { ReindexTrigger } from './trigger.ts';
import { createPathWatch, type PathWatch } from './path-watch.ts';
import { runTriggered, type TriggerDependencies } from './run-triggered.ts';

export interface WatchDependencies extends TriggerDependencies {
  /** Only its local files and folders are watched. Remote sources are read on a schedule. */
  readonly inventory: Pick<Inventory, 'sources'>;
  /** Absolute path of the file that lists sources, whether it exists or not. */
  readonly sourceFile: string;
  /** How long nothing may change before a run starts. Default 5 s. */
  readonly quietMs?: number;
  /** How long the size of a file must stay the same before it counts as written. Default 2 s. */
  readonly writtenMs?: number;
  /** How long to wait after a failed run before trying again. Each further failure doubles it, up to an hour. Default 1 min. */
  readonly retryMs?: number;
}

export interface WatchTrigger extends ReindexTrigger {
  /** Resolves when changes will be noticed. For tests. */
  readonly watching: Promise<void>;
}

const QUIET_MS = 5_000;
const WRITTEN_MS = 2_000;
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;

export function createWatchTrigger(dependencies: WatchDependencies): WatchTrigger {
  const { inventory, sourceFile, reindex, logger } = dependencies;
  const { quietMs = QUIET_MS, writtenMs = WRITTEN_MS, retryMs = RETRY_MS } = dependencies;
  const stopping = new AbortController();
  /** Ends the wait after a failed run, because something changed or the trigger stops. */
  let waiting = new AbortController();
  let ready: () => void = () => undefined;
  const watching = new Promise<void>((resolve) => (ready = resolve));
  let sourceWatch: PathWatch | undefined;
  let changes = 0;
  let running: Promise<unknown> | undefined;

  /** Called after each run too, because it may have brought another source. The file that lists sources may be created later. */
  async function watchSources(): Promise<void> {
    const sources = await inventory.sources();
    const paths = [...sources.values()].map(({ path }) => path).filter((path) => isAbsolute(path));
    await sourceWatch?.follow([...new Set([sourceFile, ...paths])]);
  }

  function changed(): void {
    changes++;
    waiting.abort();
    running ??= runWhenQuiet().finally(() => {
      running = undefined;
    });
  }

  /** Repeats until a run that started after the last change did not fail. */
  async function runWhenQuiet(): Promise<void> {
    let failures = 0;
    for (let read = 0; read !== changes && !isStopping();) {
      await untilQuiet();
      // A run that somebody else started may have missed a change, so the sources are read again after it.
      await reindex.running()?.ended;
      if (isStopping()) return;
      const now = changes;
      const outcome = await runTriggered('watch', dependencies);
      if (outcome === 'done') read = now;
      failures = outcome === 'failed' ? failures + 1 : 0;
      // The store, for example a Redis, may be unreachable, which must not end the bot.
      await watchSources().catch((error: unknown) => {
        logger.error(
          { reason: messageOf(error) },
          'the known sources could not be read: new ones are only watched after the next run',
        );
      });
      // A passing failure, such as an unreachable store, must not wait for the next change of a file.
      if (failures > 0 && now === changes)
        await waitForChange(backoffMs(failures, { firstMs: retryMs, mostMs: MAX_RETRY_MS }));
    }
  }

  /** Waits until something changes, the trigger stops, or the time is over. */
  async function waitForChange(milliseconds: number): Promise<void> {
    waiting = new AbortController();
    if (isStopping()) return;
    const { signal } = waiting;
    await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async function untilQuiet(): Promise<void> {
    const { signal } = stopping;
    for (let seen = -1; seen !== changes && !isStopping();) {
      seen = changes;
      await delay(quietMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  function failed(error: unknown): void {
    logger.error({ reason: messageOf(error), repair: repairOf(error) }, 'the sources cannot be watched');
  }

  function isStopping(): boolean {
    return stopping.signal.aborted;
  }

  return {
    name: 'watch',
    watching,
    async start() {
      sourceWatch = createPathWatch({ writtenMs, onChange: changed, onError: failed });
      await watchSources();
      const { size } = sourceWatch;
      void sourceWatch.ready().then(() => {
        logger.info({ trigger: 'watch', paths: size }, 'reindexing when the sources change');
        ready();
      });
    },
    async stop() {
      stopping.abort();
      waiting.abort();
      await sourceWatch?.close();
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
