/** Creates the parts of the Discord door for one client, and subscribes them to the client's events. */

import { type Client, Events } from 'discord.js';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { PictureStore } from '../../catalogue/picture-store.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { createPostLimit } from '../kit/incoming-photos.ts';
import { createDownload } from './api/download.ts';
import type { DiscordMetrics } from '../../metrics/discord-metrics.ts';
import {
  createPublishCommands,
  type PublishCommands,
  type PublishedCommands,
} from './api/publish-commands.ts';
import { createCommandHandler } from './handlers/command-handler.ts';
import { createComponentHandler } from './handlers/component-handler.ts';
import { createDispatcher } from './handlers/dispatcher.ts';
import { createMessageHandler } from './handlers/message-handler.ts';
import { createOrigins } from './handlers/origin.ts';
import { createRefusedChannels } from './handlers/refused-channels.ts';
import { createShowTyping } from './handlers/typing.ts';
import { createBuildMessage } from './rendering/build-message.ts';
import { createResponder } from './sending/respond-to-interaction.ts';
import { createRespondToMessage } from './sending/respond-to-message.ts';

export interface WiredDoor {
  /** Registers the commands if they changed. Never throws. */
  readonly publishCommands: PublishCommands;
  /** Accepts nothing new. @returns how many requests are unanswered when `outOfTime` aborts. */
  finish(outOfTime: AbortSignal): Promise<number>;
}

export interface WireDoorDependencies {
  readonly client: Client<true>;
  readonly conversation: Conversation;
  readonly catalogue: Pick<Catalogue, 'getMany'>;
  readonly pictures: Pick<PictureStore, 'read'>;
  readonly store: Pick<Store, 'namespace'>;
  readonly settings: {
    readonly apiUrl?: string | undefined;
    readonly guildId?: string | undefined;
    readonly moderatorRoles: readonly string[];
    readonly messageContent: boolean;
  };
  readonly maxPhotoBytes: number;
  readonly metrics: Pick<DiscordMetrics, 'event'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

export function wireDoor({
  client,
  conversation,
  catalogue,
  pictures,
  store,
  settings,
  maxPhotoBytes,
  metrics,
  clock,
  logger,
  signal,
}: WireDoorDependencies): WiredDoor {
  const { apiUrl, guildId, moderatorRoles, messageContent } = settings;
  const origins = createOrigins({ moderatorRoles });
  const download = createDownload({ apiUrl, clock, maxBytes: maxPhotoBytes });
  const postLimit = createPostLimit();
  const buildMessage = createBuildMessage({ catalogue, pictures, logger });
  const respondToMessage = createRespondToMessage({ buildMessage, clock, logger, signal });
  const refusedChannels = createRefusedChannels({ clock, logger });
  const publishCommands = createPublishCommands({
    client,
    commands: () => conversation.commands(),
    guildId,
    moderatorRoles,
    store: store.namespace<PublishedCommands>('discord-commands'),
    clock,
    logger,
    signal,
  });

  const dispatcher = createDispatcher({
    handleMessage: createMessageHandler({
      conversation,
      origins,
      download,
      respondToMessage,
      showTyping: createShowTyping({ clock }),
      refusedChannels,
      postLimit,
    }),
    handleCommand: createCommandHandler({
      conversation,
      origins,
      download,
      postLimit,
      messageContent,
      clock,
    }),
    handleComponent: createComponentHandler({ conversation, origins, clock }),
    createResponder: (interaction) =>
      createResponder({ client, buildMessage, clock, logger, signal }, interaction),
    // A reindex may have changed the choices of a command. Comparing digests tells whether it did.
    afterCommand: () => void publishCommands(),
    metrics,
    logger,
  });

  client.on(Events.MessageCreate, (message) => {
    dispatcher.message(message);
  });
  client.on(Events.InteractionCreate, (interaction) => {
    dispatcher.interaction(interaction);
  });
  client.on(Events.ChannelUpdate, ({ id }) => {
    refusedChannels.permissionsChanged(id);
  });
  client.on(Events.GuildRoleUpdate, () => {
    refusedChannels.permissionsChanged();
  });
  client.on(Events.GuildMemberUpdate, (_, { id }) => {
    if (id === client.user.id) refusedChannels.permissionsChanged();
  });

  return { publishCommands, finish: (outOfTime) => dispatcher.finish(outOfTime) };
}
