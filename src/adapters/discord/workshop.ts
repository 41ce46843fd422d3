/** Puts the door's parts together for one client, and has it listen. */

import { type Client, Events } from 'discord.js';
import pLimit from 'p-limit';
import type { Clock } from '../../chat/clock.ts';
import type { Logger } from '../../logger.ts';
import { createDownload } from './api/download.ts';
import { reasonOf } from './api/failure.ts';
import { createPublishCommands, type Published } from './api/publish-commands.ts';
import { createAnswerCommand } from './desk/answer-command.ts';
import { createAnswerMessage } from './desk/answer-message.ts';
import { createAnswerPress } from './desk/answer-press.ts';
import { createChannelStanding } from './desk/channel-standing.ts';
import { createDesk } from './desk/desk.ts';
import { createOrigins } from './desk/origin.ts';
import { createShowTyping } from './desk/typing.ts';
import type { DiscordAdapterDependencies } from './discord-adapter.ts';
import { createBuildMessage } from './replies/build-message.ts';
import { createRespondToMessage } from './replies/respond-to-message.ts';
import { createResponder } from './replies/respond-to-use.ts';

export interface Workshop {
  /** Registers the commands if they changed. Never throws. */
  publish(): Promise<void>;
  /** Takes nothing new; resolves with how many requests are left unanswered when `patience` aborts. */
  finish(patience: AbortSignal): Promise<number>;
}

export interface WorkshopDependencies extends DiscordAdapterDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: Client<true>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** Posts looked at side by side: at most four photos each, so that the conversation's own queue has room for two such doors. */
const POSTS_AT_ONCE = 12;

export function createWorkshop(dependencies: WorkshopDependencies): Workshop {
  const { client, conversation, settings, store, clock, logger, maxPhotoBytes } = dependencies;
  const { apiUrl, guildId, moderatorRoles, messageContent } = settings;
  const buildMessage = createBuildMessage(dependencies);
  const sending = { ...dependencies, buildMessage };
  const standing = createChannelStanding({ clock, logger });
  const parts = {
    ...dependencies,
    origins: createOrigins({ moderatorRoles }),
    download: createDownload({ apiUrl, clock, maxBytes: maxPhotoBytes }),
    inSlot: pLimit(POSTS_AT_ONCE),
    showTyping: createShowTyping({ clock }),
    standing,
    messageContent,
    respondToMessage: createRespondToMessage(sending),
  };
  const publish = createPublishCommands({
    ...dependencies,
    commands: () => conversation.commands(),
    guildId,
    moderatorRoles,
    store: store.namespace<Published>('discord-commands'),
  });

  async function publishQuietly(): Promise<void> {
    await publish().catch((error: unknown) => {
      logger.warn({ reason: reasonOf(error) }, 'commands could not be registered; it is tried again later');
    });
  }

  const desk = createDesk({
    ...dependencies,
    answerMessage: createAnswerMessage(parts),
    answerCommand: createAnswerCommand(parts),
    answerPress: createAnswerPress(parts),
    createResponder: (use) => createResponder(sending, use),
    // A reindex may have changed what can be chosen; whether it did is a look at a hash.
    afterCommand: () => void publishQuietly(),
  });

  client.on(Events.MessageCreate, (message) => {
    desk.message(message);
  });
  client.on(Events.InteractionCreate, (interaction) => {
    desk.interaction(interaction);
  });
  client.on(Events.ChannelUpdate, ({ id }) => {
    standing.changed(id);
  });
  client.on(Events.GuildRoleUpdate, () => {
    standing.changed();
  });
  client.on(Events.GuildMemberUpdate, (_, { id }) => {
    if (id === client.user.id) standing.changed();
  });

  return { publish: publishQuietly, finish: (patience) => desk.finish(patience) };
}
