/** Takes what happens on Discord, decides what concerns the bot, and has each seen through to its one answer. */

import type { BaseInteraction, Interaction, Message } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { ClosedError } from '../../../errors.ts';
import type { Logger } from '../../../logger.ts';
import { reasonOf, wasRefused } from '../api/failure.ts';
import { readMessage } from '../intake/read-message.ts';
import type { DiscordMetrics } from '../metrics.ts';
import type { Responder, Use } from '../replies/respond-to-use.ts';
import type { AnswerCommand } from './answer-command.ts';
import type { AnswerMessage } from './answer-message.ts';
import type { AnswerPress } from './answer-press.ts';
import { createJobs, type Job } from './jobs.ts';

export interface Desk {
  message(message: Message): void;
  interaction(interaction: Interaction): void;
  /** Takes nothing new; resolves with how many are left unanswered. */
  finish(patience: AbortSignal): Promise<number>;
}

export interface DeskDependencies {
  readonly answerMessage: AnswerMessage;
  readonly answerCommand: AnswerCommand;
  readonly answerPress: AnswerPress;
  readonly createResponder: (use: Use) => Responder;
  /** Told when a command is done with. */
  readonly afterCommand: () => void;
  readonly metrics: Pick<DiscordMetrics, 'event'>;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/** Discord may deliver an interaction again for as long as a session can be resumed. */
const REMEMBERED_INTERACTIONS = 5000;

export function createDesk(dependencies: DeskDependencies): Desk {
  const { answerMessage, answerCommand, answerPress, createResponder, afterCommand, metrics, logger } =
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
      await answerPress(interaction, responder, job);
    } else {
      await answerCommand(interaction, responder, job);
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
        metrics.event((await answerMessage(message, reading, job)) ? 'accepted' : 'ignored');
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
