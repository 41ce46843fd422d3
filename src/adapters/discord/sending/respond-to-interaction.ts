/** Answers a command or a press with its interaction: a sign within 3 s, and the reply for as long as its token lives. */

import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { Reply } from '../../../chat/reply.ts';
import { callSteadily } from '../api/call-steadily.ts';
import { wasRefused } from '../api/failure.ts';
import type { MessageBody } from '../rendering/build-message.ts';
import { followUpdates } from './follow-updates.ts';
import type { RespondDependencies, Sent } from './respond-to-message.ts';

/** Somebody used a command or a component. */
export type Use = CommandUse | ComponentUse;
export type CommandUse = ChatInputCommandInteraction | MessageContextMenuCommandInteraction;
export type ComponentUse = ButtonInteraction | StringSelectMenuInteraction;

/** All throw what Discord refuses. */
export interface Responder {
  /** Shows "is thinking". */
  defer(): Promise<void>;
  /** Of a press: takes it without a sign, so that the message can be changed. */
  deferUpdate(): Promise<void>;
  /** Without any of the two before, for what is known soon. Pictures would take too long. */
  reply(reply: Reply): Promise<Sent>;
  /** After `defer` fills in the reply, after `deferUpdate` changes the message that was pressed. */
  fill(reply: Reply): Promise<Sent>;
  /** After `deferUpdate`: a message of its own. */
  followUp(reply: Reply): Promise<Sent>;
  /** After `deferUpdate`: takes the message away that was pressed. */
  remove(): Promise<void>;
  /** After `defer`, when there is nothing to say: takes the sign away. What another process has filled in stays. */
  withdraw(): Promise<void>;
}

export interface UseDependencies extends RespondDependencies {
  readonly client: Client<true>;
}

/** Make it when the interaction arrives: its token lives from then on. */
export function createResponder(dependencies: UseDependencies, use: Use): Responder {
  const { client, buildMessage, clock } = dependencies;
  const tokenSince = clock.now();
  const steadily = <T>(call: () => Promise<T>): Promise<T> => callSteadily(dependencies, call);

  /** That it was acknowledged before is what becomes of a call that was heard, but whose answer was not. */
  async function acknowledge(call: () => Promise<unknown>, as: 'deferred' | 'replied'): Promise<void> {
    try {
      await steadily(call);
    } catch (error) {
      if (!wasRefused(error, 'acknowledged')) throw error;
      use[as] = true;
    }
  }

  async function editAsBot(messageId: string, body: MessageBody): Promise<void> {
    const channel = await client.channels.fetch(use.channelId);
    if (channel?.isTextBased() === true) await channel.messages.edit(messageId, body);
  }

  /** @param message undefined: the one that `@original` means. */
  async function sent(reply: Reply, message?: Message): Promise<Sent> {
    if (!reply.updates) return { follow: () => Promise.resolve() };
    const { id } = message ?? (await steadily(() => use.fetchReply()));
    const editable = {
      tokenSince,
      withToken: (body: MessageBody) => (message ? use.webhook.editMessage(id, body) : use.editReply(body)),
      asBot: (body: MessageBody) => editAsBot(id, body),
    };
    return { follow: () => followUpdates(dependencies, editable, reply) };
  }

  async function followUp(reply: Reply): Promise<Sent> {
    const { components, files, flags } = await buildMessage(reply);
    // Nothing keeps a follow-up from appearing twice, so one that may have been heard is not sent again.
    const message = await use.followUp({ components, files, flags: flagsOf(reply, flags) });
    return sent(reply, message);
  }

  async function remove(): Promise<void> {
    await steadily(() => use.deleteReply()).catch((error: unknown) => {
      if (!wasRefused(error, 'unknownMessage')) throw error;
    });
  }

  async function withdraw(): Promise<void> {
    try {
      const original = await steadily(() => use.fetchReply());
      if (original.flags.has(MessageFlags.Loading)) await remove();
    } catch (error) {
      if (!wasRefused(error, 'unknownMessage')) throw error;
    }
  }

  return {
    defer: () => acknowledge(() => use.deferReply(), 'deferred'),

    deferUpdate: () =>
      acknowledge(() => (use.isMessageComponent() ? use.deferUpdate() : use.deferReply()), 'deferred'),

    async reply(reply) {
      const { components, files, flags } = await buildMessage(reply);
      await acknowledge(() => use.reply({ components, files, flags: flagsOf(reply, flags) }), 'replied');
      return sent(reply);
    },

    async fill(reply) {
      if (reply.discreet === true) {
        // What was announced for all to see cannot become a line for one, so another takes its place.
        await remove();
        return followUp(reply);
      }
      const body = await buildMessage(reply);
      await steadily(() => use.editReply(body));
      return sent(reply);
    },

    followUp,
    remove,
    withdraw,
  };
}

// --- Internal helpers ---

function flagsOf(
  { discreet }: Reply,
  flags: MessageFlags.IsComponentsV2,
): (MessageFlags.IsComponentsV2 | MessageFlags.Ephemeral)[] {
  return discreet === true ? [flags, MessageFlags.Ephemeral] : [flags];
}
