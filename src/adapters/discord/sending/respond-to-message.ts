/** Sends the reply to a message into its channel, once, whatever has to be tried twice. */

import type { Message, MessageCreateOptions, SendableChannels } from 'discord.js';
import type { Clock } from '../../../util/clock.ts';
import type { Reply } from '../../../chat/reply.ts';
import type { Logger } from '../../../util/logger.ts';
import { callSteadily } from '../api/call-steadily.ts';
import { wasRefused } from '../api/failure.ts';
import { rightsIn } from '../handlers/channel-rights.ts';
import type { BuildMessage } from '../rendering/build-message.ts';
import { followUpdates } from './follow-updates.ts';

export interface RespondDependencies {
  readonly buildMessage: BuildMessage;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** A reply that is there. */
export interface Sent {
  /** Shows its later states; resolves after the last. */
  follow(): Promise<void>;
}

/** @throws what Discord refuses. */
export type RespondToMessage = (message: Message, channel: SendableChannels, reply: Reply) => Promise<Sent>;

export function createRespondToMessage(dependencies: RespondDependencies): RespondToMessage {
  const { buildMessage } = dependencies;

  return async (message, channel, reply) => {
    const rights = rightsIn(channel);
    const { components, files, flags } = await buildMessage(reply, { withPictures: rights.files });
    const send = (target: Pick<MessageCreateOptions, 'reply'>): Promise<Message> =>
      callSteadily<Message>(dependencies, () =>
        // The same nonce again gives the message that is there already.
        channel.send({ components, files, flags, nonce: message.id, enforceNonce: true, ...target }),
      );
    // The author may have taken the message back meanwhile.
    const target = { reply: { messageReference: message.id, failIfNotExists: false } };
    const answer = await send(rights.history ? target : {}).catch((error: unknown) => {
      if (!wasRefused(error, 'noHistory')) throw error;
      return send({});
    });
    const editable = { tokenSince: 0, asBot: (body: Parameters<Message['edit']>[0]) => answer.edit(body) };
    return { follow: () => followUpdates(dependencies, editable, reply) };
  };
}
