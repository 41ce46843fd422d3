/** Sends the pictures of a reply as an album, or a single one as a photo, by `file_id` where Telegram already has them. */

import { wasRefused } from '../api/call-error.ts';
import { type Keyboard, markupOf } from '../rendering/keyboard.ts';
import type { AlbumPicture } from '../rendering/render-reply.ts';
import type { Probe } from './find-sent.ts';
import type { ItemPicture, ItemPictures } from './item-pictures.ts';
import type { ChatSender } from './outbox.ts';
import type { SentMessage } from './send-part.ts';

/** The name of the part of a reply that they are. Stored. */
export const PICTURES = 'pictures';

/** The text matters more and does not wait for longer than this. */
const MAX_LOST = 6;

export interface PicturesToSend {
  readonly pictures: readonly AlbumPicture[];
  readonly spoiler: boolean;
  /** Topic and the message replied to, as parameters of every sending method. */
  readonly place: Readonly<Record<string, unknown>>;
  /** For a picture that is the whole reply. An album cannot have buttons. */
  readonly keyboard?: Keyboard;
}

/**
 * @returns the messages that were sent. Empty when the inventory no longer has any of the pictures.
 * @throws {CallError} when Telegram does not accept them.
 */
export type SendPictures = (sender: ChatSender, toSend: PicturesToSend) => Promise<readonly SentMessage[]>;

export function createSendPictures({ itemPictures }: { readonly itemPictures: ItemPictures }): SendPictures {
  async function find(pictures: readonly AlbumPicture[], upload: boolean): Promise<FoundPicture[]> {
    const found = await itemPictures.find(
      pictures.map(({ item }) => item),
      upload,
    );
    return pictures.flatMap((picture, place) => {
      const itemPicture = found[place];
      return itemPicture ? [{ ...picture, ...itemPicture }] : [];
    });
  }

  async function rememberFileIds(
    pictures: readonly FoundPicture[],
    sent: readonly SentMessage[],
  ): Promise<void> {
    for (const [place, { digest, media }] of pictures.entries()) {
      const [largest] = [...(sent[place]?.photo ?? [])].sort((a, b) => b.width - a.width);
      if (largest && typeof media !== 'string') await itemPictures.remember(digest, largest.file_id);
    }
  }

  async function sendOnce(
    sender: ChatSender,
    toSend: PicturesToSend,
    upload: boolean,
  ): Promise<readonly SentMessage[] | 'stale'> {
    const pictures = await find(toSend.pictures, upload);
    const reused = pictures.filter(({ media }) => typeof media === 'string');
    if (pictures.length === 0) return [];
    try {
      const sent = await send(sender, pictures, toSend);
      await rememberFileIds(pictures, sent);
      return sent;
    } catch (error) {
      // Telegram does not say which of the file ids it no longer knows, and its words for it differ.
      if (reused.length === 0 || !wasRefused(error, /^(?!.*(?:right|forbidden|chat|topic|thread))/i))
        throw error;
      await itemPictures.forget(reused.map(({ digest }) => digest));
      return 'stale';
    }
  }

  return async (sender, toSend) => {
    for (const upload of [false, true]) {
      const sent = await sendOnce(sender, toSend, upload);
      if (sent !== 'stale') return sent;
    }
    return [];
  };
}

// --- Internal helpers ---

type FoundPicture = AlbumPicture & ItemPicture;

function send(
  sender: ChatSender,
  pictures: readonly FoundPicture[],
  { place, spoiler, keyboard }: PicturesToSend,
): Promise<readonly SentMessage[]> {
  const hidden = spoiler ? { has_spoiler: true } : {};
  const [only] = pictures;
  if (only && pictures.length === 1) {
    const markup = markupOf(keyboard);
    const payload = { ...place, photo: only.media, ...captioned(only), ...hidden, ...markup };
    const probes = [captionProbe(only, markup)];
    return sender.send({ name: PICTURES, method: 'sendPhoto', payload, probes });
  }
  const media = pictures.map((picture) => ({
    type: 'photo',
    media: picture.media,
    ...captioned(picture),
    ...hidden,
  }));
  return sender.send({
    name: PICTURES,
    method: 'sendMediaGroup',
    payload: { ...place, media },
    probes: pictures.map((picture) => captionProbe(picture)),
    maxLost: MAX_LOST,
  });
}

function captioned({ caption }: FoundPicture): Readonly<Record<string, unknown>> {
  return { caption: caption.html, parse_mode: 'HTML' };
}

function captionProbe(picture: FoundPicture, markup: Readonly<Record<string, unknown>> = {}): Probe {
  return { method: 'editMessageCaption', payload: { ...captioned(picture), ...markup } };
}
