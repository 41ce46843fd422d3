/** Answers the use of a component: a clicked button, or an option chosen from a list. It is acknowledged in time, then answered. */

import type { Conversation, ClickOutcome } from '../../../chat/conversation.ts';
import { textReply } from '../../../chat/reply.ts';
import type { Clock } from '../../../util/clock.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import { ACKNOWLEDGE_MS } from '../api/limits.ts';
import { handleOf } from '../rendering/component-rows.ts';
import type { BotComponentInteraction, Responder } from '../sending/respond-to-interaction.ts';
import type { Sent } from '../sending/respond-to-message.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';

export interface ComponentHandlerDependencies {
  readonly conversation: Pick<Conversation, 'click'>;
  readonly origins: Origins;
  readonly clock: Clock;
}

export type ComponentHandler = (
  interaction: BotComponentInteraction,
  responder: Responder,
  job: Job,
) => Promise<void>;

export function createComponentHandler({
  conversation,
  origins,
  clock,
}: ComponentHandlerDependencies): ComponentHandler {
  return async (interaction, responder, job) => {
    const value = interaction.isStringSelectMenu() ? interaction.values[0] : undefined;
    const working = conversation.click({
      origin: origins.ofInteraction(interaction),
      handle: handleOf(interaction.customId),
      ...(value !== undefined && { value }),
    });
    // An early outcome decides how the interaction is acknowledged. Otherwise it is acknowledged without a visible sign.
    const early = await firstWithin(working, ACKNOWLEDGE_MS, clock);
    if (!early) await responder.deferUpdate();
    const outcome = early ?? (await working);
    if (!job.claim()) return;
    const sent = early ? await showFirst(outcome, responder) : await showDeferred(outcome, responder);
    await sent?.follow();
  };
}

// --- Internal helpers ---

/** Shows an outcome as the first response to the interaction. */
async function showFirst(outcome: ClickOutcome, responder: Responder): Promise<Sent | undefined> {
  switch (outcome.kind) {
    case 'notice':
      return responder.reply(noticeOf(outcome.text));
    case 'reply':
      if (outcome.reply.discreet === true) return responder.reply(outcome.reply);
      await responder.defer();
      return responder.fill(outcome.reply);
    default:
      await responder.deferUpdate();
      return showDeferred(outcome, responder);
  }
}

/** Shows an outcome after `deferUpdate`. */
async function showDeferred(outcome: ClickOutcome, responder: Responder): Promise<Sent | undefined> {
  switch (outcome.kind) {
    case 'notice':
      return responder.followUp(noticeOf(outcome.text));
    case 'reply':
      return responder.followUp(outcome.reply);
    case 'replace':
      return responder.fill({ ...outcome.reply, discreet: false });
    case 'delete':
      await responder.remove();
      return undefined;
    case 'choose':
      // Only platforms without lists need this.
      return undefined;
  }
}

function noticeOf(text: string): ReturnType<typeof textReply> {
  return { ...textReply(text), discreet: true };
}
