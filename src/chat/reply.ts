/** A reply as data: no Markdown, no embeds. Adapters give it their platform's form. */

import type { Gallery } from '../recommend/gallery.ts';

export type ReplyBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly { readonly name: string; readonly value: string }[] }
  | {
      readonly kind: 'gallery';
      readonly gallery: Gallery;
      /**
       * One line for each item, in the language of the person, to be shown with rank and linked title: similarity, price,
       * availability and number of duplicates, for example `very similar (0.87) · 1299 INR · out of stock · +2 alike`. A
       * `Conversation` always gives it.
       */
      readonly details?: readonly string[];
    };

/** A button. Its action is in the store for a limited time; the handle is random. */
export interface Button {
  /** 1 to 40 characters of base64url, unique in its reply. Fits every platform's limit together with a prefix. */
  readonly handle: string;
  /** 1 to 80 characters, the limit of Discord. */
  readonly label: string;
  readonly danger?: boolean;
}

/** A list to choose one value from. Adapters without select menus show its options as buttons when `handle` is clicked. */
export interface Choice {
  /** As a button's. A chosen option is a click on this handle with the option's `value`. */
  readonly handle: string;
  readonly label: string;
  /** 1 to 25, the limit of Discord's select menu. Values are 1 to 4 characters of base64url, labels at most 100 characters. */
  readonly options: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
}

export interface Reply {
  readonly blocks: readonly ReplyBlock[];
  readonly buttons?: readonly Button[];
  readonly choices?: readonly Choice[];
  /** Only the person who asked should see the reply, where the platform can do that. */
  readonly discreet?: boolean;
  /** The photo was hidden behind a spoiler, so the pictures of the reply are hidden too. */
  readonly spoiler?: boolean;
  /**
   * Later states of this message, at most one every 5 s, the last one final. The adapter edits its message for each. When the
   * message was deleted, the adapter reads on and does nothing.
   */
  readonly updates?: AsyncIterable<Reply>;
  /** A note that the adapter adds when the platform no longer lets it edit the message although updates may follow. */
  readonly unfollowed?: string;
}

export function textReply(text: string): Reply {
  return { blocks: [{ kind: 'text', text }] };
}
