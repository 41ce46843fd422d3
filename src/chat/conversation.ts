/** What every chat platform's adapter talks to: posts, button clicks and commands in, replies out. All rules are behind it. */

import type { ReindexJob } from '../reindex/reindex-job.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import type { Filter } from '../search/filter.ts';
import type { CommandInfo } from './command-info.ts';
import type { Choice, Reply } from './reply.ts';

/** Who wrote or clicked, and where. Ids are the platform's own; `door` keeps platforms apart. */
export interface Origin {
  /** Name of the platform, for example `discord`. */
  readonly door: string;
  readonly person: string;
  /** Channel, chat or forum topic. Modes are set by place. */
  readonly place: string;
  /** Guild or group, which has a limit of its own; undefined in a direct message. */
  readonly community: string | undefined;
  /** BCP 47, as the platform gives it. The nearest language of `assets/locales/` is used, otherwise English. */
  readonly locale: string;
  /** Called when a command runs and again when a button is clicked; the result is never stored. */
  readonly isModerator: () => Promise<boolean>;
}

/** A photo of a message. It is read only when the rules allow it. */
export interface IncomingPhoto {
  readonly spoiler: boolean;
  /**
   * Downloads the photo, with limits of bytes and time.
   * @throws {InputError} `photo-too-large` and the like when the photo must not or cannot be read.
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
}

/** When the bot answers in a place. `off`: commands only. `ask`: also mentions and replies. `auto`: also every photo. */
export const MODES = ['off', 'ask', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** The part of a post that decides whether it is answered. */
export interface PostHeader {
  readonly origin: Origin;
  /**
   * Unique in its place, and the same when the platform delivers the message again, so that nobody is answered twice. For a
   * command its own id, not that of the message it points at: several people may ask about the same message.
   */
  readonly message: string;
  /** `command`: slash command, context menu or direct message. `mention`: mention of the bot or reply to it. `posted`: neither. */
  readonly trigger: 'command' | 'mention' | 'posted';
  /** The adapter handles the post again and knows that no reply to it was sent, whatever the store says. */
  readonly again?: boolean;
}

export interface PhotoPost extends PostHeader {
  /** Every photo of the message; the first four are answered, the others are named as left out. Empty: the reply says how to ask. */
  readonly photos: readonly IncomingPhoto[];
  readonly filter?: Filter;
  /** Answer this garment of each photo alone. */
  readonly garment?: GarmentKind;
}

/** Proof that `admit` found a post unanswered, so that `post` need not read the store again. Adapters only pass it on. */
export interface Admission {
  /** How many posts this process had answered when the store was read. */
  readonly answeredBefore: number;
}

export interface ButtonClick {
  readonly origin: Origin;
  readonly handle: string;
  /** The chosen option of a `Choice`. */
  readonly value?: string;
}

export type ClickOutcome =
  /** A new message. */
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Replaces the message of the button. */
  | { readonly kind: 'replace'; readonly reply: Reply }
  /** The click on a choice came without a value: show its options. Only adapters without select menus get this. */
  | { readonly kind: 'choose'; readonly choice: Choice }
  /** Deletes the message of the button. */
  | { readonly kind: 'delete' }
  /** A line for this person alone: expired, not theirs, already running. At most 200 characters. */
  | { readonly kind: 'notice'; readonly text: string };

export interface CommandCall {
  readonly origin: Origin;
  /** Without the slash. */
  readonly name: string;
  /** What was typed or chosen after the name, for example `auto` in `/mode auto`. */
  readonly argument?: string;
  /** Why the adapter cannot see photos without a mention here, so that `/mode auto` can say what to switch. */
  readonly autoUnavailable?: 'message-content' | 'privacy-mode';
}

export interface Conversation {
  /** For callers that reindex without being a chat: a schedule, a watched folder, the local page. */
  readonly reindex: Pick<ReindexJob, 'start' | 'running' | 'last' | 'steer'>;
  /** The commands for adapters to publish on their platform, in the order of the help. */
  commands(): readonly CommandInfo[];
  /**
   * Decides whether a post is answered, so that an adapter can acknowledge it at once. Undefined: it is not. Nothing is reserved
   * or counted, so an adapter may drop an admission. Rejects only with ClosedError.
   */
  admit(post: PostHeader): Promise<Admission | undefined>;
  /**
   * Returns exactly one reply to each admitted post: galleries, or what went wrong. Undefined when the post is not answered.
   * Rejects only with ClosedError.
   * @param admission what `admit` returned for this post; it can be used once. Default: the post is admitted here.
   */
  post(post: PhotoPost, admission?: Admission): Promise<Reply | undefined>;
  /** Rejects only with ClosedError. */
  click(click: ButtonClick): Promise<ClickOutcome>;
  /** An unknown name gets the list of names as its reply. Rejects only with ClosedError. */
  command(call: CommandCall): Promise<Reply>;
  /** Keeps the mode of a place whose platform gave it another id, as when a group becomes a supergroup. */
  moved(door: string, from: string, to: string): Promise<void>;
  /** The reply to somebody whose request the adapter cannot finish because the bot is stopping. Works after `close` too. */
  stoppingReply(origin: Pick<Origin, 'locale'>): Reply;
  /**
   * Stops a running reindex at once, which its last update says; then finishes what was accepted. Idempotent.
   * @param adaptersStopped settles when the adapters hand in nothing more. They need those last updates, so everything else
   * rejects with `ClosedError` only from then on. Default: at once.
   */
  close(adaptersStopped?: Promise<unknown>): Promise<void>;
}
