/** Snowflakes: Discord's ids, which contain the time. */

import type { PlatformClock } from '../clock.ts';

const DISCORD_EPOCH = 1_420_070_400_000;

/** Snowflakes of the clock's time, always rising. */
export function createIds(clock: Pick<PlatformClock, 'now'>): () => string {
  let last = 0n;
  return () => {
    const stamp = BigInt(clock.now() - DISCORD_EPOCH) << 22n;
    last = stamp > last ? stamp : last + 1n;
    return last.toString();
  };
}
