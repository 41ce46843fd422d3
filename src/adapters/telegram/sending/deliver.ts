/** Brings replies to their chats, remembers what they consist of, and takes them away again. */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import { editReply, followUpdates } from './edit-reply.ts';
import type { Keyboard } from '../rendering/keyboard.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Outbox } from './outbox.ts';
import { renderReply } from '../rendering/render-reply.ts';
import type { Asked, PressRequest } from '../updates/request.ts';
import type { SendReply } from './send-reply.ts';

export interface Delivery {
  readonly reply: Reply;
  /** Messages that are deleted when it is there. */
  readonly replaces: readonly number[];
  /** What of it is sent already, and from then on what becomes of it. */
  readonly deliveryLog: DeliveryLog;
  /** Buttons below those of the reply. */
  readonly extraButtons: Keyboard;
  /** Told when the reply is there; its later states may still come. */
  readonly onSent: () => Promise<void>;
}

export interface Deliver {
  /** Resolves when the reply has been sent and has reached its last state. @throws {CallError} */
  send(asked: Asked, delivery: Delivery): Promise<void>;
  /**
   * Puts a reply in the place of the one that was pressed, if one edit can do that.
   * @returns otherwise the messages that it is to replace.
   */
  edit(
    press: PressRequest,
    reply: Reply,
    onSent: () => Promise<void>,
  ): Promise<readonly number[] | undefined>;
  /** Deletes the reply that was pressed, album included. */
  remove(press: PressRequest): Promise<void>;
}

export interface DeliverDependencies {
  readonly outbox: Outbox;
  readonly sendReply: SendReply;
  /** Further messages of a reply, under the chat and the message that has its buttons. */
  readonly parts: Keyv<readonly number[]>;
  readonly botId: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Telegram lets a bot delete what it wrote for that long. */
const DELETABLE_MS = 48 * 60 * 60 * 1000;

export function createDeliver(dependencies: DeliverDependencies): Deliver {
  const { outbox, sendReply, parts, botId } = dependencies;
  const keyOf = (chat: number, message: number): string => `${botId}/${chat}/${message}`;

  async function messagesOf({ chat, pressed }: PressRequest): Promise<readonly number[]> {
    return [pressed, ...((await parts.get(keyOf(chat, pressed))) ?? [])];
  }

  /** Those that cannot be deleted any more are left by Telegram without a word. */
  function deleteMessages(chat: number, messages: readonly number[]): Promise<void> {
    return outbox.change(chat, 'deleteMessages', { message_ids: messages });
  }

  return {
    async send(asked, { reply, replaces, deliveryLog, extraButtons, onSent }) {
      const rendered = renderReply(reply);
      const whole = { ...rendered, keyboard: [...rendered.keyboard, ...extraButtons] };
      const target = { topic: asked.topic, replyTo: asked.message };
      const { chat, main, isText } = await outbox.inChat(
        { chat: asked.chat, after: newestOf(asked), deliveryLog },
        async (line) => {
          const sent = await sendReply(line, whole, target);
          if (sent.others.length > 0) {
            await parts.set(keyOf(line.chat(), sent.main), sent.others, DELETABLE_MS);
          }
          return { chat: line.chat(), ...sent };
        },
      );
      if (replaces.length > 0) await deleteMessages(asked.chat, replaces);
      await onSent();
      if (reply.updates) await followUpdates(dependencies, { chat, message: main, isText }, reply.updates);
    },

    async edit(press, reply, onSent) {
      const old = await messagesOf(press);
      const { pictures, texts } = renderReply(reply);
      if (pictures.length > 0 || texts.length > 1 || old.length > 1 || !press.isText) return old;
      const target = { chat: press.chat, message: press.pressed, isText: press.isText };
      await editReply(outbox, target, reply);
      await onSent();
      if (reply.updates) await followUpdates(dependencies, target, reply.updates);
      return undefined;
    },

    async remove(press) {
      await deleteMessages(press.chat, await messagesOf(press));
      await parts.delete(keyOf(press.chat, press.pressed));
    },
  };
}

// --- Internal helpers ---

/** The newest message that was there when somebody asked. */
function newestOf(asked: Asked | PressRequest): number {
  return 'pressed' in asked ? Math.max(asked.message, asked.pressed) : asked.message;
}
