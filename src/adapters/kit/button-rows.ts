/** Which buttons of a reply share a row: those that differ only in their number ("Like 1" to "Like 5"), and those of one number ("Photo 2: more"). */

import type { Button, Choice } from '../../chat/reply.ts';

export interface RowLimits {
  readonly maxInRow: number;
  /** Characters of a row. Every button of a row is as wide as the widest. */
  readonly characters: number;
  /** Whether any labels may share a row. */
  readonly mixed?: boolean;
}

export interface RowBuilders<R> {
  readonly ofButtons: (buttons: readonly Button[]) => readonly R[];
  readonly ofChoices: (choices: readonly Choice[]) => readonly R[];
}

/** Rows of a reply: buttons first, then lists, dangerous buttons last. */
export function replyRows<R>(
  buttons: readonly Button[],
  choices: readonly Choice[],
  { ofButtons, ofChoices }: RowBuilders<R>,
): R[] {
  return [
    ...ofButtons(buttons.filter(({ danger }) => danger !== true)),
    ...ofChoices(choices),
    ...ofButtons(buttons.filter(({ danger }) => danger === true)),
  ];
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

function fits(row: readonly string[], label: string, { maxInRow, characters, mixed }: RowLimits): boolean {
  const labels = [...row, label];
  const widest = Math.max(...labels.map(({ length }) => length));
  if (labels.length > maxInRow || widest * labels.length > characters) return false;
  if (mixed === true) return true;
  const numbers = numbersOf(label);
  if (numbers === '') return false;
  return (
    row.every((other) => withoutNumbers(other) === withoutNumbers(label)) ||
    row.every((other) => numbersOf(other) === numbers)
  );
}

function withoutNumbers(label: string): string {
  return label.replace(/\d+/g, '#');
}

function numbersOf(label: string): string {
  return label.replace(/\D+/g, ' ').trim();
}
