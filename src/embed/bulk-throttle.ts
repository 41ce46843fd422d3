/** Slows bulk work down while users are active, so that their photos find a free worker. */

export interface BulkThrottleOptions {
  /** Whether users may send photos while bulk work runs; without them nothing is slowed down. */
  readonly serving: boolean;
  /** Workers of the engine. */
  readonly parallelism: number;
  /** The largest number of photos in one batch. */
  readonly maxBatch: number;
  /** Called when a pause is over. */
  readonly onPauseEnd: () => void;
}

export interface BulkThrottle {
  /** A user has sent a photo. */
  noteUser(): void;
  /** The most bulk photos that one batch may take now; 0: none may start. @param running bulk batches in progress. */
  allowance(running: number): number;
  /** A bulk batch has ended. @param ms how long it took. */
  noteBatch(ms: number): void;
  /** Users no longer count: the bulk work that is left runs at full speed. */
  release(): void;
}

/** A user counts as active for this long after a photo, in milliseconds. */
const ACTIVE_MS = 1_000;
/** While users are active, bulk work pauses three times as long as each batch took: it gets a quarter of one worker. */
const PAUSE_FACTOR = 3;

export function createBulkThrottle(options: BulkThrottleOptions): BulkThrottle {
  const { serving, parallelism, maxBatch, onPauseEnd } = options;
  const workers = Math.max(1, parallelism - (serving ? 1 : 0));
  let lastUser = -Infinity;
  let pauseUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  let isReleased = false;

  function usersAreActive(): boolean {
    return serving && !isReleased && performance.now() - lastUser < ACTIVE_MS;
  }

  return {
    noteUser() {
      lastUser = performance.now();
    },

    allowance(running) {
      if (!usersAreActive()) return running < workers ? maxBatch : 0;
      if (running > 0) return 0;
      const pause = pauseUntil - performance.now();
      if (pause <= 0) return 1;
      timer ??= setTimeout(() => {
        timer = undefined;
        onPauseEnd();
      }, pause);
      return 0;
    },

    noteBatch(ms) {
      if (usersAreActive()) pauseUntil = performance.now() + PAUSE_FACTOR * ms;
    },

    release() {
      isReleased = true;
    },
  };
}
