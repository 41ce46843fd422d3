/** Edits messages of the bot, for example to show the progress of a reindex. */

import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import { CallError, wasRefused } from '../api/call-error.ts';
import { type Keyboard, markupOf } from '../rendering/keyboard.ts';
import { renderReply } from '../rendering/render-reply.ts';
import type { Outbox } from './outbox.ts';

export interface EditableMessage {
  readonly chat: number;
  readonly message: number;
  /** Whether it is a text, and not a photo with a caption. */
  readonly isText: boolean;
}

export interface EditDependencies {
  readonly outbox: Pick<Outbox, 'change'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Shows each state as it comes. The last one is shown for certain unless the message is gone. States come at most every 5 s, and
 * the next one is requested only after an edit, so a slow chat sees fewer.
 */
export async function followUpdates(
  { outbox, logger }: EditDependencies,
  target: EditableMessage,
  states: AsyncIterable<Reply>,
): Promise<void> {
  let isGone = false;
  for await (const state of states) {
    if (isGone) continue;
    try {
      await editReply(outbox, target, state);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      isGone = error.failure === 'refused';
      logger.warn({ reason: error.message }, 'a message could not be updated');
    }
  }
}

/** Replaces a message by a reply without pictures. An edit that changes nothing is no error. */
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

/** Changes only the buttons. */
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
