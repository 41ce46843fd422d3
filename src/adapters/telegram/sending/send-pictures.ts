/** Sends the pictures of a reply as an album, or one alone as a photo; by `file_id` where Telegram has them already. */

import { wasRefused } from '../api/call-error.ts';
import type { ItemPicture, ItemPictures } from './item-pictures.ts';
import { type Keyboard, markupOf } from '../rendering/keyboard.ts';
import type { Probe } from './find-sent.ts';
import type { ChatLine } from './outbox.ts';
import type { SentMessage } from './send-piece.ts';
import type { AlbumPicture } from '../rendering/render-reply.ts';

/** The piece of a reply that they are. */
export const PICTURES = 'pictures';

/** The text matters more and does not wait for longer. */
const MOST_LOST = 6;

export interface PicturesToSend {
  readonly pictures: readonly AlbumPicture[];
  readonly spoiler: boolean;
  /** Topic and the message replied to, as every sending method takes them. */
  readonly place: Readonly<Record<string, unknown>>;
  /** Of a picture that is the whole reply; an album cannot carry buttons. */
  readonly keyboard?: Keyboard;
}

/**
 * What was sent; nothing when the inventory has none of the pictures any more.
 * @throws {CallError} when Telegram does not take them.
 */
export type SendPictures = (line: ChatLine, toSend: PicturesToSend) => Promise<readonly SentMessage[]>;

export function createSendPictures({ itemPictures }: { readonly itemPictures: ItemPictures }): SendPictures {
  async function find(pictures: readonly AlbumPicture[], anew: boolean): Promise<Shown[]> {
    const found = await itemPictures.find(
      pictures.map(({ item }) => item),
      anew,
    );
    return pictures.flatMap((picture, place) => {
      const shown = found[place];
      return shown ? [{ ...picture, ...shown }] : [];
    });
  }

  async function keepFileIds(shown: readonly Shown[], sent: readonly SentMessage[]): Promise<void> {
    for (const [place, { digest, media }] of shown.entries()) {
      const [largest] = [...(sent[place]?.photo ?? [])].sort((a, b) => b.width - a.width);
      if (largest && typeof media !== 'string') await itemPictures.keep(digest, largest.file_id);
    }
  }

  async function sendOnce(
    line: ChatLine,
    toSend: PicturesToSend,
    anew: boolean,
  ): Promise<readonly SentMessage[] | 'stale'> {
    const shown = await find(toSend.pictures, anew);
    const reused = shown.filter(({ media }) => typeof media === 'string');
    if (shown.length === 0) return [];
    try {
      const sent = await send(line, shown, toSend);
      await keepFileIds(shown, sent);
      return sent;
    } catch (error) {
      // Telegram does not say which of them it no longer knows, nor always in the same words.
      if (reused.length === 0 || !wasRefused(error, /^(?!.*(?:right|forbidden|chat|topic|thread))/i))
        throw error;
      await itemPictures.drop(reused.map(({ digest }) => digest));
      return 'stale';
    }
  }

  return async (line, toSend) => {
    for (const anew of [false, true]) {
      const sent = await sendOnce(line, toSend, anew);
      if (sent !== 'stale') return sent;
    }
    return [];
  };
}

// --- Internal helpers ---

type Shown = AlbumPicture & ItemPicture;

function send(
  line: ChatLine,
  shown: readonly Shown[],
  { place, spoiler, keyboard }: PicturesToSend,
): Promise<readonly SentMessage[]> {
  const hidden = spoiler ? { has_spoiler: true } : {};
  const [only] = shown;
  if (only && shown.length === 1) {
    const markup = markupOf(keyboard);
    const payload = { ...place, photo: only.media, ...captioned(only), ...hidden, ...markup };
    const probes = [captionProbe(only, markup)];
    return line.send({ piece: PICTURES, method: 'sendPhoto', payload, probes });
  }
  const media = shown.map((picture) => ({
    type: 'photo',
    media: picture.media,
    ...captioned(picture),
    ...hidden,
  }));
  return line.send({
    piece: PICTURES,
    method: 'sendMediaGroup',
    payload: { ...place, media },
    probes: shown.map((picture) => captionProbe(picture)),
    mostLost: MOST_LOST,
  });
}

function captioned({ caption }: Shown): Readonly<Record<string, unknown>> {
  return { caption: caption.html, parse_mode: 'HTML' };
}

function captionProbe(shown: Shown, markup: Readonly<Record<string, unknown>> = {}): Probe {
  return { method: 'editMessageCaption', payload: { ...captioned(shown), ...markup } };
}
