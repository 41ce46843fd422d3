/** Buttons and lists of a reply as an inline keyboard, and what the data of a clicked button means. */

import type { Button, Choice } from '../../../chat/reply.ts';
import { buttonRows, replyRows } from '../../kit/button-rows.ts';
import type { InlineButton } from '../updates/update.ts';

export type Keyboard = readonly (readonly InlineButton[])[];

/** What the `callback_data` of a button (at most 64 bytes) says. */
export interface CallbackData {
  readonly handle: string;
  /** Of an option of a list. */
  readonly value?: string;
}

/** A longer row would be cut off on a phone. */
const ROW_CHARACTERS = 36;
const MAX_IN_ROW = 5;

export function keyboardOf(buttons: readonly Button[] = [], choices: readonly Choice[] = []): Keyboard {
  return replyRows(buttons, choices, {
    ofButtons: (some) => rowsOf(some.map(({ handle, label }) => ({ text: label, callback_data: handle }))),
    ofChoices: (some) =>
      rowsOf(
        some.map((choice) => ({ text: titleOf(choice), callback_data: choice.handle })),
        true,
      ),
  });
}

/** As a parameter of a sending or editing method. An edit without it removes the keyboard. */
export function markupOf(keyboard: Keyboard = []): Readonly<Record<string, unknown>> {
  return keyboard.length > 0 ? { reply_markup: { inline_keyboard: keyboard } } : {};
}

/** The keyboard with the options of one list below the button of that list. Options of other lists are removed. */
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

/** Whether the options of this list are shown. */
export function isUnfolded(keyboard: Keyboard, handle: string): boolean {
  return keyboard.flat().some(({ callback_data: data }) => data?.startsWith(`${handle}${SEPARATOR}`));
}

/** Anybody can send any data, so the handle may be one that never existed. */
export function readCallbackData(data: string): CallbackData {
  const [handle = '', value] = data.split(SEPARATOR);
  return { handle, ...(value !== undefined && { value }) };
}

// --- Internal helpers ---

/** Occurs in no handle and no value: both are base64url. */
const SEPARATOR = '.';

function isOption(data: string | undefined): boolean {
  return data?.includes(SEPARATOR) === true;
}

function titleOf({ label, options }: Choice): string {
  const [any] = options;
  const chosen = options.find(({ selected }) => selected);
  return chosen && chosen !== any ? `${label}: ${chosen.label} ▾` : `${label} ▾`;
}

/** Telegram makes all buttons of a row equally wide. @param mixed any labels may share a row. */
function rowsOf(buttons: readonly InlineButton[], mixed = false): InlineButton[][] {
  const limits = { maxInRow: MAX_IN_ROW, characters: ROW_CHARACTERS, mixed };
  return buttonRows(buttons, ({ text }) => text, limits);
}
