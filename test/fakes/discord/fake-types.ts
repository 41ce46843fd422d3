/** The interfaces of the fake that tests use: people, guilds, channels, posts, commands, and the messages that result. */

import type { APIEmbed, Locale, MessageType } from 'discord-api-types/v10';
import type { Path } from './api-error.ts';
import type { JsonObject } from './json.ts';
import type { SeenInteraction, SeenMessage } from './observe.ts';
import type { PermissionName } from './permissions.ts';
import type { Upload } from './read-body.ts';
import type { ChannelRecord, Delivery, InteractionRecord, MessageReference, UserRecord } from './state.ts';

export interface FakeRole {
  readonly id: string;
  readonly name: string;
}

export interface FakeChannel {
  readonly id: string;
  readonly name: string;
  readonly guildId: string | null;
  /** A public thread below it. */
  thread(name: string): FakeChannel;
  /** Overwrites permissions here for a role, a person, everybody or the application. */
  allow(who: FakeRole | FakeUser | 'everyone' | 'bot', names: readonly PermissionName[]): void;
  deny(who: FakeRole | FakeUser | 'everyone' | 'bot', names: readonly PermissionName[]): void;
  /** A poster that is neither a person nor a bot user. */
  webhook(name: string): FakeUser;
}

export interface FakeGuild {
  readonly id: string;
  readonly name: string;
  role(name: string, options?: { permissions?: readonly PermissionName[]; mentionable?: boolean }): FakeRole;
  textChannel(name: string, options?: { nsfw?: boolean }): FakeChannel;
  join(user: FakeUser, options?: { roles?: readonly FakeRole[]; nick?: string }): void;
  /** Gives or takes a role of somebody who joined. */
  setRoles(user: FakeUser, roles: readonly FakeRole[]): void;
  /** Replaces what the application may do in this server. */
  setBotPermissions(names: readonly PermissionName[]): void;
  /** Throws the application out. */
  removeBot(): void;
}

/** A file somebody posts or hands to a command. */
export interface FakeFile {
  readonly name: string;
  /** The bytes, or a number of zero bytes. */
  readonly bytes: Buffer | number;
  /** Absent: by the name. Null: Discord says nothing, as it does for some uploads. */
  readonly contentType?: string | null;
  readonly description?: string;
  readonly spoiler?: boolean;
  /** What the message says, where that shall differ from the bytes. */
  readonly size?: number;
  readonly delivery?: Delivery;
}

export interface Post {
  readonly content?: string;
  readonly files?: readonly FakeFile[];
  /** Marks every file as a spoiler. */
  readonly spoiler?: boolean;
  readonly replyTo?: SeenMessage;
  /** Whether a reply notifies the author; people's clients do so by default. */
  readonly ping?: boolean;
  readonly mention?: readonly (FakeUser | 'bot')[];
  /** Forwards this message; nothing else may be in the post. */
  readonly forwardOf?: SeenMessage;
  readonly embeds?: readonly APIEmbed[];
}

export interface FakeUser {
  readonly id: string;
  readonly name: string;
  post(channel: FakeChannel, post: Post): Promise<SeenMessage>;
  /** Posts in the direct messages with the application. */
  dm(post: Post): Promise<SeenMessage>;
  /** Stops accepting direct messages from the application. */
  closeDirectMessages(): void;
  edit(message: SeenMessage, content: string): void;
  delete(message: SeenMessage): void;
  /** Uses a message context menu command. */
  contextMenu(name: string, message: SeenMessage, use?: Omit<CommandUse, 'in'>): SeenInteraction;
  /** Uses a slash command; `name` may be followed by a subcommand. Without `in`, in the direct messages. */
  slash(
    name: string,
    options?: Readonly<Record<string, OptionValue>>,
    use?: CommandUse,
  ): Promise<SeenInteraction>;
  /** Clicks a button, found by custom_id or label. */
  click(message: SeenMessage, which: string): SeenInteraction;
  /** Picks values in a string select. */
  select(message: SeenMessage, customId: string, values: readonly string[]): SeenInteraction;
  /** The messages of a channel that this person sees, ephemeral ones of others left out, oldest first. */
  sees(channel: FakeChannel): readonly SeenMessage[];
}

export interface UserOptions {
  readonly locale?: Locale;
  readonly bot?: boolean;
  readonly webhook?: boolean;
}

export type OptionValue = string | number | boolean | FakeFile;

export interface CommandUse {
  readonly in?: { readonly id: string };
  /** The person's own language setting, if not the one they were made with. */
  readonly locale?: Locale;
  /** Uses a command that `default_member_permissions` hides, as where a server's admins allowed it. */
  readonly evenIfHidden?: boolean;
}

export interface Simulation {
  slash(
    user: UserRecord,
    name: string,
    options: Readonly<Record<string, OptionValue>>,
    use: CommandUse,
  ): Promise<SeenInteraction>;
  contextMenu(user: UserRecord, name: string, message: SeenMessage, use: CommandUse): SeenInteraction;
  click(user: UserRecord, message: SeenMessage, which: string): SeenInteraction;
  select(
    user: UserRecord,
    message: SeenMessage,
    customId: string,
    values: readonly string[],
  ): SeenInteraction;
  /** Delivers the event of a message or interaction once more. */
  duplicateDelivery(target: SeenMessage | SeenInteraction): void;
}

export interface Request {
  readonly body: JsonObject;
  readonly uploads: readonly Upload[];
  /** Where the body sits in the request: empty, or `data` of an interaction response. */
  readonly path: Path;
}

export interface NewMessage extends Request {
  readonly channel: ChannelRecord;
  readonly type: MessageType;
  /** Already checked for the route. */
  readonly flags: number;
  readonly reference: MessageReference | null;
  readonly interaction: InteractionRecord | null;
  /** What notifies when `allowed_mentions` is absent. */
  readonly mentionsByDefault: readonly string[];
}
