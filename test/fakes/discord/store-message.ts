/** Validates a request, and then creates a message from it or edits one. */

import type { NewMessage, Request } from './fake-types.ts';
import { GatewayDispatchEvents, MessageFlags } from 'discord-api-types/v10';
import { type Path, formError } from './api-error.ts';
import { listOf } from './json.ts';
import { findMentions } from './mentions.ts';
import { announce } from './message-events.ts';
import { planFiles, resolveComponents, resolveEmbeds } from './message-files.ts';
import { type MessageBody, type MessageRecord, type World, must } from './state.ts';
import { validateMessage } from './validate-message.ts';

const EMPTY: MessageBody = { content: '', embeds: [], components: [], files: [] };

/** @throws {ApiError} for whatever Discord would refuse. */
export async function createMessage(world: World, input: NewMessage): Promise<MessageRecord> {
  const { body, channel, flags } = input;
  const plan = planFiles(world, input, EMPTY.files, true);
  validateMessage({
    ...input,
    limits: world.limits,
    fileNames: plan.names,
    fileCount: plan.count,
    kept: { content: '', embeds: 0, components: 0 },
  });
  const content = textOr(body.content, '');
  const target = input.reference === null ? undefined : world.messages.get(input.reference.messageId);
  const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
  const { mentions, pinged } = findMentions(world, {
    channel,
    authorId: world.application.id,
    content,
    components: listOf(body.components),
    allowed: body.allowed_mentions,
    byDefault: input.mentionsByDefault,
    repliedTo: input.interaction === null ? (target?.authorId ?? null) : null,
    flags,
  });
  const files = await plan.store(channel.id, ephemeral);
  return addMessage(world, {
    channelId: channel.id,
    authorId: world.application.id,
    type: input.type,
    nonce: (body.nonce as string | number | null | undefined) ?? null,
    reference: input.reference,
    snapshot: null,
    interactionId: input.interaction?.id ?? null,
    ephemeralTo: ephemeral ? (input.interaction?.userId ?? null) : null,
    body: {
      content,
      files,
      embeds: resolveEmbeds(listOf(body.embeds), files),
      components: resolveComponents(listOf(body.components), files),
    },
    flags,
    mentions,
    pinged,
  });
}

/** Stores a message, sends its gateway event, and returns it. */
export function addMessage(
  world: World,
  fields: Omit<MessageRecord, 'id' | 'createdAt' | 'editedAt' | 'deletedAt' | 'edits'>,
): MessageRecord {
  const message: MessageRecord = {
    ...fields,
    id: world.nextId(),
    createdAt: world.clock.now(),
    editedAt: null,
    deletedAt: null,
    edits: [],
  };
  world.messages.set(message.id, message);
  announce(world, message, GatewayDispatchEvents.MessageCreate);
  return message;
}

/** What is left out of the request stays; a loading interaction response becomes the answer. @throws {ApiError} */
export async function editMessage(world: World, message: MessageRecord, request: Request): Promise<void> {
  const { body, path } = request;
  const before = message.body;
  const loading = (message.flags & MessageFlags.Loading) !== 0;
  const flags = editedFlags(message.flags, body.flags, path);
  const plan = planFiles(world, request, before.files, false);
  validateMessage({
    body,
    path,
    limits: world.limits,
    flags,
    fileNames: plan.names,
    fileCount: plan.count,
    kept: {
      content: before.content,
      embeds: before.embeds.length,
      components: before.components.length,
    },
  });
  const channel = must(world.channels.get(message.channelId), 'channel');
  const content = textOr(body.content, before.content);
  const components = body.components === undefined ? before.components : listOf(body.components);
  const { mentions, pinged } = findMentions(world, {
    channel,
    authorId: message.authorId,
    content,
    components,
    allowed: body.allowed_mentions,
    byDefault: message.interactionId === null ? ['users', 'roles', 'everyone'] : ['users'],
    repliedTo: null,
    flags,
  });
  const files = await plan.store(channel.id, message.ephemeralTo !== null);
  if (!loading) message.edits.push({ ...before, until: world.clock.now() });
  message.body = {
    content,
    files,
    embeds: body.embeds === undefined ? before.embeds : resolveEmbeds(listOf(body.embeds), files),
    components: resolveComponents(components, files),
  };
  message.flags = flags;
  message.mentions = mentions;
  // An edit notifies nobody, but the first text of a loading answer might.
  if (loading) message.pinged = pinged;
  message.editedAt = world.clock.now();
  announce(world, message, GatewayDispatchEvents.MessageUpdate);
}

// --- Internal helpers ---

const EDITABLE = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2;

/** Only two flags can change, the components flag only one way, and the loading flag falls. */
function editedFlags(before: number, value: unknown, path: Path): number {
  const settled = before & ~MessageFlags.Loading;
  if (typeof value !== 'number') return settled;
  if ((before & MessageFlags.IsComponentsV2) !== 0 && (value & MessageFlags.IsComponentsV2) === 0) {
    throw formError(
      [...path, 'flags'],
      'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG',
      'The IS_COMPONENTS_V2 flag cannot be removed from a message',
    );
  }
  return (settled & ~EDITABLE) | (value & EDITABLE);
}

function textOr(value: unknown, kept: string): string {
  if (value === undefined) return kept;
  return typeof value === 'string' ? value : '';
}
