/** Answers an interaction with its token: an acknowledgement within 3 s, and the reply for as long as the token is valid. */

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
import { callWithRetry } from '../api/call-with-retry.ts';
import { wasRefused } from '../api/failure.ts';
import type { MessageBody } from '../rendering/build-message.ts';
import { followUpdates, type FollowUpdatesDependencies } from './follow-updates.ts';
import type { Sent } from './respond-to-message.ts';

/** The interactions that this bot offers. */
export type BotInteraction = BotCommandInteraction | BotComponentInteraction;
export type BotCommandInteraction = ChatInputCommandInteraction | MessageContextMenuCommandInteraction;
export type BotComponentInteraction = ButtonInteraction | StringSelectMenuInteraction;

/** All of them throw what Discord refuses. */
export interface Responder {
  /** Shows "is thinking". */
  defer(): Promise<void>;
  /** For components: acknowledges without a visible sign, so that the message of the component can be changed. */
  deferUpdate(): Promise<void>;
  /** The first response, for a reply that is known early. Not for pictures, whose upload takes too long. */
  reply(reply: Reply): Promise<Sent>;
  /** After `defer`: shows the reply in place of "is thinking". After `deferUpdate`: changes the message of the component. */
  fill(reply: Reply): Promise<Sent>;
  /** After `deferUpdate`: sends another message. */
  followUp(reply: Reply): Promise<Sent>;
  /** After `deferUpdate`: deletes the message of the component. */
  remove(): Promise<void>;
  /** After `defer`, if there is no answer: removes "is thinking". An answer of another process stays. */
  withdraw(): Promise<void>;
}

export interface ResponderDependencies extends FollowUpdatesDependencies {
  readonly client: Client<true>;
}

/** Call it when the interaction arrives, because its token is valid from then on. */
export function createResponder(dependencies: ResponderDependencies, interaction: BotInteraction): Responder {
  const { client, buildMessage, clock, signal } = dependencies;
  const tokenSince = clock.now();
  const withRetry = <T>(call: () => Promise<T>): Promise<T> => callWithRetry({ clock, signal }, call);

  /** If the answer to the first try was lost, the second one is refused as already acknowledged. */
  async function acknowledge(call: () => Promise<unknown>, as: 'deferred' | 'replied'): Promise<void> {
    try {
      await withRetry(call);
    } catch (error) {
      if (!wasRefused(error, 'acknowledged')) throw error;
      interaction[as] = true;
    }
  }

  async function editAsBot(messageId: string, body: MessageBody): Promise<void> {
    const channel = await client.channels.fetch(interaction.channelId);
    if (channel?.isTextBased() === true) await channel.messages.edit(messageId, body);
  }

  /** @param message undefined: the message that `@original` means. */
  async function sent(reply: Reply, message?: Message): Promise<Sent> {
    if (!reply.updates) return { follow: () => Promise.resolve() };
    const { id } = message ?? (await withRetry(() => interaction.fetchReply()));
    const editable = {
      tokenSince,
      editWithToken: (body: MessageBody) =>
        message ? interaction.webhook.editMessage(id, body) : interaction.editReply(body),
      editAsBot: (body: MessageBody) => editAsBot(id, body),
    };
    return { follow: () => followUpdates(dependencies, editable, reply) };
  }

  async function followUp(reply: Reply): Promise<Sent> {
    const { components, files, flags } = await buildMessage(reply);
    // A follow-up has no nonce, so it is not retried: the first try may have succeeded.
    const message = await interaction.followUp({ components, files, flags: flagsOf(reply, flags) });
    return sent(reply, message);
  }

  async function remove(): Promise<void> {
    await withRetry(() => interaction.deleteReply()).catch((error: unknown) => {
      if (!wasRefused(error, 'unknownMessage')) throw error;
    });
  }

  async function withdraw(): Promise<void> {
    try {
      const original = await withRetry(() => interaction.fetchReply());
      if (original.flags.has(MessageFlags.Loading)) await remove();
    } catch (error) {
      if (!wasRefused(error, 'unknownMessage')) throw error;
    }
  }

  return {
    defer: () => acknowledge(() => interaction.deferReply(), 'deferred'),

    deferUpdate: () =>
      acknowledge(
        () => (interaction.isMessageComponent() ? interaction.deferUpdate() : interaction.deferReply()),
        'deferred',
      ),

    async reply(reply) {
      const { components, files, flags } = await buildMessage(reply);
      await acknowledge(
        () => interaction.reply({ components, files, flags: flagsOf(reply, flags) }),
        'replied',
      );
      return sent(reply);
    },

    async fill(reply) {
      if (reply.discreet === true) {
        // A public message cannot become one for a single person, so another message replaces it.
        await remove();
        return followUp(reply);
      }
      const body = await buildMessage(reply);
      await withRetry(() => interaction.editReply(body));
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
