/** Sends a rendered reply: the album first, then the text with the buttons. Pictures that cannot be sent are left out. */

import type { Logger } from '../../../util/logger.ts';
import { CallError } from '../api/call-error.ts';
import { MAX_CAPTION } from '../api/limits.ts';
import { markupOf } from '../rendering/keyboard.ts';
import type { RenderedReply } from '../rendering/render-reply.ts';
import type { ChatSender } from './outbox.ts';
import type { SentMessage } from './send-part.ts';
import { PICTURES, type PicturesToSend, type SendPictures } from './send-pictures.ts';

export interface ReplyTarget {
  readonly topic?: number | undefined;
  /** The message that is answered. */
  readonly replyTo: number;
}

export interface SentReply {
  /** The message that has the buttons. */
  readonly main: number;
  /** Whether that message is a text, and not a photo with a caption. */
  readonly isText: boolean;
  /** The other messages of the reply: its album, and texts before the last one. */
  readonly others: readonly number[];
}

/** @throws {CallError} when the reply cannot be sent to that chat, or when it may or may not have been sent. */
export type SendReply = (sender: ChatSender, reply: RenderedReply, target: ReplyTarget) => Promise<SentReply>;

export interface SendReplyDependencies {
  readonly sendPictures: SendPictures;
  readonly logger: Pick<Logger, 'warn'>;
}

export function createSendReply({ sendPictures, logger }: SendReplyDependencies): SendReply {
  /** The text matters more: it is sent even if the pictures cannot be. */
  async function picturesIfPossible(
    sender: ChatSender,
    toSend: PicturesToSend,
    isFinal: (error: CallError) => boolean,
  ): Promise<readonly SentMessage[]> {
    const known = sender.stateOf(PICTURES);
    if (known?.state === 'left-out') return [];
    if (known?.state === 'sent') return known.ids.map((id) => ({ id, photo: [] }));
    try {
      return await sendPictures(sender, toSend);
    } catch (error) {
      if (error instanceof CallError && isFinal(error)) throw error;
      const reason = error instanceof CallError ? error.message : 'they could not be read from the store';
      logger.warn({ reason }, 'the pictures of an answer were left out');
      sender.leaveOut(PICTURES);
      return [];
    }
  }

  return async (sender, { pictures, texts, keyboard, spoiler }, { topic, replyTo }) => {
    const place = {
      message_thread_id: topic,
      reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
    };
    const [picture, ...furtherPictures] = pictures;
    const [first, ...furtherTexts] = texts;
    const isSinglePicture = furtherPictures.length + furtherTexts.length === 0;
    const others: number[] = [];

    if (picture && first && isSinglePicture && first.text.length <= MAX_CAPTION) {
      // One item: a photo with the text as its caption and the buttons below is the whole reply.
      const toSend = { pictures: [{ ...picture, caption: first }], spoiler, place, keyboard };
      const [sent] = await picturesIfPossible(
        sender,
        toSend,
        (error) => isFinalForChat(error) || error.failure === 'unknown',
      );
      if (sent) return { main: sent.id, isText: false, others };
    } else if (picture) {
      const album = await picturesIfPossible(sender, { pictures, spoiler, place }, isFinalForChat);
      others.push(...album.map(({ id }) => id));
    }

    for (const [page, { html }] of texts.entries()) {
      const isLast = page === texts.length - 1;
      const markup = isLast ? markupOf(keyboard) : {};
      const format = { parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
      const [sent] = await sender.send({
        name: `text ${page + 1}`,
        method: 'sendMessage',
        payload: { ...place, text: html, ...format, ...markup },
        probes: [{ method: 'editMessageReplyMarkup', payload: markup }],
      });
      if (sent && isLast) return { main: sent.id, isText: true, others };
      if (sent) others.push(sent.id);
    }
    throw new RangeError('Expected a reply with at least one text.');
  };
}

// --- Internal helpers ---

/** Nothing can be sent to that chat, or nothing any more. */
function isFinalForChat({ failure, code }: CallError): boolean {
  return failure === 'stopped' || code === 403;
}
