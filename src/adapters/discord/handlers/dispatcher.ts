/** Takes what happens on Discord, decides what concerns the bot, and has each seen through to its one answer. */

import type { BaseInteraction, Interaction, Message } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { ClosedError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { reasonOf, wasRefused } from '../api/failure.ts';
import { readMessage } from '../events/read-message.ts';
import type { DiscordMetrics } from '../../../metrics/discord-metrics.ts';
import type { Responder, Use } from '../sending/respond-to-interaction.ts';
import type { CommandHandler } from './command-handler.ts';
import type { MessageHandler } from './message-handler.ts';
import type { ComponentHandler } from './component-handler.ts';
import { createJobs, type Job } from './jobs.ts';

export interface Dispatcher {
  message(message: Message): void;
  interaction(interaction: Interaction): void;
  /** Takes nothing new; resolves with how many are left unanswered. */
  finish(patience: AbortSignal): Promise<number>;
}

export interface DispatcherDependencies {
  readonly handleMessage: MessageHandler;
  readonly handleCommand: CommandHandler;
  readonly handleComponent: ComponentHandler;
  readonly createResponder: (use: Use) => Responder;
  /** Told when a command is done with. */
  readonly afterCommand: () => void;
  readonly metrics: Pick<DiscordMetrics, 'event'>;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/** Discord may deliver an interaction again for as long as a session can be resumed. */
const REMEMBERED_INTERACTIONS = 5000;

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { handleMessage, handleCommand, handleComponent, createResponder, afterCommand, metrics, logger } =
    dependencies;
  const jobs = createJobs();
  const seen = new LRUCache<string, true>({ max: REMEMBERED_INTERACTIONS });
  let finishing = false;

  function begin(what: string, work: (job: Job) => Promise<void>): void {
    jobs.begin(async (job) => {
      try {
        await work(job);
      } catch (error) {
        // The bot stops; whoever still waits is told by `finish`.
        if (error instanceof ClosedError) return;
        const level = wasRefused(error, 'unknownInteraction', 'invalidToken') ? 'warn' : 'error';
        logger[level]({ kind: what, reason: reasonOf(error) }, 'a request could not be answered');
      }
    });
  }

  async function use(interaction: Use, job: Job): Promise<void> {
    const responder = createResponder(interaction);
    if (interaction.isMessageComponent()) {
      await handleComponent(interaction, responder, job);
    } else {
      await handleCommand(interaction, responder, job);
      afterCommand();
    }
  }

  return {
    message(message) {
      if (finishing) return;
      const reading = readMessage(message);
      if (!reading) {
        metrics.event('ignored');
        return;
      }
      begin('message', async (job) => {
        metrics.event((await handleMessage(message, reading, job)) ? 'accepted' : 'ignored');
      });
    },

    interaction(interaction) {
      if (finishing || !isUse(interaction)) return;
      if (seen.has(interaction.id)) {
        metrics.event('repeated');
        return;
      }
      seen.set(interaction.id, true);
      metrics.event('accepted');
      begin(interaction.isMessageComponent() ? 'press' : 'command', (job) => use(interaction, job));
    },

    async finish(patience) {
      finishing = true;
      return jobs.finish(patience);
    },
  };
}

// --- Internal helpers ---

function isUse(interaction: BaseInteraction): interaction is Use {
  return (
    interaction.isChatInputCommand() ||
    interaction.isMessageContextMenuCommand() ||
    interaction.isButton() ||
    interaction.isStringSelectMenu()
  );
}
