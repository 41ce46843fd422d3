/** A pressed button or a chosen option: acknowledged in time, then done. */

import type { Clock } from '../../../util/clock.ts';
import type { Conversation, ClickOutcome } from '../../../chat/conversation.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import { textReply } from '../../../chat/reply.ts';
import { SOON_MS } from '../api/limits.ts';
import { handleOf } from '../rendering/component-rows.ts';
import type { Sent } from '../sending/respond-to-message.ts';
import type { ComponentUse, Responder } from '../sending/respond-to-interaction.ts';
import type { Job } from './jobs.ts';
import type { Origins } from './origin.ts';

export interface ComponentHandlerDependencies {
  readonly conversation: Pick<Conversation, 'click'>;
  readonly origins: Origins;
  readonly clock: Clock;
}

export type ComponentHandler = (use: ComponentUse, responder: Responder, job: Job) => Promise<void>;

export function createComponentHandler({
  conversation,
  origins,
  clock,
}: ComponentHandlerDependencies): ComponentHandler {
  return async (use, responder, job) => {
    const value = use.isStringSelectMenu() ? use.values[0] : undefined;
    const working = conversation.click({
      origin: origins.ofInteraction(use),
      handle: handleOf(use.customId),
      ...(value !== undefined && { value }),
    });
    // What is known soon can choose its own form; otherwise the press is taken first, without a sign.
    const early = await firstWithin(working, SOON_MS, clock);
    if (!early) await responder.deferUpdate();
    const outcome = early ?? (await working);
    if (!job.claim()) return;
    const sent = early ? await showFirst(outcome, responder) : await showLate(outcome, responder);
    await sent?.follow();
  };
}

// --- Internal helpers ---

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
      return showLate(outcome, responder);
  }
}

/** After `deferUpdate`. */
async function showLate(outcome: ClickOutcome, responder: Responder): Promise<Sent | undefined> {
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
      // Only doors without lists are offered this.
      return undefined;
  }
}

function noticeOf(text: string): ReturnType<typeof textReply> {
  return { ...textReply(text), discreet: true };
}
