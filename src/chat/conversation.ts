/** What every chat platform's door speaks to: posts, presses and commands in, replies out. The rules live behind it. */

import type { Filter } from '../search/filter.ts';
import type { CommandInfo } from './command-info.ts';
import type { ReindexJob } from '../reindex/reindex-job.ts';
import type { Choice, Reply } from './reply.ts';

/** Where and by whom something was said. Ids are the platform's own; `door` keeps platforms apart. */
export interface Origin {
  /** For example `discord`. */
  readonly door: string;
  readonly person: string;
  /** Channel, chat or forum topic: what a mode is set for. */
  readonly place: string;
  /** Guild or group, for its own limit; undefined in a direct message. */
  readonly community: string | undefined;
  /** BCP 47, as the platform says; the nearest language of `assets/locales/` is used, English in the end. */
  readonly locale: string;
  /** Asked when a command runs and again when a button is pressed, never remembered. */
  readonly isModerator: () => Promise<boolean>;
}

/** A picture that came with a message. It is read only when the rules allow it. */
export interface IncomingPhoto {
  readonly spoiler: boolean;
  /**
   * Downloads it, bounded in bytes and time.
   * @throws {InputError} `photo-too-large` and the like when it must not or cannot be read.
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
}

/** Modes of a place. `off`: commands only. `ask`: also mentions and replies. `auto`: also every photo that is posted. */
export const MODES = ['off', 'ask', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** What decides whether a post is answered. */
export interface PostHeader {
  readonly origin: Origin;
  /**
   * Unique in its place, the same when the platform delivers it again: nobody is answered twice. Of a command its own id,
   * not that of the message it points at, for which several people may ask.
   */
  readonly message: string;
  /** `command`: slash command, context menu or direct message. `mention`: named or replied to. `posted`: nobody asked. */
  readonly trigger: 'command' | 'mention' | 'posted';
  /** The door handles it once more and knows that no reply to it has left, whatever the store says. */
  readonly again?: boolean;
}

export interface PhotoPost extends PostHeader {
  /** All that came; the first four are answered and the rest are named as left out. Empty: the person is told how to ask. */
  readonly photos: readonly IncomingPhoto[];
  readonly filter?: Filter;
}

/** That a post may be answered, as the store said when `admit` asked it. Doors only pass it on to `post`. */
export interface Admission {
  /** How many posts this process had answered by then. */
  readonly answeredBefore: number;
}

export interface Press {
  readonly origin: Origin;
  readonly handle: string;
  /** The chosen option of a `Choice`. */
  readonly value?: string;
}

export type PressOutcome =
  /** A new message. */
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Takes the place of the message that was pressed. */
  | { readonly kind: 'replace'; readonly reply: Reply }
  /** The handle of a choice came without a value: offer its options. Only doors without lists see this. */
  | { readonly kind: 'choose'; readonly choice: Choice }
  | { readonly kind: 'delete' }
  /** A line for the person alone: expired, not yours, already running. At most 200 characters. */
  | { readonly kind: 'notice'; readonly text: string };

export interface CommandCall {
  readonly origin: Origin;
  /** Without slash. */
  readonly name: string;
  /** What was typed or chosen after the name, for example `auto` for `/mode auto`. */
  readonly argument?: string;
  /** Why the door cannot see photos that are merely posted here, so that `/mode auto` can say what to switch. */
  readonly autoUnavailable?: 'message-content' | 'privacy-mode';
}

export interface Conversation {
  /** For what reads the inventory again without being a chat: a schedule, a watched folder, the local page. */
  readonly reindex: Pick<ReindexJob, 'start' | 'running' | 'last' | 'steer'>;
  /** What doors publish as their platform's commands, in the order that the help shows. */
  commands(): readonly CommandInfo[];
  /**
   * Decides whether a post is answered, so that a door can acknowledge it at once. Undefined: it is not. Nothing is reserved or
   * counted, so a door may drop an admission. Rejects only with ClosedError.
   */
  admit(post: PostHeader): Promise<Admission | undefined>;
  /**
   * Exactly one reply for each admitted post: a gallery, or what went wrong. Undefined when the post is not answered. Rejects
   * only with ClosedError.
   * @param admission what `admit` gave for this post; it is used up. Default: the post is admitted here.
   */
  post(post: PhotoPost, admission?: Admission): Promise<Reply | undefined>;
  /** Never throws but ClosedError. */
  press(press: Press): Promise<PressOutcome>;
  /** Never throws but ClosedError. An unknown name is answered with the list of names. */
  command(call: CommandCall): Promise<Reply>;
  /** The platform gave a place another id (a group became a supergroup): its mode moves along. */
  moved(door: string, from: string, to: string): Promise<void>;
  /** For somebody whose request the door cannot finish because the bot stops. Works after `close` too. */
  farewell(origin: Pick<Origin, 'locale'>): Reply;
  /**
   * Stops a running reindex at once, and its last update says so; then finishes what was accepted. Idempotent.
   * @param doorsStopped settles when the doors hand nothing in any more, which needs those updates; from then on everything
   * throws `ClosedError`. Default: at once.
   */
  close(doorsStopped?: Promise<unknown>): Promise<void>;
}
