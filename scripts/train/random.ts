/** Random numbers that depend only on their seeds, so that a step can be repeated after a crash. */

export interface Random {
  /** Uniform, 0 to 1. */
  (): number;
  between(low: number, high: number): number;
  /** Normal, mean 0. */
  normal(deviation: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** 0 to `count - 1`. */
  below(count: number): number;
}

/** @param seeds whole numbers, for example the seed of the run, the step and the index in the batch. */
export function createRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = mix(state ^ seed) + 0x9e3779b9;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return Object.assign(next, {
    between: (low: number, high: number) => low + (high - low) * next(),
    normal: (deviation: number) =>
      deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability: number) => next() < probability,
    below: (count: number) => Math.floor(next() * count),
  });
}

/** The numbers 0 to `count - 1` in random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n--) {
    const other = random.below(n + 1);
    [order[n], order[other]] = [order[other]!, order[n]!];
  }
  return order;
}

// --- Internal helpers ---

/** The finaliser of MurmurHash3. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
