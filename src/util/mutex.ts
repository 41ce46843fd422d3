/** Runs pieces of work one after another, in the order in which they were asked for. */

import pLimit from 'p-limit';

export interface Mutex {
  /** Runs `work` once everything asked for before it has settled. @throws what `work` throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether something runs at this moment. */
  isLocked(): boolean;
}

export function createMutex(): Mutex {
  const limit = pLimit(1);
  return {
    run: (work) => limit(work),
    isLocked: () => limit.activeCount > 0,
  };
}
