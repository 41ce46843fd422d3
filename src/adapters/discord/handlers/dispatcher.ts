/** Receives messages and interactions, decides which concern the bot, and makes sure that each of those gets its one answer. */

import type { BaseInteraction, Interaction, Message } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { ClosedError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { redactedReason, wasRefused } from '../api/failure.ts';
import type { DiscordMetrics } from '../../../metrics/discord-metrics.ts';
import { readMessage } from '../events/read-message.ts';
import type { BotInteraction, Responder } from '../sending/respond-to-interaction.ts';
import type { CommandHandler } from './command-handler.ts';
import type { ComponentHandler } from './component-handler.ts';
import { createJobs, type Job } from './jobs.ts';
import type { MessageHandler } from './message-handler.ts';

export interface Dispatcher {
  message(message: Message): void;
  interaction(interaction: Interaction): void;
  /** Accepts nothing new. @returns how many requests are unanswered when `outOfTime` aborts. */
  finish(outOfTime: AbortSignal): Promise<number>;
}

export interface DispatcherDependencies {
  readonly handleMessage: MessageHandler;
  readonly handleCommand: CommandHandler;
  readonly handleComponent: ComponentHandler;
  readonly createResponder: (interaction: BotInteraction) => Responder;
  /** Called when a command has been answered. */
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

  function begin(kind: 'message' | 'command' | 'component', work: (job: Job) => Promise<void>): void {
    jobs.begin(async (job) => {
      try {
        await work(job);
      } catch (error) {
        // The bot stops. `finish` notifies the people who are still waiting.
        if (error instanceof ClosedError) return;
        const level = wasRefused(error, 'unknownInteraction', 'invalidToken') ? 'warn' : 'error';
        logger[level]({ kind, reason: redactedReason(error) }, 'a request could not be answered');
      }
    });
  }

  async function answer(interaction: BotInteraction, job: Job): Promise<void> {
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
      const request = readMessage(message);
      if (!request) {
        metrics.event('ignored');
        return;
      }
      begin('message', async (job) => {
        metrics.event((await handleMessage(message, request, job)) ? 'accepted' : 'ignored');
      });
    },

    interaction(interaction) {
      if (finishing || !isBotInteraction(interaction)) return;
      if (seen.has(interaction.id)) {
        metrics.event('repeated');
        return;
      }
      seen.set(interaction.id, true);
      metrics.event('accepted');
      begin(interaction.isMessageComponent() ? 'component' : 'command', (job) => answer(interaction, job));
    },

    async finish(outOfTime) {
      finishing = true;
      return jobs.finish(outOfTime);
    },
  };
}

// --- Internal helpers ---

function isBotInteraction(interaction: BaseInteraction): interaction is BotInteraction {
  return (
    interaction.isChatInputCommand() ||
    interaction.isMessageContextMenuCommand() ||
    interaction.isButton() ||
    interaction.isStringSelectMenu()
  );
}
