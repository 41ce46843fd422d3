/** Sends a rendered reply: the album first, then the text with the buttons; pictures that cannot be sent are left out. */

import type { Logger } from '../../../util/logger.ts';
import { CallError } from '../api/call-error.ts';
import { MAX_CAPTION } from '../api/limits.ts';
import type { ChatLine } from './outbox.ts';
import type { SentMessage } from './send-piece.ts';
import { markupOf } from '../rendering/keyboard.ts';
import type { RenderedReply } from '../rendering/render-reply.ts';
import { PICTURES, type PicturesToSend, type SendPictures } from './send-pictures.ts';

export interface Target {
  readonly topic?: number | undefined;
  /** The message that is answered. */
  readonly replyTo: number;
}

export interface SentReply {
  /** The message that carries the buttons. */
  readonly main: number;
  /** Whether that message is a text, and not a photo with a caption. */
  readonly isText: boolean;
  /** Other messages of the reply: its album, and text that did not fit. */
  readonly others: readonly number[];
}

/** @throws {CallError} when it cannot be said in that chat, or when it may or may not have been. */
export type SendReply = (line: ChatLine, reply: RenderedReply, target: Target) => Promise<SentReply>;

export interface SendReplyDependencies {
  readonly sendPictures: SendPictures;
  readonly logger: Pick<Logger, 'warn'>;
}

export function createSendReply({ sendPictures, logger }: SendReplyDependencies): SendReply {
  /** The text matters more: whatever keeps the pictures from being shown, it is said. */
  async function picturesIfPossible(
    line: ChatLine,
    toSend: PicturesToSend,
    isFinal: (error: CallError) => boolean,
  ): Promise<readonly SentMessage[]> {
    const outcome = line.outcome(PICTURES);
    if (outcome?.state === 'left-out') return [];
    if (outcome?.state === 'sent') return outcome.ids.map((id) => ({ id, photo: [] }));
    try {
      return await sendPictures(line, toSend);
    } catch (error) {
      if (error instanceof CallError && isFinal(error)) throw error;
      const reason = error instanceof CallError ? error.message : 'they could not be read from the store';
      logger.warn({ reason }, 'the pictures of an answer were left out');
      line.leaveOut(PICTURES);
      return [];
    }
  }

  return async (line, { pictures, texts, keyboard, spoiler }, { topic, replyTo }) => {
    const place = {
      message_thread_id: topic,
      reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
    };
    const [picture, ...furtherPictures] = pictures;
    const [text, ...furtherTexts] = texts;
    const others: number[] = [];

    if (picture && text && furtherPictures.length + furtherTexts.length === 0 && text.length <= MAX_CAPTION) {
      // One item: a photo with the text and the buttons below it is the whole reply.
      const toSend = { pictures: [{ ...picture, caption: text }], spoiler, place, keyboard };
      const [sent] = await picturesIfPossible(
        line,
        toSend,
        (error) => isEnd(error) || error.failure === 'unknown',
      );
      if (sent) return { main: sent.id, isText: false, others };
    } else if (picture) {
      const album = await picturesIfPossible(line, { pictures, spoiler, place }, isEnd);
      others.push(...album.map(({ id }) => id));
    }

    for (const [page, { html }] of texts.entries()) {
      const isLast = page === texts.length - 1;
      const markup = isLast ? markupOf(keyboard) : {};
      const format = { parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
      const [sent] = await line.send({
        piece: `text ${page + 1}`,
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

/** Nothing at all can be sent there, or not any more. */
function isEnd({ failure, code }: CallError): boolean {
  return failure === 'stopped' || code === 403;
}
