/** How well a score tells two sorts apart, whatever the threshold. Pure. */

/** The probability that an example of the first sort has the higher score, ties counting half: the area under the curve, 0 to 1. */
export function areaUnderCurve(high: readonly number[], low: readonly number[]): number {
  const sorted = [
    ...high.map((score) => ({ score, isHigh: true })),
    ...low.map((score) => ({ score, isHigh: false })),
  ].sort((a, b) => a.score - b.score);
  // The sum of the ranks of the first sort: Mann and Whitney, 1947.
  let ranks = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) end++;
    const rank = (start + 1 + end) / 2;
    for (let n = start; n < end; n++) if (sorted[n]!.isHigh) ranks += rank;
    start = end;
  }
  return (ranks - (high.length * (high.length + 1)) / 2) / (high.length * low.length);
}
