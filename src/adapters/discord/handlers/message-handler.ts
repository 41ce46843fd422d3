/** Answers a message that has photos or mentions the bot, in its channel. */

import type { Message, SendableChannels } from 'discord.js';
import type { LimitFunction } from 'p-limit';
import type { Conversation } from '../../../chat/conversation.ts';
import type { Reply } from '../../../chat/reply.ts';
import { incomingPhotos } from '../../kit/incoming-photos.ts';
import type { Download } from '../api/download.ts';
import type { PhotoRef } from '../api/photo-ref.ts';
import { findPhotos } from '../events/find-photos.ts';
import type { MessageRequest } from '../events/read-message.ts';
import type { RespondToMessage } from '../sending/respond-to-message.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';
import type { RefusedChannels } from './refused-channels.ts';
import type { ShowTyping } from './typing.ts';

export interface MessageHandlerDependencies {
  readonly conversation: Pick<Conversation, 'admit' | 'post' | 'stoppingReply'>;
  readonly origins: Origins;
  readonly download: Download;
  readonly respondToMessage: RespondToMessage;
  readonly showTyping: ShowTyping;
  readonly refusedChannels: RefusedChannels;
  readonly postLimit: LimitFunction;
}

/** Resolves to whether the message was answered. */
export type MessageHandler = (message: Message, request: MessageRequest, job: Job) => Promise<boolean>;

export function createMessageHandler(dependencies: MessageHandlerDependencies): MessageHandler {
  const { conversation, origins, download, respondToMessage, showTyping, refusedChannels, postLimit } =
    dependencies;

  async function send(message: Message, channel: SendableChannels, reply: Reply): Promise<void> {
    try {
      const sent = await respondToMessage(message, channel, reply);
      refusedChannels.allowed(channel.id);
      await sent.follow();
    } catch (error) {
      refusedChannels.refused(channel, error);
    }
  }

  return async (message, { trigger, photos: own, fetchReferenced }, job) => {
    const { channel } = message;
    if (!channel.isSendable() || refusedChannels.isPaused(channel.id)) return false;
    const origin = origins.ofMessage(message);
    const post = { origin, message: message.id, trigger };
    const admission = await conversation.admit(post);
    if (!admission) return false;
    const stopTyping = showTyping(channel);
    job.onGivingUp(() => send(message, channel, conversation.stoppingReply(origin)));
    try {
      const photos = fetchReferenced ? await photosOfReferenced(message) : own;
      const reply = await postLimit(() =>
        conversation.post({ ...post, photos: incomingPhotos(photos, download) }, admission),
      );
      if (reply && job.claim()) await send(message, channel, reply);
      return reply !== undefined;
    } finally {
      stopTyping();
    }
  };
}

// --- Internal helpers ---

/** The referenced message may be deleted, or hidden from the bot. Then there is no photo. */
async function photosOfReferenced(message: Message): Promise<readonly PhotoRef[]> {
  try {
    const referenced = await message.channel.messages.fetch({
      message: message.reference?.messageId ?? '',
      force: true,
    });
    return findPhotos(referenced);
  } catch {
    return [];
  }
}
