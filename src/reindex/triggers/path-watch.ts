/** Watches files and folders, also through their absence: an export may delete a file and write it anew much later. */

import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';

export interface PathWatch {
  /** Followed paths, those that are away among them. */
  readonly size: number;
  /** From now on these, and no others. What is there counts as known; what comes or comes back is a change. Never rejects. */
  follow(paths: readonly string[]): Promise<void>;
  /** Resolves when changes of what is there will be seen. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface PathWatchOptions {
  /** How long a file's size must stay the same before it counts as written; how often absent paths are looked for. */
  readonly writtenMs: number;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

export function createPathWatch({ writtenMs, onChange, onError }: PathWatchOptions): PathWatch {
  const closing = new AbortController();
  const places = new Map<string, Place>();
  let turn = Promise.resolve();

  /** One after the other, so that no path gets two watchers. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work);
    return turn;
  }

  /** A watcher of its own for each path: chokidar does not watch a path again that it still believes to watch. */
  async function open(path: string, { isKnown }: { isKnown: boolean }): Promise<void> {
    const identity = await identityOf(path);
    if (closing.signal.aborted) return;
    if (identity === undefined) {
      places.set(path, {});
      return;
    }
    const watcher = watch(path, {
      ignoreInitial: isKnown,
      awaitWriteFinish: { stabilityThreshold: writtenMs, pollInterval: Math.min(100, writtenMs) },
    });
    watcher.on('all', onChange);
    watcher.on('error', onError);
    const ready = new Promise<void>((resolve) => void watcher.once('ready', resolve));
    places.set(path, { identity, watcher, ready });
  }

  /** What is at a path may have left, or be another file or folder than the one that is watched, which nothing tells of. */
  async function look(): Promise<void> {
    for (const [path, { identity, watcher }] of [...places]) {
      if (closing.signal.aborted) return;
      const now = await identityOf(path);
      if (now === identity) continue;
      // Closed, the watcher can no longer tell that its path has left.
      await watcher?.close();
      if (now === undefined) onChange();
      await open(path, { isKnown: false });
    }
  }

  async function keepLooking(): Promise<void> {
    const { signal } = closing;
    while (!signal.aborted) {
      await delay(writtenMs, undefined, { signal, ref: false }).catch(() => undefined);
      await inTurn(look);
    }
  }
  void keepLooking();

  return {
    get size() {
      return places.size;
    },

    follow: (paths) =>
      inTurn(async () => {
        for (const [path, { watcher }] of [...places]) {
          if (paths.includes(path)) continue;
          places.delete(path);
          await watcher?.close();
        }
        for (const path of paths) {
          if (!places.has(path)) await open(path, { isKnown: true });
        }
      }),

    async ready() {
      await Promise.all([...places.values()].flatMap((place) => place.ready ?? []));
    },

    async close() {
      closing.abort();
      await Promise.all([...places.values()].flatMap(({ watcher }) => watcher?.close() ?? []));
    },
  };
}

// --- Internal helpers ---

/** Of one path; nothing while it is away. */
interface Place {
  readonly identity?: string;
  readonly watcher?: FSWatcher;
  readonly ready?: Promise<void>;
}

/** Another one for a path that was deleted and made rebuild, or is a link to something else now; undefined for one that is away. */
async function identityOf(path: string): Promise<string | undefined> {
  // A path that cannot be read, such as that of a share that fell out, is as good as away.
  const found = await stat(path).catch(() => undefined);
  return found && `${found.dev}:${found.ino}:${found.birthtimeMs}`;
}
