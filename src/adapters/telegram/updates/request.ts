/** What somebody asked, as plain data: it is kept in the store until it is answered, and holds no photo and no text. */

import type { Filter } from '../../../search/filter.ts';
import type { InlineButton } from './update.ts';

export interface PhotoRef {
  readonly fileId: string;
  /** Bytes, where Telegram says. */
  readonly size?: number;
  readonly spoiler: boolean;
}

/** Where, by whom, and which message an answer replies to. */
export interface Asked {
  readonly chat: number;
  readonly isPrivate: boolean;
  /** Of a forum. */
  readonly topic?: number;
  readonly message: number;
  /** Id of a person, or of the group or channel in whose name they write. */
  readonly person: number;
  /** Wrote in the name of this very chat, which its administrators alone can. */
  readonly asChat?: true;
  readonly locale: string;
}

export interface PhotoRequest extends Asked {
  readonly kind: 'photos';
  readonly trigger: 'command' | 'mention' | 'posted';
  readonly photos: readonly PhotoRef[];
  readonly filter?: Filter;
  /** All messages of an album have the same. */
  readonly album?: string;
  /** An earlier process left it unanswered. */
  readonly again?: boolean;
}

export interface CommandRequest extends Asked {
  readonly kind: 'command';
  readonly name: string;
  readonly argument?: string;
}

export interface PressRequest extends Asked {
  readonly kind: 'press';
  readonly query: string;
  readonly data: string;
  /** The message whose button it was. */
  readonly pressed: number;
  /** Whether that message is a text, and not a photo with a caption. */
  readonly isText: boolean;
  /** Its buttons; absent when Telegram did not say. */
  readonly keyboard?: readonly (readonly InlineButton[])[];
}

export type Request = PhotoRequest | CommandRequest | PressRequest;

/** What a mode is set for: the chat, or the topic of a forum. */
export function placeOf({ chat, topic }: Pick<Asked, 'chat' | 'topic'>): string {
  return topic === undefined ? String(chat) : `${chat}/${topic}`;
}
