/** The figures of the benchmark, each with its limit and the command that measures it. */

/** Units of figures that are close to 1. */
const RATIOS = new Set(['x idle', 'times as long']);

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
    measured: `${round(value, unit)} ${unit}`,
    bar: `at most ${limit} ${unit}`,
    met: value <= limit,
    command,
  };
}

export function atLeast(what: string, value: number, limit: number, unit: string, command: string): Figure {
  const suffix = unit === '' ? '' : ` ${unit}`;
  return {
    what,
    measured: `${round(value, unit)}${suffix}`,
    bar: `at least ${limit}${suffix}`,
    met: value >= limit,
    command,
  };
}

/** Makes a Markdown table; empty without figures. */
export function table(figures: readonly Figure[]): string {
  if (figures.length === 0) return '';
  const rows = figures.map(
    ({ what, measured, bar, met, command }) =>
      `| ${what} | ${measured} | ${bar} | ${met ? 'yes' : 'NO'} | \`${command}\` |\n`,
  );
  return `| what | measured | bar | met | command |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

// --- Internal helpers ---

function round(value: number, unit: string): string {
  if (unit === '') return value.toFixed(4);
  if (RATIOS.has(unit)) return value.toFixed(2);
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}
