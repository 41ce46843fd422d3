/**
 * Finds out whether a message was sent when Telegram's answer was lost. No method tells a bot what is in a chat, but an edit
 * that changes nothing does: it is refused with other words for a message of the bot, for one of somebody else, and for none.
 */

import { type BotApi } from '../api/bot-api.ts';
import { CallError, wasRefused } from '../api/call-error.ts';
import { callSteadily } from '../api/call-steadily.ts';
import type { Clock } from '../../../chat/clock.ts';
import type { MessageIds } from './message-ids.ts';

/** An edit, without chat and message, that would change nothing of the message that was sent. */
export interface Probe {
  readonly method: 'editMessageReplyMarkup' | 'editMessageCaption';
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface LostSend {
  readonly chat: number;
  /** Newest message id known before it was sent. */
  readonly after: number | undefined;
  /** One for each message that it makes. */
  readonly probes: readonly Probe[];
  /** Waits for the chat's turn to edit. */
  readonly turn: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** `ids`: it was sent, as these. `none`: it was not. `unclear`: it may have been. */
export type FoundSend = readonly number[] | 'none' | 'unclear';

interface Search {
  /** Messages of others that may have come in between; of more, it is not found out. */
  readonly mostProbes: number;
  /** Ids looked at beyond the newest one known in the end, because what others write is known late or never. */
  readonly beyond: number;
}

/** In a chat with a count of its own, where probes count as edits. */
const ALONE: Search = { mostProbes: 25, beyond: 10 };
/** In one that shares its count with all others. */
const SHARED: Search = { mostProbes: 200, beyond: 30 };
/** The call may still be on its way, and what is known of ids is behind; it is looked twice, with this pause before each. */
const SETTLE_MS = 1500;

export interface FindSentDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
}

export async function findSent(dependencies: FindSentDependencies, lost: LostSend): Promise<FoundSend> {
  const { ids, clock } = dependencies;
  const { chat, after, probes, signal } = lost;
  const { mostProbes, beyond } = ids.isAlone(chat) ? ALONE : SHARED;
  if (after === undefined) return 'unclear';
  const found: number[] = [];
  let made = 0;
  let id = after + 1;
  for (const further of [0, beyond]) {
    await clock.wait(SETTLE_MS, signal);
    // Fixed for this look: whatever is newer was sent after ours.
    const newest = Math.max(after, ids.last(chat) ?? 0) + further;
    // Where one message of an album is, the others follow.
    for (; id <= Math.max(newest, (found.at(-1) ?? 0) + probes.length); id++) {
      const probe = probes[found.length];
      if (!probe) return found;
      if (ids.has(chat, id)) continue;
      const answer = ++made > mostProbes ? 'unclear' : await ask(dependencies, lost, probe, id);
      if (answer === 'unclear') return orElse(found, 'unclear');
      if (answer === 'ours') found.push(id);
    }
  }
  return orElse(found, 'none');
}

// --- Internal helpers ---

function orElse(found: readonly number[], otherwise: 'none' | 'unclear'): FoundSend {
  return found.length > 0 ? found : otherwise;
}

async function ask(
  dependencies: FindSentDependencies,
  { chat, turn, signal }: LostSend,
  { method, payload }: Probe,
  id: number,
): Promise<'ours' | 'other' | 'unclear'> {
  try {
    const whole = { ...payload, chat_id: chat, message_id: id };
    await callSteadily(dependencies, method, whole, { signal, before: turn });
    // It did change something, so it was another one of the bot's.
    return 'other';
  } catch (error) {
    if (wasRefused(error, /not modified/i)) return 'ours';
    if (error instanceof CallError) return error.failure === 'refused' ? 'other' : 'unclear';
    throw error;
  }
}
