/** Watches files and folders, even while they are missing: an export may delete a file and write it again much later. */

import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import { createMutex } from '../../util/mutex.ts';

export interface PathWatch {
  /** Number of watched paths, including missing ones. */
  readonly size: number;
  /** Watches these paths from now on, and no others. What exists already is no change; what appears later is one. Never rejects. */
  follow(paths: readonly string[]): Promise<void>;
  /** Resolves when changes of existing paths will be noticed. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface PathWatchOptions {
  /** How long the size of a file must stay the same before it counts as written, and how often missing paths are checked. */
  readonly writtenMs: number;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

export function createPathWatch({ writtenMs, onChange, onError }: PathWatchOptions): PathWatch {
  const closing = new AbortController();
  const watched = new Map<string, WatchedPath>();
  /** Held while watchers are opened and closed, so that no path gets two. */
  const mutex = createMutex();

  /** Each path gets its own watcher, because chokidar does not watch a path again while it believes that it still watches it. */
  async function open(path: string, { isKnown }: { isKnown: boolean }): Promise<void> {
    const identity = await identityOf(path);
    if (closing.signal.aborted) return;
    if (identity === undefined) {
      watched.set(path, {});
      return;
    }
    const watcher = watch(path, {
      ignoreInitial: isKnown,
      awaitWriteFinish: { stabilityThreshold: writtenMs, pollInterval: Math.min(100, writtenMs) },
    });
    watcher.on('all', onChange);
    watcher.on('error', onError);
    const ready = new Promise<void>((resolve) => void watcher.once('ready', resolve));
    watched.set(path, { identity, watcher, ready });
  }

  /** Checks whether a path has disappeared, or is another file or folder than the watched one: no event reports that. */
  async function checkPaths(): Promise<void> {
    for (const [path, { identity, watcher }] of [...watched]) {
      if (closing.signal.aborted) return;
      const now = await identityOf(path);
      if (now === identity) continue;
      // Once closed, the watcher can no longer report that its path has disappeared.
      await watcher?.close();
      if (now === undefined) onChange();
      await open(path, { isKnown: false });
    }
  }

  async function pollPaths(): Promise<void> {
    const { signal } = closing;
    while (!signal.aborted) {
      await delay(writtenMs, undefined, { signal, ref: false }).catch(() => undefined);
      await mutex.run(checkPaths);
    }
  }
  void pollPaths();

  return {
    get size() {
      return watched.size;
    },

    follow: (paths) =>
      mutex.run(async () => {
        for (const [path, { watcher }] of [...watched]) {
          if (paths.includes(path)) continue;
          watched.delete(path);
          await watcher?.close();
        }
        for (const path of paths) {
          if (!watched.has(path)) await open(path, { isKnown: true });
        }
      }),

    async ready() {
      await Promise.all([...watched.values()].flatMap(({ ready }) => ready ?? []));
    },

    async close() {
      closing.abort();
      await Promise.all([...watched.values()].flatMap(({ watcher }) => watcher?.close() ?? []));
    },
  };
}

// --- Internal helpers ---

/** Empty while nothing is at the path. */
interface WatchedPath {
  readonly identity?: string;
  readonly watcher?: FSWatcher;
  readonly ready?: Promise<void>;
}

/** Changes when a path was deleted and created again, or links to something else now. Undefined while nothing is there. */
async function identityOf(path: string): Promise<string | undefined> {
  // A path that cannot be read, such as one on a disconnected share, counts as missing.
  const found = await stat(path).catch(() => undefined);
  return found && `${found.dev}:${found.ino}:${found.birthtimeMs}`;
}
