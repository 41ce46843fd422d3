/** Puts the door's parts together for one client, and has it listen. */

import { type Client, Events } from 'discord.js';
import pLimit from 'p-limit';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { createDownload } from './api/download.ts';
import { reasonOf } from './api/failure.ts';
import { createPublishCommands, type Published } from './api/publish-commands.ts';
import { createCommandHandler } from './handlers/command-handler.ts';
import { createMessageHandler } from './handlers/message-handler.ts';
import { createComponentHandler } from './handlers/component-handler.ts';
import { createChannelRights } from './handlers/channel-rights.ts';
import { createDispatcher } from './handlers/dispatcher.ts';
import { createOrigins } from './handlers/origin.ts';
import { createShowTyping } from './handlers/typing.ts';
import type { DiscordAdapterDependencies } from './discord-adapter.ts';
import { createBuildMessage } from './rendering/build-message.ts';
import { createRespondToMessage } from './sending/respond-to-message.ts';
import { createResponder } from './sending/respond-to-interaction.ts';

export interface WiredDoor {
  /** Registers the commands if they changed. Never throws. */
  publish(): Promise<void>;
  /** Takes nothing new; resolves with how many requests are left unanswered when `patience` aborts. */
  finish(patience: AbortSignal): Promise<number>;
}

export interface WireDoorDependencies extends DiscordAdapterDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: Client<true>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** Posts looked at side by side: at most four photos each, so that the conversation's own queue has room for two such doors. */
const POSTS_AT_ONCE = 12;

export function wireDoor(dependencies: WireDoorDependencies): WiredDoor {
  const { client, conversation, settings, store, clock, logger, maxPhotoBytes } = dependencies;
  const { apiUrl, guildId, moderatorRoles, messageContent } = settings;
  const buildMessage = createBuildMessage(dependencies);
  const sending = { ...dependencies, buildMessage };
  const standing = createChannelRights({ clock, logger });
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

  const dispatcher = createDispatcher({
    ...dependencies,
    handleMessage: createMessageHandler(parts),
    handleCommand: createCommandHandler(parts),
    handleComponent: createComponentHandler(parts),
    createResponder: (use) => createResponder(sending, use),
    // A reindex may have changed what can be chosen; whether it did is a look at a hash.
    afterCommand: () => void publishQuietly(),
  });

  client.on(Events.MessageCreate, (message) => {
    dispatcher.message(message);
  });
  client.on(Events.InteractionCreate, (interaction) => {
    dispatcher.interaction(interaction);
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

  return { publish: publishQuietly, finish: (patience) => dispatcher.finish(patience) };
}
