/** Waits for a result for a limited time only: platforms want a sign soon, whatever the work takes. */

import type { Clock } from './clock.ts';

/** The result if it is there in time, else undefined. A failure that comes later is left to whoever awaits `working` next. */
export async function firstWithin<T>(working: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  const end = new AbortController();
  try {
    return await Promise.race([working, clock.wait(ms, end.signal).then(() => undefined)]);
  } finally {
    end.abort();
  }
}
