/** Reads the inventory again when the files of its sources change, or the file that lists them. */

import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, messageOf } from '../../util/errors.ts';
import type { Inventory } from '../inventory.ts';
import type { ReindexTrigger } from './trigger.ts';
import { createPathWatch, type PathWatch } from './path-watch.ts';
import { runTriggered, type TriggerDependencies } from './run-triggered.ts';

export interface WatchDependencies extends TriggerDependencies {
  /** Local files and folders are watched; what lies elsewhere is left to the schedule. */
  readonly inventory: Pick<Inventory, 'sources'>;
  /** Absolute path of the file that lists sources, whether it is there or not. */
  readonly sourceFile: string;
  /** How long nothing may change before a run begins. Default 5 s. */
  readonly quietMs?: number;
  /** How long a file's size must stay the same before it counts as written. Default 2 s. */
  readonly writtenMs?: number;
  /** How long after a run that failed it is begun again, the first time; each failure doubles it, to an hour. Default 1 min. */
  readonly retryMs?: number;
}

export interface WatchTrigger extends ReindexTrigger {
  /** Resolves when a change from now on will be seen. For tests. */
  readonly watching: Promise<void>;
}

const QUIET_MS = 5_000;
const WRITTEN_MS = 2_000;
const RETRY_MS = 60_000;
const RETRY_AT_LEAST_EVERY_MS = 3_600_000;

export function createWatchTrigger(dependencies: WatchDependencies): WatchTrigger {
  const { inventory, sourceFile, reindex, logger } = dependencies;
  const { quietMs = QUIET_MS, writtenMs = WRITTEN_MS, retryMs = RETRY_MS } = dependencies;
  const stopping = new AbortController();
  /** Of the pause after a run that failed: a change ends it. */
  let waiting = new AbortController();
  let ready: () => void = () => undefined;
  const watching = new Promise<void>((resolve) => (ready = resolve));
  let sourceWatch: PathWatch | undefined;
  let changes = 0;
  let running: Promise<unknown> | undefined;

  /** Also after each run: an import may have brought another source. The file that lists them may come later. */
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

  /** Until what changed last is in a run that began after it and did not fail. */
  async function runWhenQuiet(): Promise<void> {
    let failures = 0;
    for (let read = 0; read !== changes && !isStopping();) {
      await quiet();
      // What changed during somebody else's run may be in it or not, so it is read again.
      await reindex.running()?.ended;
      if (isStopping()) return;
      const now = changes;
      const outcome = await runTriggered('watch', dependencies);
      if (outcome === 'over') read = now;
      failures = outcome === 'failed' ? failures + 1 : 0;
      // The store may be away, for example a Redis: its absence must not end the bot.
      await watchSources().catch((error: unknown) => {
        logger.error(
          { reason: messageOf(error) },
          'the known sources could not be read: those watched so far still are, new ones are from the next run on',
        );
      });
      // What failed for a while, such as a store that is away, is not to wait for the next change of a file.
      if (failures > 0 && now === changes)
        await pause(Math.min(RETRY_AT_LEAST_EVERY_MS, retryMs * 2 ** (failures - 1)));
    }
  }

  async function pause(milliseconds: number): Promise<void> {
    waiting = new AbortController();
    const signal = AbortSignal.any([stopping.signal, waiting.signal]);
    await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async function quiet(): Promise<void> {
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
