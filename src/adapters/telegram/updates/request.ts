/**
 * What somebody asked, as plain data without any photo or text of a message. A request is kept in the store until it is answered,
 * and an earlier version may have written it, so its fields and kinds keep their names.
 */

import type { GarmentKind } from '../../../garments/garment-kinds.ts';
import type { Filter } from '../../../search/filter.ts';
import type { PhotoRef } from '../api/photo-ref.ts';
import type { InlineButton } from './update.ts';

/** Who asked, where, and which message the answer replies to. */
export interface RequestContext {
  readonly chat: number;
  readonly isPrivate: boolean;
  /** The topic of a forum. */
  readonly topic?: number;
  readonly message: number;
  /** Id of a person, or of the group or channel on whose behalf they write. */
  readonly person: number;
  /** Written on behalf of this chat, which only its administrators can do. */
  readonly asChat?: true;
  readonly locale: string;
}

export interface PhotoRequest extends RequestContext {
  readonly kind: 'photos';
  readonly trigger: 'command' | 'mention' | 'posted';
  readonly photos: readonly PhotoRef[];
  readonly filter?: Filter;
  /** The only garment of the photo that is wanted. */
  readonly garment?: GarmentKind;
  /** Telegram's `media_group_id`: the same for all messages of an album. */
  readonly album?: string;
  /** An earlier process accepted it and did not answer it. */
  readonly again?: boolean;
}

export interface CommandRequest extends RequestContext {
  readonly kind: 'command';
  readonly name: string;
  readonly argument?: string;
}

/** A callback query: somebody clicked a button. */
export interface CallbackQueryRequest extends RequestContext {
  readonly kind: 'press';
  /** Id of the callback query. */
  readonly query: string;
  readonly data: string;
  /** The message that has the button. */
  readonly pressed: number;
  /** Whether that message is a text, and not a photo with a caption. */
  readonly isText: boolean;
  /** The buttons of that message. Undefined if Telegram did not say. */
  readonly keyboard?: readonly (readonly InlineButton[])[];
}

export type Request = PhotoRequest | CommandRequest | CallbackQueryRequest;

/** What a mode is set for: the chat, or the topic of a forum. */
export function placeIdOf({ chat, topic }: Pick<RequestContext, 'chat' | 'topic'>): string {
  return topic === undefined ? String(chat) : `${chat}/${topic}`;
}
