/** Sends the reply to a message into its channel, and only once even if the call is retried. */

import type { Message, MessageCreateOptions, SendableChannels } from 'discord.js';
import type { Reply } from '../../../chat/reply.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import { wasRefused } from '../api/failure.ts';
import type { MessageBody } from '../rendering/build-message.ts';
import { permissionsIn } from './channel-permissions.ts';
import { followUpdates, type FollowUpdatesDependencies } from './follow-updates.ts';

/** A reply that was sent. */
export interface Sent {
  /** Shows its later states. Resolves after the last one. */
  follow(): Promise<void>;
}

/** @throws what Discord refuses. */
export type RespondToMessage = (message: Message, channel: SendableChannels, reply: Reply) => Promise<Sent>;

export function createRespondToMessage(dependencies: FollowUpdatesDependencies): RespondToMessage {
  const { buildMessage, clock, signal } = dependencies;

  return async (message, channel, reply) => {
    const { attachFiles, readHistory } = permissionsIn(channel);
    const { components, files, flags } = await buildMessage(reply, { withPictures: attachFiles });
    const send = (target: Pick<MessageCreateOptions, 'reply'>): Promise<Message> =>
      callWithRetry<Message>({ clock, signal }, () =>
        // For a nonce that it already knows, Discord returns the message that was sent with it.
        channel.send({ components, files, flags, nonce: message.id, enforceNonce: true, ...target }),
      );
    // The author may have deleted the message meanwhile.
    const target = { reply: { messageReference: message.id, failIfNotExists: false } };
    const answer = await send(readHistory ? target : {}).catch((error: unknown) => {
      if (!wasRefused(error, 'noHistory')) throw error;
      return send({});
    });
    const editable = { tokenSince: 0, editAsBot: (body: MessageBody) => answer.edit(body) };
    return { follow: () => followUpdates(dependencies, editable, reply) };
  };
}
