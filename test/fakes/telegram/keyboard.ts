/** Validates a reply_markup and returns its inline keyboard. */
import type { InlineKeyboardButton, InlineKeyboardMarkup } from '@grammyjs/types';
import { badRequest } from './api-error.ts';
import { isAcceptableLink } from './entities/acceptable-link.ts';
import { limits } from './limits.ts';
import { isObject, json, textField, type JsonObject, type Parameters } from './parameters.ts';

/**
 * The inline keyboard of the call; undefined for none, for an empty one and for keyboards of other kinds, which no
 * message shows. Throws 400 in the server's words.
 */
export function readKeyboard(parameters: Parameters): InlineKeyboardMarkup | undefined {
  const markup = json(parameters, 'reply_markup', 'reply keyboard markup');
  if (markup === undefined) return undefined;
  if (!isObject(markup)) throw badRequest('object expected as reply markup');
  const rows = markup.inline_keyboard;
  if (rows === undefined) return undefined;
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" must be of type Array');
  const keyboard = rows.map((row: unknown) => {
    if (!Array.isArray(row)) {
      throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays');
    }
    return row.map(readButton);
  });
  const filled = keyboard.filter((row) => row.length > 0);
  if (filled.flat().length > limits.keyboardButtons.value) throw badRequest('reply markup is too long');
  return filled.length === 0 ? undefined : { inline_keyboard: filled };
}

// --- Internal helpers ---

const otherActions = ['switch_inline_query', 'switch_inline_query_current_chat', 'web_app', 'copy_text'];

function readButton(button: unknown): InlineKeyboardButton {
  if (!isObject(button)) throw refusal('InlineKeyboardButton must be an Object');
  if (typeof button.text !== 'string') throw refusal('Can\'t find field "text"');
  if (button.text === '') throw badRequest('text buttons must have a non-empty text');
  checkAction(button);
  return button as unknown as InlineKeyboardButton;
}

function checkAction(button: JsonObject): void {
  const url = textField(button, 'url');
  const data = textField(button, 'callback_data');
  if (url !== '') {
    if (!isAcceptableLink(url)) {
      throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
    }
  } else if (data !== '') {
    if (Buffer.byteLength(data) > limits.callbackDataSize.value) throw badRequest('BUTTON_DATA_INVALID');
  } else if (!otherActions.some((action) => action in button)) {
    throw refusal('Text buttons are unallowed in the inline keyboard');
  }
}

function refusal(problem: string): Error {
  return badRequest(`can't parse inline keyboard button: ${problem}`);
}
