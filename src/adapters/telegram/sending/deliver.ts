/** Delivers replies to their chats, remembers which messages they consist of, and deletes them again. */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import type { Keyboard } from '../rendering/keyboard.ts';
import { renderReply } from '../rendering/render-reply.ts';
import type { CallbackQueryRequest, RequestContext } from '../updates/request.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { editReply, followUpdates } from './edit-reply.ts';
import type { Outbox } from './outbox.ts';
import type { SendReply } from './send-reply.ts';

export interface Delivery {
  readonly reply: Reply;
  /** Messages that are deleted once the reply is sent. */
  readonly replaces: readonly number[];
  /** Which parts of the reply are already sent. Updated during the delivery. */
  readonly deliveryLog: DeliveryLog;
  /** Buttons below those of the reply. */
  readonly extraButtons: Keyboard;
  /** Called when the reply is sent. Its later states may still come. */
  readonly onSent: () => Promise<void>;
}

export interface Deliver {
  /** Resolves when the reply has been sent and has reached its last state. @throws {CallError} */
  send(context: RequestContext, delivery: Delivery): Promise<void>;
  /**
   * Replaces the message of the button by a reply, if one edit can do that.
   * @returns otherwise the messages that the reply must replace.
   */
  edit(
    request: CallbackQueryRequest,
    reply: Reply,
    onSent: () => Promise<void>,
  ): Promise<readonly number[] | undefined>;
  /** Deletes the reply that has the button, album included. */
  remove(request: CallbackQueryRequest): Promise<void>;
}

export interface DeliverDependencies {
  readonly outbox: Outbox;
  readonly sendReply: SendReply;
  /** The other messages of a reply, by chat and by the message that has its buttons. */
  readonly otherMessages: Keyv<readonly number[]>;
  readonly botId: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Telegram lets a bot delete its messages for this long. */
const DELETABLE_MS = 48 * 60 * 60 * 1000;

export function createDeliver({
  outbox,
  sendReply,
  otherMessages,
  botId,
  logger,
}: DeliverDependencies): Deliver {
  const keyOf = (chat: number, message: number): string => `${botId}/${chat}/${message}`;

  async function messagesOf({ chat, pressed: main }: CallbackQueryRequest): Promise<readonly number[]> {
    return [main, ...((await otherMessages.get(keyOf(chat, main))) ?? [])];
  }

  /** Telegram silently keeps those that can no longer be deleted. */
  function deleteMessages(chat: number, messages: readonly number[]): Promise<void> {
    return outbox.change(chat, 'deleteMessages', { message_ids: messages });
  }

  return {
    async send(context, { reply, replaces, deliveryLog, extraButtons, onSent }) {
      const rendered = renderReply(reply);
      const whole = { ...rendered, keyboard: [...rendered.keyboard, ...extraButtons] };
      const { chat, main, isText } = await outbox.inChat(
        { chat: context.chat, after: newestKnown(context), deliveryLog },
        async (sender) => {
          const sent = await sendReply(sender, whole, { topic: context.topic, replyTo: context.message });
          if (sent.others.length > 0) {
            await otherMessages.set(keyOf(sender.chat(), sent.main), sent.others, DELETABLE_MS);
          }
          return { chat: sender.chat(), ...sent };
        },
      );
      if (replaces.length > 0) await deleteMessages(context.chat, replaces);
      await onSent();
      if (reply.updates) {
        await followUpdates({ outbox, logger }, { chat, message: main, isText }, reply.updates);
      }
    },

    async edit(request, reply, onSent) {
      const old = await messagesOf(request);
      const { pictures, texts } = renderReply(reply);
      if (pictures.length > 0 || texts.length > 1 || old.length > 1 || !request.isText) return old;
      const target = { chat: request.chat, message: request.pressed, isText: request.isText };
      await editReply(outbox, target, reply);
      await onSent();
      if (reply.updates) await followUpdates({ outbox, logger }, target, reply.updates);
      return undefined;
    },

    async remove(request) {
      await deleteMessages(request.chat, await messagesOf(request));
      await otherMessages.delete(keyOf(request.chat, request.pressed));
    },
  };
}

// --- Internal helpers ---

/** The newest message that is certainly older than the reply. */
function newestKnown(context: RequestContext | CallbackQueryRequest): number {
  return 'pressed' in context ? Math.max(context.message, context.pressed) : context.message;
}
