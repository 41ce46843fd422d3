/** Bounds how many pieces of work run at once; the rest wait in the order they came. */

export type RunInSlot = <T>(work: () => Promise<T>) => Promise<T>;

/** @param most at least 1. */
export function createSlots(most: number): RunInSlot {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The slot goes over to the next one without becoming free in between.
      if (next) next();
      else running--;
    }
  };
}
