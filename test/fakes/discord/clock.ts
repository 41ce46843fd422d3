/** The fake's time: real time plus whatever a test jumped, and the ids that carry it. */

const DISCORD_EPOCH = 1_420_070_400_000;

export interface FakeClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Jumps forward: tokens, signatures, rate limits and identify windows age at once. Heartbeats keep real time. */
  advance(milliseconds: number): void;
}

/** A frozen clock stands still but for `advance`. */
export function createFakeClock({ frozen = false } = {}): FakeClock {
  let jumped = 0;
  const start = Date.now();
  return {
    now: () => (frozen ? start : Date.now()) + jumped,
    advance(milliseconds) {
      if (milliseconds < 0) throw new RangeError(`A clock only moves forward; got ${milliseconds} ms.`);
      jumped += milliseconds;
    },
  };
}

/** Snowflakes of the clock's time, always rising. */
export function createIds(clock: FakeClock): () => string {
  let last = 0n;
  return () => {
    const stamp = BigInt(clock.now() - DISCORD_EPOCH) << 22n;
    last = stamp > last ? stamp : last + 1n;
    return last.toString();
  };
}
