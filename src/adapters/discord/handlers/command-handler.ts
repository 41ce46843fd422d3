/** A command from the menu of a message or after a slash: acknowledged at once, then answered. */

import type { LimitFunction } from 'p-limit';
import type { Clock } from '../../../util/clock.ts';
import type { Conversation } from '../../../chat/conversation.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import type { Download } from '../api/download.ts';
import { SOON_MS } from '../api/limits.ts';
import { type CommandReading, readCommand } from '../events/read-command.ts';
import type { CommandUse, Responder } from '../sending/respond-to-interaction.ts';
import { incoming } from './message-handler.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';

export interface CommandHandlerDependencies {
  readonly conversation: Pick<Conversation, 'command' | 'commands' | 'post' | 'stoppingReply'>;
  readonly origins: Origins;
  readonly download: Download;
  readonly inSlot: LimitFunction;
  readonly messageContent: boolean;
  readonly clock: Clock;
}

export type CommandHandler = (use: CommandUse, responder: Responder, job: Job) => Promise<void>;

export function createCommandHandler(dependencies: CommandHandlerDependencies): CommandHandler {
  const { conversation, origins, download, inSlot, messageContent, clock } = dependencies;

  async function look(
    use: CommandUse,
    { photos, filter }: Extract<CommandReading, { kind: 'photos' }>,
    responder: Responder,
    job: Job,
  ): Promise<void> {
    const origin = origins.ofInteraction(use);
    await responder.defer();
    job.onGivingUp(async () => {
      await responder.fill(conversation.stoppingReply(origin));
    });
    const post = { origin, message: use.id, trigger: 'command', photos: incoming(photos, download) } as const;
    const reply = await inSlot(() => conversation.post(filter ? { ...post, filter } : post));
    if (!job.claim()) return;
    if (!reply) await responder.withdraw();
    else await (await responder.fill(reply)).follow();
  }

  async function run(
    use: CommandUse,
    { name, argument }: Extract<CommandReading, { kind: 'command' }>,
    responder: Responder,
    job: Job,
  ): Promise<void> {
    const working = conversation.command({
      origin: origins.ofInteraction(use),
      name,
      ...(argument !== undefined && { argument }),
      ...(!messageContent && { autoUnavailable: 'message-content' }),
    });
    const early = await firstWithin(working, SOON_MS, clock);
    if (!early) await responder.defer();
    const reply = early ?? (await working);
    if (!job.claim()) return;
    const sent = await (early ? responder.reply(reply) : responder.fill(reply));
    await sent.follow();
  }

  return (use, responder, job) => {
    const reading = readCommand(use, conversation.commands()) ?? { kind: 'command', name: use.commandName };
    return reading.kind === 'photos' ? look(use, reading, responder, job) : run(use, reading, responder, job);
  };
}
