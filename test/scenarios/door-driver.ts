/**
 * What a scenario needs of a chat platform: people who post and click, and the answers of the bot. Each door has one driver
 * over its strict fake (`test/adapters/<door>/<door>-driver.ts`). Scenarios are written once, against this interface.
 */

import type { ScenarioBot } from './scenario-bot.ts';

/** A user of the platform. `name` is unique in a scenario. */
export interface Person {
  readonly name: string;
}

/** Where a message is posted: in the group that everybody is a member of, or in a person's direct chat with the bot. */
export type Where = 'group' | 'direct';

export interface Photo {
  readonly bytes: Buffer;
  /** With its extension, for example `coat.jpg`. Telegram keeps it only for files. */
  readonly name: string;
  /** For example `image/jpeg`. */
  readonly type: string;
}

export interface PostOptions {
  /** Hidden behind a spoiler. */
  readonly spoiler?: boolean;
  /** The text names the bot. */
  readonly mention?: boolean;
  /** The message is a forward of somebody else's. */
  readonly forwarded?: boolean;
  /** Sends files instead of photos, where the platform distinguishes the two. Required for what is not a photo. */
  readonly asFiles?: boolean;
}

/** A handle of a message that a person sent. */
export interface Post {
  readonly author: Person;
  readonly where: Where;
}

export interface ShownPicture {
  /** As the bot uploaded it. */
  readonly bytes: Buffer;
  /** Alt text or caption. */
  readonly text: string;
  readonly spoiler: boolean;
}

/** One reply of the bot. The platform may show it as several messages. */
export interface Answer {
  /** Does not change when the reply is edited. */
  readonly id: string;
  /** The whole text as people read it, without markup. */
  readonly text: string;
  readonly pictures: readonly ShownPicture[];
  /** The labels of its buttons. Select menus are left out. */
  readonly buttons: readonly string[];
  /** How often it was edited. A filled-in placeholder ("thinking...") counts as no edit. */
  readonly edits: number;
}

/** What a person sees after a click, besides new or changed answers. */
export interface ClickResult {
  /** A message that only this person sees (toast, ephemeral message). Undefined when there was none. */
  readonly notice: string | undefined;
}

/** How the next calls that send or edit a message fail. Acknowledgements do not fail. */
export type Fault =
  /** HTTP 429 with the seconds to wait. */
  | { readonly kind: 'rate-limit'; readonly seconds: number }
  /** HTTP 500. */
  | { readonly kind: 'server-error' }
  /** The connection is cut before the call has any effect. */
  | { readonly kind: 'connection-cut' }
  /** The call takes effect, but the connection is cut before the response arrives. */
  | { readonly kind: 'response-lost' };

/** A mistake in the settings of the bot. */
export type SetupFault = 'bad-token';

export interface DoorDriver {
  /** `telegram` or `discord`. */
  readonly door: string;
  /** Creates a person. `moderator` grants the platform's moderation right in the group. `language`: `en` by default. */
  person(name: string, about?: { readonly moderator?: boolean; readonly language?: string }): Person;

  /** Posts 1 to 10 photos as one message (Telegram: one album). */
  post(author: Person, where: Where, photos: readonly Photo[], options?: PostOptions): Promise<Post>;
  /** Posts a text without a photo. */
  say(author: Person, where: Where, text: string): Promise<Post>;
  /** Asks about the photos of a post, by context menu or by `/find` in a reply. @returns the post that the bot answers. */
  find(author: Person, about: Post): Promise<Post>;
  /** Posts a photo in the group with `/find` and the name of a garment. */
  findGarment(author: Person, photo: Photo, garment: string): Promise<void>;
  /** Mentions the bot in a reply to a post. */
  mentionInReply(author: Person, about: Post): Promise<Post>;
  /** Runs a command, named without its slash, for example `mode` with `auto`. @returns the post that the bot answers. */
  command(author: Person, where: Where, name: string, argument?: string): Promise<Post>;
  /** Clicks the button with this label. Resolves when the bot has acknowledged the click. */
  click(person: Person, answer: Answer, label: string): Promise<ClickResult>;
  /** Clicks the same button twice before the bot can react. */
  clickTwice(person: Person, answer: Answer, label: string): Promise<readonly ClickResult[]>;

  /** Chooses an option of a list (Discord: a select menu; Telegram: a list that a button unfolds). Both are named by label. */
  choose(person: Person, answer: Answer, list: string, option: string): Promise<void>;

  /** The `n`-th visible reply (from 1) in that chat, as soon as it is complete. `author` says whose direct chat is meant. */
  answer(where: Where, author: Person, n: number): Promise<Answer>;
  /**
   * The replies that are visible in that chat now, oldest first. A reply that replaces another one may be visible beside it
   * for a moment.
   */
  answers(where: Where, author: Person): readonly Answer[];
  /** Resolves when the bot shows that it is working there (typing, "thinking"). */
  acknowledged(where: Where, author: Person): Promise<void>;
  /** Resolves when `holds` returns true. */
  until(holds: () => boolean, what: string): Promise<void>;

  /** Makes the next `times` calls that send or edit a message fail. */
  failNext(fault: Fault, times: number): void;
  /** The number of those calls that the bot has not made yet. */
  readonly faultsLeft: number;
  /** The number of calls by which the bot tried to send or edit a message, including those that failed. */
  readonly attempts: number;
  /** The author deletes the post. */
  remove(post: Post): Promise<void>;
  /** From now on the group does not let the bot send messages. */
  silenceBot(): void;
  /** Whether accepted requests survive a crash of the door. If not, the platform must deliver them again. */
  readonly keepsRequests: boolean;
  /** The platform delivers the post to the bot a second time. */
  deliverAgain(post: Post): Promise<void>;

  /**
   * Starts the door, either for the first time or again after `stop` or `crash`, with the same bot and platform.
   * @throws what the start of the door throws.
   */
  start(setupFault?: SetupFault): Promise<void>;
  /** Stops the door. Everything that it accepted is answered before this resolves. */
  stop(): Promise<void>;
  /** Simulates a crash: nothing that the door or the conversation still does reaches platform or store. Calls `bot.restart()`. */
  crash(): Promise<void>;
  /** Closes everything that the driver opened. */
  close(): Promise<void>;

  /** Everything that the door logged, as lines of JSON. */
  readonly logLines: readonly string[];
  /** Strings that must not be in any log line: tokens, signed URLs, file paths. */
  secrets(): readonly string[];
}

/** The parts of the bot that a door needs. */
export type DoorBot = Pick<
  ScenarioBot,
  'conversation' | 'catalogue' | 'pictures' | 'store' | 'metrics' | 'photoSide' | 'maxPhotoBytes' | 'restart'
>;

/** Creates a driver, without starting its door. */
export type OpenDoor = (bot: DoorBot) => Promise<DoorDriver>;
