/** Buttons and lists of a reply as an inline keyboard, and what a pressed one stands for. */

import type { Button, Choice } from '../../../chat/reply.ts';
import type { InlineButton } from '../intake/update.ts';

export type Keyboard = readonly (readonly InlineButton[])[];

/** What the 64 bytes of a button say. */
export interface PressedData {
  readonly handle: string;
  /** Of an option of a list. */
  readonly value?: string;
}

/** More than that would be cut off on a phone. */
const ROW_CHARACTERS = 36;
const MAX_IN_ROW = 5;

/** Alike buttons ("Like 1" to "Like 5") share a row, lists come after them, what is dangerous comes last. */
export function keyboardOf(buttons: readonly Button[] = [], choices: readonly Choice[] = []): Keyboard {
  const usual = buttons.filter(({ danger }) => danger !== true);
  const dangerous = buttons.filter(({ danger }) => danger === true);
  return [
    ...rowsOf(usual.map(({ handle, label }) => ({ text: label, callback_data: handle }))),
    ...rowsOf(
      choices.map((choice) => ({ text: titleOf(choice), callback_data: choice.handle })),
      true,
    ),
    ...rowsOf(dangerous.map(({ handle, label }) => ({ text: label, callback_data: handle }))),
  ];
}

/** As a sending or editing method takes it; an edit without one removes it. */
export function markupOf(keyboard: Keyboard = []): Readonly<Record<string, unknown>> {
  return keyboard.length > 0 ? { reply_markup: { inline_keyboard: keyboard } } : {};
}

/** The keyboard with the options of a list below the button of that list, and those of any other list folded in. */
export function unfold(keyboard: Keyboard, { handle, options }: Choice): Keyboard {
  const rows = rowsOf(
    options.map(({ value, label, selected }) => ({
      text: selected ? `✓ ${label}` : label,
      callback_data: `${handle}${SEPARATOR}${value}`,
    })),
    true,
  );
  const folded = fold(keyboard);
  const place = folded.findIndex((row) => row.some(({ callback_data: data }) => data === handle));
  return place === -1 ? [...folded, ...rows] : folded.toSpliced(place + 1, 0, ...rows);
}

/** The keyboard without the options of any list. */
export function fold(keyboard: Keyboard): Keyboard {
  return keyboard.filter((row) => !row.some((button) => isOption(button.callback_data)));
}

/** Whether the options of this list are showing. */
export function isUnfolded(keyboard: Keyboard, handle: string): boolean {
  return keyboard.flat().some(({ callback_data: data }) => data?.startsWith(`${handle}${SEPARATOR}`));
}

/** Anybody can send any data, so the result may be a handle that never was. */
export function readData(data: string): PressedData {
  const [handle = '', value] = data.split(SEPARATOR);
  return { handle, ...(value !== undefined && { value }) };
}

// --- Internal helpers ---

/** Is in no handle and no value: both are base64url. */
const SEPARATOR = '.';

function isOption(data: string | undefined): boolean {
  return data?.includes(SEPARATOR) === true;
}

function titleOf({ label, options }: Choice): string {
  const [any] = options;
  const chosen = options.find(({ selected }) => selected);
  return chosen && chosen !== any ? `${label}: ${chosen.label} ▾` : `${label} ▾`;
}

/** @param mixed any labels may share a row. Otherwise they must be alike but for their numbers, or have the same number. */
function rowsOf(buttons: readonly InlineButton[], mixed = false): InlineButton[][] {
  const rows: InlineButton[][] = [];
  for (const button of buttons) {
    const row = rows.at(-1);
    if (row && fits(row, button, mixed)) row.push(button);
    else rows.push([button]);
  }
  return rows;
}

function fits(row: readonly InlineButton[], button: InlineButton, mixed: boolean): boolean {
  const texts = [...row, button].map(({ text }) => text);
  const widest = Math.max(...texts.map(({ length }) => length));
  // All buttons of a row are as wide as each other.
  if (texts.length > MAX_IN_ROW || widest * texts.length > ROW_CHARACTERS) return false;
  const [first] = row;
  if (mixed || !first) return true;
  const numbers = numbersOf(button);
  return numbers !== '' && (shapeOf(first) === shapeOf(button) || numbersOf(row.at(-1)!) === numbers);
}

function shapeOf({ text }: InlineButton): string {
  return text.replace(/\d+/g, '#');
}

function numbersOf({ text }: InlineButton): string {
  return text.replace(/\D+/g, ' ').trim();
}
