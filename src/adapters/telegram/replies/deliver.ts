/** Brings replies to their chats, remembers what they consist of, and takes them away again. */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../logger.ts';
import { editReply, followUpdates } from './edit-reply.ts';
import type { Keyboard } from './keyboard.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { renderReply } from './render-reply.ts';
import type { Asked, PressRequest } from '../intake/request.ts';
import type { SendReply } from './send-reply.ts';

export interface DeliverOptions {
  /** Buttons below those of the reply. */
  readonly extraButtons?: Keyboard;
  /** Runs once, when the first message is about to leave. */
  readonly beforeFirst?: () => Promise<void>;
  /** Runs when sending failed and nothing of the reply can be in the chat, although `beforeFirst` may have run. */
  readonly onUntouched?: () => Promise<void>;
  /** Told when the reply is there; its later states may still come. */
  readonly onSent?: () => Promise<void>;
}

export interface Deliver {
  /** Resolves when the reply has been sent and has reached its last state. @throws {CallError} */
  send(asked: Asked, reply: Reply, options?: DeliverOptions): Promise<void>;
  /** Puts a reply in the place of the one that was pressed. */
  replace(press: PressRequest, reply: Reply, options?: DeliverOptions): Promise<void>;
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

  async function send(asked: Asked, reply: Reply, options: DeliverOptions = {}, old: readonly number[] = []) {
    const { extraButtons = [], beforeFirst, onUntouched, onSent } = options;
    const rendered = renderReply(reply);
    const whole = { ...rendered, keyboard: [...rendered.keyboard, ...extraButtons] };
    const target = { topic: asked.topic, replyTo: asked.message };
    const { chat, main, isText } = await outbox.inChat(
      asked.chat,
      async (line) => {
        const sent = await sendReply(line, whole, target).catch(async (error: unknown) => {
          if (!line.touched()) await onUntouched?.();
          throw error;
        });
        if (sent.others.length > 0) {
          await parts.set(keyOf(line.chat(), sent.main), sent.others, DELETABLE_MS);
        }
        return { chat: line.chat(), ...sent };
      },
      beforeFirst,
    );
    await onSent?.();
    if (old.length > 0) await deleteMessages(asked.chat, old);
    if (reply.updates) await followUpdates(dependencies, { chat, message: main, isText }, reply.updates);
  }

  async function messagesOf({ chat, pressed }: PressRequest): Promise<readonly number[]> {
    return [pressed, ...((await parts.get(keyOf(chat, pressed))) ?? [])];
  }

  /** Those that cannot be deleted any more are left by Telegram without a word. */
  function deleteMessages(chat: number, messages: readonly number[]): Promise<void> {
    return outbox.change(chat, 'deleteMessages', { message_ids: messages });
  }

  return {
    send: (asked, reply, options) => send(asked, reply, options),

    async replace(press, reply, options = {}) {
      const old = await messagesOf(press);
      const { pictures, texts } = renderReply(reply);
      const target = { chat: press.chat, message: press.pressed, isText: press.isText };
      if (pictures.length > 0 || texts.length > 1 || old.length > 1 || !press.isText) {
        await send(press, reply, options, old);
        return;
      }
      await options.beforeFirst?.();
      await editReply(outbox, target, reply);
      await options.onSent?.();
      if (reply.updates) await followUpdates(dependencies, target, reply.updates);
    },

    async remove(press) {
      await deleteMessages(press.chat, await messagesOf(press));
      await parts.delete(keyOf(press.chat, press.pressed));
    },
  };
}
