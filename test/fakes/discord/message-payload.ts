/** A message as the API returns it to one reader: without content that the reader may not see, with newly signed URLs. */

import {
  type APIMessage,
  type APIMessageSnapshot,
  type APIMessageTopLevelComponent,
  type APIUnfurledMediaItem,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  type GatewayMessageCreateDispatchData,
  InteractionType,
  MessageReferenceType,
  MessageType,
} from 'discord-api-types/v10';
import { attachmentPayload, signedUrl } from './attachments.ts';
import { asEnum } from './json.ts';
import { memberWithoutUser, userPayload } from './payloads.ts';
import {
  type FileRecord,
  type InteractionRecord,
  type MessageBody,
  type MessageRecord,
  type Viewer,
  type World,
  must,
} from './state.ts';

/** Somebody who sees everything: an interaction's own message, or a test. */
export const UNRESTRICTED: Viewer = { messageContent: true };

/** The intents of the REST API. They depend on the developer portal, not on the intents of a session. */
export function restViewer(world: World): Viewer {
  return { messageContent: (world.application.privilegedIntents & (1 << 15)) !== 0 };
}

export function messagePayload(
  world: World,
  message: MessageRecord,
  viewer: Viewer,
  open = isOpen(world, message, viewer),
): APIMessage {
  const author = must(world.users.get(message.authorId), `author of ${message.id}`);
  const target = message.reference?.type === MessageReferenceType.Default ? message.reference : null;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    author: userPayload(author),
    timestamp: iso(message.createdAt),
    edited_timestamp: message.editedAt === null ? null : iso(message.editedAt),
    tts: false,
    pinned: false,
    flags: asEnum(message.flags),
    mention_everyone: message.mentions.everyone,
    mention_roles: [...message.mentions.roles],
    mentions: message.mentions.users.map((id) => userPayload(must(world.users.get(id), `person ${id}`))),
    ...(open ? bodyPayload(world, message.body) : emptyBody()),
    ...(author.webhook ? { webhook_id: author.id } : {}),
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(message.reference === null ? {} : { message_reference: referencePayload(message) }),
    ...(message.snapshot === null
      ? {}
      : { message_snapshots: [snapshotPayload(world, message.snapshot, open)] }),
    ...(target === null
      ? {}
      : { referenced_message: referencedPayload(world, target.messageId, viewer, open) }),
    ...interactionFields(world, message),
  };
}

/** With the members the gateway adds for servers. An ephemeral message travels without its server. */
export function messageEventPayload(
  world: World,
  message: MessageRecord,
  viewer: Viewer,
): GatewayMessageCreateDispatchData {
  const channel = must(world.channels.get(message.channelId), `channel of ${message.id}`);
  const payload = { ...messagePayload(world, message, viewer), channel_type: channel.type };
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  if (!guild || message.ephemeralTo !== null) return payload;
  const author = guild.members.get(message.authorId);
  return {
    ...payload,
    guild_id: guild.id,
    ...(author ? { member: memberWithoutUser(author) } : {}),
    mentions: payload.mentions.map((user) => {
      const member = guild.members.get(user.id);
      return member ? { ...user, member: memberWithoutUser(member) } : user;
    }),
  };
}

/** The documented exceptions to the message content intent, decided for each message by itself. */
export function isOpen(world: World, message: MessageRecord, viewer: Viewer): boolean {
  if (viewer.messageContent || message.authorId === world.application.id) return true;
  if (message.mentions.users.includes(world.application.id)) return true;
  return world.channels.get(message.channelId)?.type === ChannelType.DM;
}

// --- Internal helpers ---

function emptyBody(): Pick<APIMessage, 'content' | 'embeds' | 'attachments' | 'components'> {
  return { content: '', embeds: [], attachments: [], components: [] };
}

/** Files that an embed or a component shows are left out of `attachments`, as the message page documents. */
function bodyPayload(
  world: World,
  body: MessageBody,
): Pick<APIMessage, 'content' | 'embeds' | 'attachments' | 'components'> {
  const shown = new Set<string>();
  const resolve = (value: unknown): unknown => resolveMedia(world, body.files, value, shown);
  const embeds = resolve(body.embeds) as APIMessage['embeds'];
  const components = resolve(body.components) as APIMessageTopLevelComponent[];
  return {
    content: body.content,
    embeds,
    components,
    attachments: body.files
      .filter((file) => !shown.has(file.id))
      .map((file) => attachmentPayload(world, file)),
  };
}

/** Replaces every `{ url: "attachment://name" }` in a tree by what Discord fills in. */
function resolveMedia(
  world: World,
  files: readonly FileRecord[],
  value: unknown,
  shown: Set<string>,
): unknown {
  if (Array.isArray(value)) return value.map((entry) => resolveMedia(world, files, entry, shown));
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  const url = record.url;
  const fileId = record.attachment_id;
  if (typeof url === 'string' && (url.startsWith('attachment://') || fileId !== undefined)) {
    const name = url.slice('attachment://'.length);
    const file = files.find((one) => one.id === fileId) ?? files.find((one) => one.name === name);
    if (!file) return record;
    shown.add(file.id);
    return { ...record, ...mediaPayload(world, file) };
  }
  return Object.fromEntries(
    Object.entries(record).map(([key, entry]) => [key, resolveMedia(world, files, entry, shown)]),
  );
}

function mediaPayload(world: World, file: FileRecord): APIUnfurledMediaItem {
  const url = signedUrl(world, file);
  return {
    url,
    proxy_url: url,
    width: file.width,
    height: file.height,
    ...(file.contentType === null ? {} : { content_type: file.contentType }),
    attachment_id: file.id,
  };
}

function referencePayload(message: MessageRecord): NonNullable<APIMessage['message_reference']> {
  const reference = must(message.reference, 'reference');
  return {
    type: reference.type,
    message_id: reference.messageId,
    channel_id: reference.channelId,
    ...(reference.guildId === null ? {} : { guild_id: reference.guildId }),
  };
}

function referencedPayload(world: World, targetId: string, viewer: Viewer, open: boolean): APIMessage | null {
  const target = world.messages.get(targetId);
  if (target?.deletedAt !== null) return null;
  const shown = isOpen(world, target, viewer) || (open && world.showReferenced === 'with-mention');
  // Discord nests no deeper than one level.
  const payload = messagePayload(world, target, viewer, shown);
  delete payload.referenced_message;
  return payload;
}

function snapshotPayload(
  world: World,
  snapshot: NonNullable<MessageRecord['snapshot']>,
  open: boolean,
): APIMessageSnapshot {
  return {
    message: {
      type: MessageType.Default,
      timestamp: iso(snapshot.createdAt),
      edited_timestamp: null,
      flags: asEnum(snapshot.flags),
      mentions: [],
      mention_roles: [],
      ...(open ? bodyPayload(world, snapshot) : emptyBody()),
    },
  };
}

function interactionFields(world: World, message: MessageRecord): Partial<APIMessage> {
  const interaction =
    message.interactionId === null ? undefined : world.interactions.get(message.interactionId);
  if (!interaction) return {};
  const owner = world.channels.get(message.channelId)?.guildId ?? '0';
  const base = {
    id: interaction.id,
    user: userPayload(must(world.users.get(interaction.userId), 'person of the interaction')),
    authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: owner },
    ...(interaction.originalId === message.id || interaction.originalId === null
      ? {}
      : { original_response_message_id: interaction.originalId }),
  };
  const metadata =
    interaction.type === InteractionType.MessageComponent
      ? {
          ...base,
          type: InteractionType.MessageComponent as const,
          interacted_message_id: sourceOf(interaction),
        }
      : {
          ...base,
          type: InteractionType.ApplicationCommand as const,
          ...(interaction.commandType === ApplicationCommandType.Message && interaction.targetId !== null
            ? { target_message_id: interaction.targetId }
            : {}),
        };
  return {
    application_id: world.application.id,
    webhook_id: world.application.id,
    interaction_metadata: metadata,
  };
}

function sourceOf(interaction: InteractionRecord): string {
  return must(interaction.sourceId, `message of interaction ${interaction.id}`);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
