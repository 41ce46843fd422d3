/** Rate limits of one person and of one community. */

import { z } from 'zod';

export interface Limit {
  readonly count: number;
  /** Window in seconds, from the first one counted; then the count starts again. */
  readonly seconds: number;
}

/** Undefined means no limit. */
export interface ChatLimits {
  /** Posts with photos by one person. */
  readonly person: Limit | undefined;
  /** Posts with photos in one guild or group, by all its members. */
  readonly community: Limit | undefined;
  /** Button clicks by one person. */
  readonly presses: Limit | undefined;
}

/** In the form of the settings: count/seconds. */
export const DEFAULT_LIMITS = { person: '6/300', community: '60/600', presses: '30/60' } as const;

/** The limiter uses setTimeout, which takes at most 2^31 ms (24.8 days). */
const MAX_SECONDS = 2_000_000;

/** Parses a limit such as `6/300`, six in 300 seconds; `0` means no limit. */
export const limitSchema = z
  .string()
  .refine(isLimit, `expected count/seconds, for example 6/300, or 0 for no limit; at most ${MAX_SECONDS} s`)
  .transform((text): Limit | undefined => {
    const [count, seconds] = text.split('/').map(Number);
    return count !== undefined && seconds !== undefined ? { count, seconds } : undefined;
  });

// --- Internal helpers ---

function isLimit(text: string): boolean {
  const seconds = Number(/^[1-9]\d{0,5}\/([1-9]\d{0,6})$/.exec(text)?.[1]);
  return text === '0' || seconds <= MAX_SECONDS;
}
