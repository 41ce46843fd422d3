/** A message with photos, or one that names the bot: looked at and answered in its channel. */

import type { Message, SendableChannels } from 'discord.js';
import type { LimitFunction } from 'p-limit';
import type { Conversation, PhotoPost } from '../../../chat/conversation.ts';
import type { Download } from '../api/download.ts';
import { findPhotos } from '../events/find-photos.ts';
import type { PhotoRef } from '../events/photo-ref.ts';
import type { Reading } from '../events/read-message.ts';
import type { RespondToMessage } from '../sending/respond-to-message.ts';
import type { ChannelRights } from './channel-rights.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';
import type { ShowTyping } from './typing.ts';

export interface MessageHandlerDependencies {
  readonly conversation: Pick<Conversation, 'admit' | 'post' | 'stoppingReply'>;
  readonly origins: Origins;
  readonly download: Download;
  readonly respondToMessage: RespondToMessage;
  readonly showTyping: ShowTyping;
  readonly standing: ChannelRights;
  readonly inSlot: LimitFunction;
  /** Whether messages that do not concern the bot can be read. */
  readonly messageContent: boolean;
}

/** Resolves to whether the message was answered. */
export type MessageHandler = (message: Message, reading: Reading, job: Job) => Promise<boolean>;

export function createMessageHandler(dependencies: MessageHandlerDependencies): MessageHandler {
  const { conversation, origins, download, respondToMessage, showTyping, standing, inSlot } = dependencies;

  async function send(message: Message, channel: SendableChannels, reply: Parameters<RespondToMessage>[2]) {
    try {
      const sent = await respondToMessage(message, channel, reply);
      standing.allowed(channel.id);
      await sent.follow();
    } catch (error) {
      standing.refused(channel, error);
    }
  }

  return async (message, reading, job) => {
    const { channel } = message;
    if (!channel.isSendable() || standing.isQuiet(channel.id)) return false;
    const origin = origins.ofMessage(message);
    const asked = { origin, message: message.id, trigger: reading.trigger };
    const admission = await conversation.admit(asked);
    if (!admission) return false;
    const stop = showTyping(channel);
    job.onGivingUp(() => send(message, channel, conversation.stoppingReply(origin)));
    try {
      const photos = reading.askForReplied ? await askForReplied(message) : reading.photos;
      const reply = await inSlot(() =>
        conversation.post({ ...asked, photos: incoming(photos, download) }, admission),
      );
      if (reply && job.claim()) await send(message, channel, reply);
      return reply !== undefined;
    } finally {
      stop();
    }
  };
}

export function incoming(photos: readonly PhotoRef[], download: Download): PhotoPost['photos'] {
  return photos.map((photo) => ({
    spoiler: photo.spoiler,
    read: (signal) => download(photo, signal),
  }));
}

// --- Internal helpers ---

/** It may be gone, or hidden from the bot: then there is no photo. */
async function askForReplied(message: Message): Promise<readonly PhotoRef[]> {
  try {
    const replied = await message.channel.messages.fetch({
      message: message.reference?.messageId ?? '',
      force: true,
    });
    return findPhotos(replied);
  } catch {
    return [];
  }
}
