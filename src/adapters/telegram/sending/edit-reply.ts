/** Keeps a message of the bot up to date, such as the progress of a reindex. */

import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import { CallError, wasRefused } from '../api/call-error.ts';
import { type Keyboard, markupOf } from '../rendering/keyboard.ts';
import type { Outbox } from './outbox.ts';
import { renderReply } from '../rendering/render-reply.ts';

export interface EditableMessage {
  readonly chat: number;
  readonly message: number;
  /** A text, and not a photo with a caption. */
  readonly isText: boolean;
}

export interface EditDependencies {
  readonly outbox: Pick<Outbox, 'change'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Shows each state as it comes, the last one for certain unless the message is gone. The states come at most every 5 s, and
 * the next is asked for only when one is shown, so a slow chat sees fewer.
 */
export async function followUpdates(
  { outbox, logger }: EditDependencies,
  target: EditableMessage,
  states: AsyncIterable<Reply>,
): Promise<void> {
  let gone = false;
  for await (const state of states) {
    if (gone) continue;
    try {
      await editReply(outbox, target, state);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      gone = error.failure === 'refused';
      logger.warn({ reason: error.message }, 'a message could not be brought up to date');
    }
  }
}

/** Puts a reply without pictures in the place of a message. An edit that changes nothing is fine. */
export async function editReply(
  outbox: Pick<Outbox, 'change'>,
  { chat, message, isText }: EditableMessage,
  reply: Reply,
): Promise<void> {
  const { texts, keyboard } = renderReply(reply);
  const html = texts[0]?.html ?? '';
  const method = isText ? 'editMessageText' : 'editMessageCaption';
  const payload = {
    message_id: message,
    ...(isText ? { text: html, link_preview_options: { is_disabled: true } } : { caption: html }),
    parse_mode: 'HTML',
    ...markupOf(keyboard),
  };
  await outbox.change(chat, method, payload).catch(unlessUnchanged);
}

/** Changes the buttons alone. */
export async function editKeyboard(
  outbox: Pick<Outbox, 'change'>,
  { chat, message }: Pick<EditableMessage, 'chat' | 'message'>,
  keyboard: Keyboard,
): Promise<void> {
  const payload = { message_id: message, ...markupOf(keyboard) };
  await outbox.change(chat, 'editMessageReplyMarkup', payload).catch(unlessUnchanged);
}

// --- Internal helpers ---

function unlessUnchanged(error: unknown): void {
  if (!wasRefused(error, /not modified/i)) throw error;
}
