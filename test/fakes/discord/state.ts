/** The state of the fake as plain records: people, servers, channels, messages, files, interactions and commands. */

import type {
  APIApplicationCommand,
  APIEmbed,
  APIMessageTopLevelComponent,
  ApplicationCommandType,
  ChannelType,
  GatewayDispatchEvents,
  InteractionType,
  Locale,
  MessageReferenceType,
  MessageType,
} from 'discord-api-types/v10';
import type { MovableClock } from '../clock.ts';
import type { Limits } from './limits.ts';

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly bot: boolean;
  readonly webhook: boolean;
  readonly locale: Locale;
  /** Whether direct messages from the application are accepted. */
  openToDirectMessages: boolean;
}

export interface RoleRecord {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  readonly mentionable: boolean;
  readonly managed: boolean;
  /** Of the role that came with an application. */
  readonly botId: string | null;
}

export interface MemberRecord {
  readonly userId: string;
  readonly nick: string | null;
  readonly roleIds: Set<string>;
  readonly joinedAt: number;
}

export interface GuildRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly locale: Locale;
  readonly roles: Map<string, RoleRecord>;
  readonly members: Map<string, MemberRecord>;
}

export interface Overwrite {
  readonly id: string;
  readonly kind: 'role' | 'member';
  allow: bigint;
  deny: bigint;
}

export interface ChannelRecord {
  readonly id: string;
  readonly type: ChannelType.GuildText | ChannelType.PublicThread | ChannelType.DM;
  readonly name: string;
  /** Absent for a direct message. */
  readonly guildId: string | null;
  /** The channel a thread belongs to. */
  readonly parentId: string | null;
  /** The person on the other side of a direct message. */
  readonly recipientId: string | null;
  readonly nsfw: boolean;
  readonly overwrites: Map<string, Overwrite>;
}

/** How the attachment server hands out a file; everything is optional misbehaviour. */
export interface Delivery {
  /** Headers come at once, then this many bytes per second. */
  readonly bytesPerSecond?: number;
  /** The connection is cut after this many bytes. */
  readonly cutAfter?: number;
  readonly status?: number;
  readonly redirectTo?: string;
  /** Leaves out `content-length`. */
  readonly chunked?: boolean;
}

export interface FileRecord {
  readonly id: string;
  readonly channelId: string;
  readonly name: string;
  readonly bytes: Buffer;
  /** What the message says the size is. */
  readonly size: number;
  readonly contentType: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly description: string | null;
  readonly spoiler: boolean;
  readonly ephemeral: boolean;
  readonly delivery: Delivery;
}

export interface Pinged {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly everyone: boolean;
}

/** What an edit can change. */
export interface MessageBody {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly files: readonly FileRecord[];
}

export interface MessageReference {
  readonly type: MessageReferenceType;
  readonly messageId: string;
  readonly channelId: string;
  readonly guildId: string | null;
}

export interface MessageRecord {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly type: MessageType;
  readonly createdAt: number;
  readonly nonce: string | number | null;
  readonly reference: MessageReference | null;
  /** The message a forward carries, as it was when it was forwarded. */
  readonly snapshot: (MessageBody & { readonly createdAt: number; readonly flags: number }) | null;
  readonly interactionId: string | null;
  /** Only this person sees it. */
  readonly ephemeralTo: string | null;
  body: MessageBody;
  flags: number;
  /** Ids of people and roles in `mentions`; may be fewer than the text names. */
  mentions: { users: readonly string[]; roles: readonly string[]; everyone: boolean };
  /** Who was notified, over all versions. */
  pinged: Pinged;
  editedAt: number | null;
  deletedAt: number | null;
  /** Earlier versions, oldest first. */
  readonly edits: (MessageBody & { readonly until: number })[];
}

export type Acknowledgement = 'message' | 'deferred' | 'deferred-update' | 'update' | 'modal';

export interface InteractionRecord {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  /** Command name, or custom_id of a component. */
  readonly name: string;
  readonly commandType: ApplicationCommandType | null;
  readonly targetId: string | null;
  /** The message whose component was used. */
  readonly sourceId: string | null;
  readonly createdAt: number;
  /** A response is being checked; a second one meanwhile is already one too many. */
  responding: boolean;
  acknowledged: { readonly kind: Acknowledgement; readonly at: number; readonly ephemeral: boolean } | null;
  /** The message that `@original` means. */
  originalId: string | null;
  readonly followUpIds: string[];
  modal: object | null;
}

export interface Viewer {
  /** Whether the application may read what people wrote without being addressed. */
  readonly messageContent: boolean;
}

export interface GatewayEvent {
  readonly type: GatewayDispatchEvents | `${GatewayDispatchEvents}`;
  /** Decides the shard; without it the event goes to shard 0. */
  readonly guildId: string | null;
  /** The intent a session needs; 0 is sent to every session. */
  readonly intent: number;
  data(viewer: Viewer): unknown;
}

export interface World {
  readonly clock: MovableClock;
  readonly limits: Limits;
  /** Without a slash at the end; REST, gateway and attachments are below it. */
  origin: string;
  readonly nextId: () => string;
  readonly application: {
    readonly id: string;
    readonly name: string;
    /** Bits of the privileged intents that are switched on in the developer portal. */
    readonly privilegedIntents: number;
    token: string;
  };
  /** Whether a message that mentions the application shows the content of the message it replies to. */
  readonly showReferenced: 'own-rule' | 'with-mention';
  /** Whether the bytes of the application's uploads are kept. */
  readonly keepUploads: boolean;
  readonly signingKey: string;
  readonly users: Map<string, UserRecord>;
  readonly guilds: Map<string, GuildRecord>;
  readonly channels: Map<string, ChannelRecord>;
  readonly messages: Map<string, MessageRecord>;
  readonly files: Map<string, FileRecord>;
  readonly interactions: Map<string, InteractionRecord>;
  readonly commands: Map<string, APIApplicationCommand>;
  /** Times of command creates, per scope (`global` or a guild id). */
  readonly commandCreates: Map<string, number[]>;
  dispatch(event: GatewayEvent): void;
  /** Wakes everything that waits for a change of the state. */
  changed(): void;
}

/** The record, or an error that names what the test got wrong. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`The fake Discord has no ${what}.`);
  return value;
}
