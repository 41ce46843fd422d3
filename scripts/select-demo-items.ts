/** Chooses the items that ship as the demo inventory: few, but of every kind. */

import type { Labels } from '../src/catalogue/item.ts';

export interface DemoCandidate {
  readonly id: string;
  readonly title: string;
  readonly labels: Labels;
}

/**
 * Up to `n` candidates, balanced: takes turns over pairs of type and gender, and within a pair chooses the rarest colour
 * so far. Titles that were not chosen yet come first, because shops list one product many times.
 * The result depends only on the candidates and their order, and is in their order.
 */
export function selectDemoItems<T extends DemoCandidate>(candidates: readonly T[], n: number): T[] {
  const titles = new Set<string>();
  const fresh: T[] = [];
  const repeats: T[] = [];
  for (const candidate of candidates) {
    (titles.has(candidate.title) ? repeats : fresh).push(candidate);
    titles.add(candidate.title);
  }
  const chosen = new Set<T>();
  const counts = { inGroup: new Map<string, number>(), overall: new Map<string, number>() };
  for (const pool of [fresh, repeats]) takeTurns(pool, n, chosen, counts);
  return candidates.filter((candidate) => chosen.has(candidate));
}

// --- Internal helpers ---

interface Counts {
  /** Number of chosen items by type, gender and colour. */
  readonly inGroup: Map<string, number>;
  /** Number of chosen items by colour. */
  readonly overall: Map<string, number>;
}

function takeTurns<T extends DemoCandidate>(
  pool: readonly T[],
  n: number,
  chosen: Set<T>,
  counts: Counts,
): void {
  const groups = new Map<string, Map<string, T[]>>();
  for (const candidate of pool) {
    const { type = '', gender = '', colour = '' } = candidate.labels;
    const key = `${type}/${gender}`;
    const colours = groups.get(key) ?? new Map<string, T[]>();
    groups.set(key, colours);
    colours.set(colour, [...(colours.get(colour) ?? []), candidate]);
  }
  const order = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let turn = true; turn;) {
    turn = false;
    for (const [group, colours] of order) {
      if (chosen.size >= n) return;
      const colour = scarcest([...colours.keys()], group, counts);
      const candidate = colour === undefined ? undefined : colours.get(colour)?.shift();
      if (colour === undefined || !candidate) continue;
      if (colours.get(colour)?.length === 0) colours.delete(colour);
      chosen.add(candidate);
      increment(counts.inGroup, `${group}/${colour}`);
      increment(counts.overall, colour);
      turn = true;
    }
  }
}

/** The colour with the fewest items in this group, then in all groups, then by name. */
function scarcest(
  colours: readonly string[],
  group: string,
  { inGroup, overall }: Counts,
): string | undefined {
  const rank = (colour: string) =>
    [inGroup.get(`${group}/${colour}`) ?? 0, overall.get(colour) ?? 0] as const;
  return [...colours].sort((a, b) => {
    const [inA, allA] = rank(a);
    const [inB, allB] = rank(b);
    return inA - inB || allA - allB || (a < b ? -1 : 1);
  })[0];
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
