/** Answers a slash command, or a command from the context menu of a message. It is acknowledged in time, then answered. */

import type { LimitFunction } from 'p-limit';
import type { Conversation } from '../../../chat/conversation.ts';
import type { Clock } from '../../../util/clock.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import { incomingPhotos } from '../../kit/incoming-photos.ts';
import type { Download } from '../api/download.ts';
import { ACKNOWLEDGE_MS } from '../api/limits.ts';
import { type CommandRequest, readCommand } from '../events/read-command.ts';
import type { BotCommandInteraction, Responder } from '../sending/respond-to-interaction.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';

export interface CommandHandlerDependencies {
  readonly conversation: Pick<Conversation, 'command' | 'commands' | 'post' | 'stoppingReply'>;
  readonly origins: Origins;
  readonly download: Download;
  readonly postLimit: LimitFunction;
  /** Whether the bot can read messages that do not mention it. */
  readonly messageContent: boolean;
  readonly clock: Clock;
}

export type CommandHandler = (
  interaction: BotCommandInteraction,
  responder: Responder,
  job: Job,
) => Promise<void>;

export function createCommandHandler(dependencies: CommandHandlerDependencies): CommandHandler {
  const { conversation, origins, download, postLimit, messageContent, clock } = dependencies;

  async function answerPhotos(
    interaction: BotCommandInteraction,
    { photos, filter, garment }: Extract<CommandRequest, { kind: 'photos' }>,
    responder: Responder,
    job: Job,
  ): Promise<void> {
    const origin = origins.ofInteraction(interaction);
    await responder.defer();
    job.onGivingUp(async () => {
      await responder.fill(conversation.stoppingReply(origin));
    });
    const post = {
      origin,
      message: interaction.id,
      trigger: 'command',
      photos: incomingPhotos(photos, download),
      ...(filter && { filter }),
      ...(garment && { garment }),
    } as const;
    const reply = await postLimit(() => conversation.post(post));
    if (!job.claim()) return;
    if (!reply) await responder.withdraw();
    else await (await responder.fill(reply)).follow();
  }

  async function answerCommand(
    interaction: BotCommandInteraction,
    { name, argument }: Extract<CommandRequest, { kind: 'command' }>,
    responder: Responder,
    job: Job,
  ): Promise<void> {
    const working = conversation.command({
      origin: origins.ofInteraction(interaction),
      name,
      ...(argument !== undefined && { argument }),
      ...(!messageContent && { autoUnavailable: 'message-content' }),
    });
    const early = await firstWithin(working, ACKNOWLEDGE_MS, clock);
    if (!early) await responder.defer();
    const reply = early ?? (await working);
    if (!job.claim()) return;
    const sent = await (early ? responder.reply(reply) : responder.fill(reply));
    await sent.follow();
  }

  return (interaction, responder, job) => {
    const { commandName: name } = interaction;
    const request = readCommand(interaction, conversation.commands()) ?? { kind: 'command', name };
    return request.kind === 'photos'
      ? answerPhotos(interaction, request, responder, job)
      : answerCommand(interaction, request, responder, job);
  };
}
