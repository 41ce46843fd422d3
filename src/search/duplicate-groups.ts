/** Joins duplicates into groups (union-find). */

export interface DuplicateGroups {
  /** The given pairs without the redundant ones: just enough to connect every group. */
  readonly pairs: [number, number][];
  /** For each node of a group, all nodes of that group including itself, in rising order. */
  readonly groups: ReadonlyMap<number, readonly number[]>;
}

/** @param pairs nodes that are duplicates of each other. All nodes that are connected by pairs form one group. */
export function groupDuplicates(pairs: Iterable<readonly [number, number]>): DuplicateGroups {
  const leaders = new Map<number, number>();
  const leaderOf = (node: number): number => {
    let leader = node;
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader))
      leader = next;
    // Path compression: the next lookup is shorter.
    leaders.set(node, leader);
    return leader;
  };
  const kept: [number, number][] = [];
  for (const [a, b] of pairs) {
    const [first, second] = [leaderOf(a), leaderOf(b)];
    if (first === second) continue;
    leaders.set(Math.max(first, second), Math.min(first, second));
    kept.push([a, b]);
  }
  const members = new Map<number, number[]>();
  for (const node of [...leaders.keys()].sort((a, b) => a - b)) {
    const leader = leaderOf(node);
    const group = members.get(leader);
    if (group) group.push(node);
    else members.set(leader, [node]);
  }
  const groups = new Map<number, readonly number[]>();
  for (const group of members.values()) {
    if (group.length > 1) for (const node of group) groups.set(node, group);
  }
  return { pairs: kept, groups };
}
