/** Which buttons stand beside each other: alike ones ("Like 1" to "Like 5"), and those of the same number ("Photo 2: more"). */

export interface RowLimits {
  readonly mostInRow: number;
  /** All buttons of a row together, each counted as wide as the widest. */
  readonly characters: number;
  /** Any labels may share a row. */
  readonly mixed?: boolean;
}

export function buttonRows<T>(
  buttons: readonly T[],
  labelOf: (button: T) => string,
  limits: RowLimits,
): T[][] {
  const rows: T[][] = [];
  for (const button of buttons) {
    const row = rows.at(-1);
    if (row && fits(row.map(labelOf), labelOf(button), limits)) row.push(button);
    else rows.push([button]);
  }
  return rows;
}

// --- Internal helpers ---

function fits(row: readonly string[], label: string, { mostInRow, characters, mixed }: RowLimits): boolean {
  const labels = [...row, label];
  const widest = Math.max(...labels.map(({ length }) => length));
  if (labels.length > mostInRow || widest * labels.length > characters) return false;
  if (mixed === true) return true;
  const numbers = numbersOf(label);
  if (numbers === '') return false;
  return (
    row.every((other) => shapeOf(other) === shapeOf(label)) ||
    row.every((other) => numbersOf(other) === numbers)
  );
}

function shapeOf(label: string): string {
  return label.replace(/\d+/g, '#');
}

function numbersOf(label: string): string {
  return label.replace(/\D+/g, ' ').trim();
}
