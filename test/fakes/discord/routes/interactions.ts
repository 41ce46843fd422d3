/** Responses to interactions: the initial response within 3 s, and what the token allows for 15 minutes. */

import {
  ApplicationCommandType,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  MessageReferenceType,
  MessageType,
} from 'discord-api-types/v10';
import { formError, refusals } from '../api-error.ts';
import { type JsonObject, objectOf } from '../json.ts';
import { UNRESTRICTED, messagePayload } from '../message-payload.ts';
import { objectBody } from '../read-body.ts';
import {
  type Acknowledgement,
  type InteractionRecord,
  type MessageRecord,
  type MessageReference,
  type World,
  must,
} from '../state.ts';
import { addMessage, createMessage, editMessage } from '../store-message.ts';
import { checkFlags } from '../validate-message.ts';
import type { Answer, Call, Route } from './route.ts';

export const RESPONSE_FLAGS =
  MessageFlags.SuppressEmbeds |
  MessageFlags.Ephemeral |
  MessageFlags.IsComponentsV2 |
  MessageFlags.IsVoiceMessage |
  MessageFlags.SuppressNotifications;

export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/interactions/:interaction/:token/callback',
    auth: false,
    bucket: null,
    global: false,
    answer: respond,
  },
];

/** A message that answers an interaction, whether first or later. */
export async function createResponse(
  world: World,
  interaction: InteractionRecord,
  body: JsonObject,
  uploads: Call['body']['uploads'],
  path: readonly string[],
): Promise<MessageRecord> {
  return createMessage(world, {
    channel: must(world.channels.get(interaction.channelId), 'channel'),
    body,
    uploads,
    path,
    type: responseType(interaction),
    flags: checkFlags(body.flags, RESPONSE_FLAGS, path),
    reference: responseReference(world, interaction),
    interaction,
    mentionsByDefault: ['users'],
  });
}

async function respond(call: Call): Promise<Answer> {
  const { world } = call;
  const interaction = world.interactions.get(call.param('interaction'));
  if (interaction?.token !== call.param('token')) throw refusals.unknownInteraction();
  if (interaction.acknowledged || interaction.responding) throw refusals.acknowledged();
  if (world.clock.now() - interaction.createdAt > world.limits.initialResponseMs) {
    throw refusals.unknownInteraction();
  }
  const body = objectBody(call.body);
  const type = body.type as InteractionResponseType;
  const handler = HANDLERS[type];
  if (!handler) {
    throw formError(
      ['type'],
      'BASE_TYPE_CHOICES',
      `Value must be one of {${Object.keys(HANDLERS).join(', ')}}.`,
    );
  }
  interaction.responding = true;
  const { kind, message } = await handler(call, interaction, objectOf(body.data)).finally(() => {
    interaction.responding = false;
  });
  const ephemeral = message !== null && message.ephemeralTo !== null;
  interaction.acknowledged = { kind, at: world.clock.now(), ephemeral };
  interaction.originalId = message?.id ?? null;
  world.changed();
  if (call.query.get('with_response')?.toLowerCase() !== 'true') return { status: 204 };
  const withMessage = kind === 'message' || kind === 'update';
  return {
    status: 200,
    json: {
      interaction: {
        id: interaction.id,
        type: interaction.type,
        ...(message === null ? {} : { response_message_id: message.id }),
        response_message_loading: kind === 'deferred',
        response_message_ephemeral: ephemeral,
      },
      resource: {
        type,
        ...(withMessage && message ? { message: messagePayload(world, message, UNRESTRICTED) } : {}),
      },
    },
  };
}

// --- Internal helpers ---

type Handler = (
  call: Call,
  interaction: InteractionRecord,
  data: JsonObject,
) => Promise<{ kind: Acknowledgement; message: MessageRecord | null }>;

const HANDLERS: Partial<Record<InteractionResponseType, Handler>> = {
  [InteractionResponseType.ChannelMessageWithSource]: async (call, interaction, data) => {
    return {
      kind: 'message',
      message: await createResponse(call.world, interaction, data, call.body.uploads, ['data']),
    };
  },
  // These two are async only to refuse by rejecting.
  [InteractionResponseType.DeferredChannelMessageWithSource]: async (call, interaction, data) => {
    // The one flag a deferral may carry; IS_COMPONENTS_V2 belongs on the edit.
    const flags = checkFlags(data.flags, MessageFlags.Ephemeral, ['data']);
    return Promise.resolve({ kind: 'deferred', message: addLoading(call.world, interaction, flags) });
  },
  [InteractionResponseType.DeferredMessageUpdate]: async (call, interaction) => {
    return Promise.resolve({ kind: 'deferred-update', message: sourceMessage(call.world, interaction) });
  },
  [InteractionResponseType.UpdateMessage]: async (call, interaction, data) => {
    const message = sourceMessage(call.world, interaction);
    await editMessage(call.world, message, { body: data, uploads: call.body.uploads, path: ['data'] });
    return { kind: 'update', message };
  },
  [InteractionResponseType.Modal]: async (_, interaction, data) => {
    interaction.modal = data;
    return Promise.resolve({ kind: 'modal', message: null });
  },
};

/** The "is thinking" message. */
function addLoading(world: World, interaction: InteractionRecord, flags: number): MessageRecord {
  const ephemeral = (flags & MessageFlags.Ephemeral) !== 0;
  return addMessage(world, {
    channelId: interaction.channelId,
    authorId: world.application.id,
    type: responseType(interaction),
    nonce: null,
    reference: responseReference(world, interaction),
    snapshot: null,
    interactionId: interaction.id,
    ephemeralTo: ephemeral ? interaction.userId : null,
    body: { content: '', embeds: [], components: [], files: [] },
    flags: flags | MessageFlags.Loading,
    mentions: { users: [], roles: [], everyone: false },
    pinged: { users: [], roles: [], everyone: false },
  });
}

function sourceMessage(world: World, interaction: InteractionRecord): MessageRecord {
  if (interaction.type !== InteractionType.MessageComponent) {
    throw formError(
      ['type'],
      'INTERACTION_RESPONSE_TYPE_INVALID',
      'Only component interactions can update a message',
    );
  }
  const message = world.messages.get(interaction.sourceId ?? '');
  if (message?.deletedAt !== null) throw refusals.unknownMessage();
  return message;
}

function responseType(interaction: InteractionRecord): MessageType {
  if (interaction.type === InteractionType.MessageComponent) return MessageType.Reply;
  const onMessage = interaction.commandType === ApplicationCommandType.Message;
  return onMessage ? MessageType.ContextMenuCommand : MessageType.ChatInputCommand;
}

/** Answers to a context menu command point at its target, answers to a button at the button's message. */
function responseReference(world: World, interaction: InteractionRecord): MessageReference | null {
  const onMessage = interaction.commandType === ApplicationCommandType.Message;
  const messageId = interaction.sourceId ?? (onMessage ? interaction.targetId : null);
  if (messageId === null) return null;
  const channel = must(world.channels.get(interaction.channelId), 'channel');
  return { type: MessageReferenceType.Default, messageId, channelId: channel.id, guildId: channel.guildId };
}
