/** What the benchmark measured, beside the bar it is held against and the command that measured it. */

export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly met: boolean;
  readonly command: string;
}

export function atMost(what: string, value: number, limit: number, unit: string, command: string): Figure {
  return {
    what,
    measured: `${round(value)} ${unit}`,
    bar: `at most ${limit} ${unit}`,
    met: value <= limit,
    command,
  };
}

export function atLeast(what: string, value: number, limit: number, unit: string, command: string): Figure {
  const suffix = unit === '' ? '' : ` ${unit}`;
  return {
    what,
    measured: `${round(value)}${suffix}`,
    bar: `at least ${limit}${suffix}`,
    met: value >= limit,
    command,
  };
}

/** A Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(
    ({ what, measured, bar, met, command }) =>
      `| ${what} | ${measured} | ${bar} | ${met ? 'yes' : 'NO'} | \`${command}\` |`,
  );
  return ['| what | measured | bar | met | command |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param q 0 to 1. @returns the nearest-rank quantile; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

// --- Internal helpers ---

function round(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(value < 1.5 ? 4 : 1) : value.toFixed(0);
}
