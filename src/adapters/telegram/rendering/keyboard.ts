/** Buttons and lists of a reply as an inline keyboard, and what a pressed one stands for. */

import { buttonRows } from '../../kit/button-rows.ts';
import type { Button, Choice } from '../../../chat/reply.ts';
import type { InlineButton } from '../updates/update.ts';

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

/** All buttons of a row are as wide as each other. @param mixed any labels may share a row. */
function rowsOf(buttons: readonly InlineButton[], mixed = false): InlineButton[][] {
  const limits = { mostInRow: MAX_IN_ROW, characters: ROW_CHARACTERS, mixed };
  return buttonRows(buttons, ({ text }) => text, limits);
}
