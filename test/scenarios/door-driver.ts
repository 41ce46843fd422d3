/**
 * What a scenario needs of a chat platform: people who post and press, and what the bot's door answered. Each door has one
 * driver over its strict fake (`test/adapters/<door>/<door>-driver.ts`); scenarios are written once, against this.
 */

import type { ScenarioBot } from './scenario-bot.ts';

/** Somebody on the platform. `name` is unique in a scenario. */
export interface Person {
  readonly name: string;
}

/** Where something is said: the group that everybody is a member of, or a person's own chat with the bot. */
export type Where = 'group' | 'direct';

export interface Photo {
  readonly bytes: Buffer;
  /** With its ending, for example `coat.jpg`. Telegram shows it of files only. */
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
  /** Sent as files where the platform tells files from photos; required for what is no photo. */
  readonly asFiles?: boolean;
}

/** A message of a person, as a scenario points at it. */
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

/** One reply of the bot, whatever number of messages the platform makes of it. */
export interface Answer {
  /** The same as long as it stands. */
  readonly id: string;
  /** All text of it as people read it, without markup. */
  readonly text: string;
  readonly pictures: readonly ShownPicture[];
  /** Labels of its buttons, without lists. */
  readonly buttons: readonly string[];
  /** How often it was edited. A filled-in placeholder ("thinking...") counts as no edit. */
  readonly edits: number;
}

/** What a person sees after a press besides new or changed answers. */
export interface Pressed {
  /** A line for that person alone (toast, ephemeral message); undefined when there was none. */
  readonly notice: string | undefined;
}

/** What the platform does to the next calls by which the bot says something (send or edit; not acknowledgements). */
export type Trouble =
  /** 429 with the seconds to wait. */
  | { readonly kind: 'flood'; readonly seconds: number }
  /** 500. */
  | { readonly kind: 'broken' }
  /** The connection is cut before anything was done. */
  | { readonly kind: 'cut' }
  /** It is done, and the connection is cut before the bot is told. */
  | { readonly kind: 'lost' };

/** What goes wrong in how the bot is set up. */
export type Misfortune = 'bad-token';

export interface DoorDriver {
  /** `telegram` or `discord`. */
  readonly door: string;
  /** Makes a person; `moderator` gives the platform's own right in the group. `language`: `en` by default. */
  person(name: string, about?: { readonly moderator?: boolean; readonly language?: string }): Person;

  /** Posts 1 to 10 photos as one message (Telegram: one album). */
  post(author: Person, where: Where, photos: readonly Photo[], options?: PostOptions): Promise<Post>;
  /** Text without a photo. */
  say(author: Person, where: Where, text: string): Promise<Post>;
  /** Asks about the photos of a post: context menu, or `/find` in reply. The result is the post that is answered. */
  find(author: Person, about: Post): Promise<Post>;
  /** Names the bot in a reply to a post. */
  mentionInReply(author: Person, about: Post): Promise<Post>;
  /** Gives a command without slash, for example `mode` with `auto`. The result is the post that is answered. */
  command(author: Person, where: Where, name: string, argument?: string): Promise<Post>;
  /** Presses a button by its label. Resolves when the platform is told that the press has arrived. */
  press(person: Person, answer: Answer, label: string): Promise<Pressed>;
  /** Presses the same button twice before the bot can react. */
  pressTwice(person: Person, answer: Answer, label: string): Promise<readonly Pressed[]>;

  /** Chooses an option of a list (Discord's select menu, Telegram's folded buttons), both by their labels. */
  choose(person: Person, answer: Answer, list: string, option: string): Promise<void>;

  /** The `n`-th reply (from 1) that stands in that chat, as soon as it is whole; `author` says whose direct chat. */
  answer(where: Where, author: Person, n: number): Promise<Answer>;
  /**
   * Replies that stand in that chat, oldest first, without those deleted; nothing is waited for. A reply that takes the
   * place of another may for a moment stand beside it.
   */
  answers(where: Where, author: Person): readonly Answer[];
  /** Resolves when the bot shows that it is working there (typing, "thinking"). */
  acknowledged(where: Where, author: Person): Promise<void>;
  /** Resolves when `holds` does. */
  until(holds: () => boolean, what: string): Promise<void>;

  /** The next `times` calls by which the bot says something fail. */
  trouble(trouble: Trouble, times: number): void;
  /** How many of those calls have not come yet. */
  readonly troubleLeft: number;
  /** Calls by which the bot tried to say something, failed ones included. */
  readonly attempts: number;
  /** The author takes the post back. */
  remove(post: Post): Promise<void>;
  /** The group does not let the bot send anything any more. */
  silenceBot(): void;
  /** Whether the door keeps what it accepted over its own death; otherwise the platform must deliver it again. */
  readonly keepsRequests: boolean;
  /** The platform delivers the post to the bot a second time. */
  deliverAgain(post: Post): Promise<void>;

  /**
   * Starts the door, after its creation or again after `stop` or `crash`, over the same bot and platform.
   * Rejects as the door does.
   */
  start(misfortune?: Misfortune): Promise<void>;
  /** Stops the door; what it accepted has been answered when this resolves. */
  stop(): Promise<void>;
  /** The process dies: nothing that the door or the conversation still do reaches platform or store. Calls `bot.restart()`. */
  crash(): Promise<void>;
  /** Ends everything that the driver opened. */
  close(): Promise<void>;

  /** Everything the door logged, a JSON line each. */
  readonly logLines: readonly string[];
  /** Strings that must be in no log line: token, signed URLs, file paths. */
  secrets(): readonly string[];
}

/** What a door needs of the bot behind it. */
export type DoorBot = Pick<
  ScenarioBot,
  'conversation' | 'catalogue' | 'pictures' | 'store' | 'metrics' | 'photoSide' | 'maxPhotoBytes' | 'restart'
>;

/** Makes a driver; its door is not started yet. */
export type OpenDoor = (bot: DoorBot) => Promise<DoorDriver>;
