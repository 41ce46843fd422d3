/** The routes that an interaction's token allows after the initial response: the original message and follow-ups. */

import { MessageFlags } from 'discord-api-types/v10';
import { refusals } from '../api-error.ts';
import { deleteMessage } from '../message-events.ts';
import { UNRESTRICTED, messagePayload } from '../message-payload.ts';
import { objectBody } from '../read-body.ts';
import type { InteractionRecord, MessageRecord, World } from '../state.ts';
import { editMessage } from '../store-message.ts';
import { createResponse } from './interactions.ts';
import type { Answer, Call, Route } from './route.ts';

const shared = { auth: false, bucket: 'webhook', major: 'token', global: false } as const;

export const webhookRoutes: readonly Route[] = [
  { ...shared, method: 'POST', path: '/webhooks/:application/:token', answer: followUp },
  { ...shared, method: 'GET', path: '/webhooks/:application/:token/messages/:message', answer: read },
  { ...shared, method: 'PATCH', path: '/webhooks/:application/:token/messages/:message', answer: edit },
  { ...shared, method: 'DELETE', path: '/webhooks/:application/:token/messages/:message', answer: remove },
];

async function followUp(call: Call): Promise<Answer> {
  const { world } = call;
  const interaction = interactionOf(call);
  const body = objectBody(call.body);
  const original = world.messages.get(interaction.originalId ?? '');
  const loading = original?.deletedAt === null && (original.flags & MessageFlags.Loading) !== 0;
  if (loading && interaction.acknowledged?.kind === 'deferred') {
    // Documented and deprecated: right after a deferral a follow-up fills the waiting message.
    await editMessage(world, original, { body, uploads: call.body.uploads, path: [] });
    return { status: 200, json: messagePayload(world, original, UNRESTRICTED) };
  }
  const message = await createResponse(world, interaction, body, call.body.uploads, []);
  interaction.followUpIds.push(message.id);
  world.changed();
  return { status: 200, json: messagePayload(world, message, UNRESTRICTED) };
}

function read(call: Call): Answer {
  const message = messageOf(call.world, interactionOf(call), call.param('message'));
  return { status: 200, json: messagePayload(call.world, message, UNRESTRICTED) };
}

async function edit(call: Call): Promise<Answer> {
  const message = messageOf(call.world, interactionOf(call), call.param('message'));
  await editMessage(call.world, message, {
    body: objectBody(call.body),
    uploads: call.body.uploads,
    path: [],
  });
  return { status: 200, json: messagePayload(call.world, message, UNRESTRICTED) };
}

function remove(call: Call): Answer {
  deleteMessage(call.world, messageOf(call.world, interactionOf(call), call.param('message')));
  return { status: 204 };
}

// --- Internal helpers ---

/** @throws {ApiError} 10015 before the initial response, 50027 when the token is older than 15 minutes. */
function interactionOf(call: Call): InteractionRecord {
  const { world } = call;
  const interaction = [...world.interactions.values()].find((one) => one.token === call.param('token'));
  if (!interaction || call.param('application') !== world.application.id) throw refusals.unknownWebhook();
  if (world.clock.now() - interaction.createdAt > world.limits.interactionTokenMs)
    throw refusals.expiredToken();
  if (!interaction.acknowledged) throw refusals.unknownWebhook();
  return interaction;
}

function messageOf(world: World, interaction: InteractionRecord, name: string): MessageRecord {
  const id = name === '@original' ? interaction.originalId : name;
  const own = id === interaction.originalId || interaction.followUpIds.includes(id ?? '');
  const message = world.messages.get(id ?? '');
  if (!own || message?.deletedAt !== null) throw refusals.unknownMessage();
  return message;
}
