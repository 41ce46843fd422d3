/** What the bot says back, as data: no Markdown, no embeds. Doors give it their platform's form. */

import type { Gallery } from '../recommend/gallery.ts';

export type ReplyBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly { readonly name: string; readonly value: string }[] }
  | {
      readonly kind: 'gallery';
      readonly gallery: Gallery;
      /**
       * One line an item, in the language of the person who asked: similarity in words and number, price, that it is not in stock,
       * how many are alike, for example `very similar (0.87) · 1299 INR · out of stock · +2 alike`. Goes with rank and linked title. A `Conversation` always gives it.
       */
      readonly details?: readonly string[];
    };

/** Something to press. What it does is kept in the store for a limited time; the handle says nothing. */
export interface Button {
  /** 1 to 40 characters of base64url, unique in its reply: fits every platform's limit together with a prefix. */
  readonly handle: string;
  /** 1 to 80 characters, the limit of Discord. */
  readonly label: string;
  readonly danger?: boolean;
}

/** A list to choose one value from; doors without lists show its options as buttons when `handle` is pressed. */
export interface Choice {
  /** As of a button; an option is pressed as this handle with the option's `value`. */
  readonly handle: string;
  readonly label: string;
  /** 1 to 25, the limit of Discord's select menu. Values are 1 to 4 characters of base64url, labels at most 100 characters. */
  readonly options: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
}

export interface Reply {
  readonly blocks: readonly ReplyBlock[];
  readonly buttons?: readonly Button[];
  readonly choices?: readonly Choice[];
  /** Only the person who asked should see it, where the platform can do that. */
  readonly discreet?: boolean;
  /** The photo was hidden behind a spoiler, so the pictures of the answer are hidden too. */
  readonly spoiler?: boolean;
  /**
   * Later states of this message, at most one every 5 s, the last one final. The door edits its message for each;
   * when the message is gone, it goes on reading and does nothing.
   */
  readonly updates?: AsyncIterable<Reply>;
  /** What the door adds when its platform lets it edit the message no longer although updates may come. */
  readonly unfollowed?: string;
}

export function textReply(text: string): Reply {
  return { blocks: [{ kind: 'text', text }] };
}
