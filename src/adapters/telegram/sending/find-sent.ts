/**
 * Finds out whether a message was sent when Telegram's answer was lost. No method tells a bot what is in a chat, but an edit
 * that changes nothing does: it is refused with other words for a message of the bot, for one of somebody else, and for none.
 */

import { type BotApi } from '../api/bot-api.ts';
import { CallError, wasRefused } from '../api/call-error.ts';
import { callSteadily } from '../api/call-steadily.ts';
import type { Clock } from '../../../util/clock.ts';
import type { MessageIds } from './message-ids.ts';

/** An edit, without chat and message, that would change nothing of the message that was sent. */
export interface Probe {
  readonly method: 'editMessageReplyMarkup' | 'editMessageCaption';
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface LostSend {
  readonly chat: number;
  /** It is above this one, and every message of the bot in this chat that is above it and not this one is known. */
  readonly after: number;
  /** Calls whose answers were lost; each of them may have sent it. */
  readonly calls: number;
  /** One for each message that it makes. */
  readonly probes: readonly Probe[];
  /** Waits for the chat's turn to edit. */
  readonly turn: () => Promise<void>;
  readonly onFlood: (seconds: number) => void;
  readonly signal: AbortSignal;
}

export type FoundSend =
  /** It was sent, as `ids`. `doubles`: and again, as these. */
  | { readonly kind: 'sent'; readonly ids: readonly number[]; readonly doubles: readonly number[] }
  /** Not up to this id, which is as far as is known; it may be above only if many others wrote and none of it has come in. */
  | { readonly kind: 'none'; readonly upTo: number }
  /** Too many messages of others may be it. */
  | { readonly kind: 'unclear' };

interface Search {
  /** Messages of others that may have come in between; of more, it is not found out. */
  readonly mostProbes: number;
  /** Ids looked at beyond the newest one known, because what others write is known late or never. */
  readonly beyond: number;
}

/** In a chat with a count of its own, where probes count as edits, of which it takes 20 a minute. */
const ALONE: Search = { mostProbes: 60, beyond: 10 };
/** In one that shares its count with all others. */
const SHARED: Search = { mostProbes: 1000, beyond: 30 };
/** The call may still be on its way, and what is known of ids is behind. */
const SETTLE_MS = 1500;
/** While others write, so often for proof of how far to look: a send that began later and came back. */
const MOST_SETTLES = 6;
/** Of one probe: a quarter of an hour without Telegram. */
const PROBE_TRIES = 40;

export interface FindSentDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
}

/** Looks until it is found, or until it must have been. @throws {CallError} when Telegram cannot be asked, or `stopped`. */
export async function findSent(dependencies: FindSentDependencies, lost: LostSend): Promise<FoundSend> {
  const { ids, clock } = dependencies;
  const { chat, after, signal } = lost;
  const { beyond } = searchIn(ids, chat);
  const look = createLook(dependencies, lost);
  const newest = (): number => Math.max(after, ids.last(chat) ?? 0);

  await clock.wait(SETTLE_MS, signal);
  const moment = ids.moment();
  let known = newest();
  const early = await look(after, known);
  if (early) return early;
  for (let settles = 1; ; settles++) {
    await clock.wait(SETTLE_MS, signal);
    const bound = ids.bound(chat, moment);
    if (bound !== undefined) return (await look(known, bound - 1)) ?? { kind: 'none', upTo: bound - 1 };
    const last = newest();
    if (last === known || settles === MOST_SETTLES) break;
    const found = await look(known, last);
    if (found) return found;
    known = last;
  }
  const furthest = known + beyond + ids.underway(chat);
  return (await look(known, furthest)) ?? { kind: 'none', upTo: known };
}

/** Looks for it between two ids, without waiting for it to turn up. */
export function findBetween(
  dependencies: FindSentDependencies,
  lost: LostSend,
  before: number,
): Promise<FoundSend | undefined> {
  return createLook(dependencies, lost)(lost.after, before - 1);
}

// --- Internal helpers ---

function searchIn(ids: MessageIds, chat: number): Search {
  return ids.isAlone(chat) ? ALONE : SHARED;
}

/** Looks at the ids above `from`, up to `to`; undefined when it is none of them. */
function createLook(dependencies: FindSentDependencies, lost: LostSend) {
  const { ids } = dependencies;
  const { chat, probes, calls } = lost;
  const { mostProbes } = searchIn(ids, chat);
  let made = 0;
  return async (from: number, to: number): Promise<FoundSend | undefined> => {
    const found: number[] = [];
    const isPartial = (): boolean => found.length % probes.length > 0;
    // Where one message of an album is, the others follow.
    for (let id = from + 1; id <= to || (isPartial() && id <= found.at(-1)! + probes.length); id++) {
      if (found.length === calls * probes.length) break;
      if (ids.has(chat, id)) continue;
      if (++made > mostProbes) {
        if (found.length === 0) return { kind: 'unclear' };
        break;
      }
      if (await isOurs(dependencies, lost, probes[found.length % probes.length]!, id)) found.push(id);
    }
    if (found.length === 0) return undefined;
    return { kind: 'sent', ids: found.slice(0, probes.length), doubles: found.slice(probes.length) };
  };
}

async function isOurs(
  dependencies: FindSentDependencies,
  { chat, turn, onFlood, signal }: LostSend,
  { method, payload }: Probe,
  id: number,
): Promise<boolean> {
  const whole = { ...payload, chat_id: chat, message_id: id };
  const options = { signal, before: turn, onFlood, tries: PROBE_TRIES };
  try {
    await callSteadily(dependencies, method, whole, options);
    return false; // it did change something, so it was another one of the bot's
  } catch (error) {
    if (wasRefused(error, /not modified/i)) return true;
    if (error instanceof CallError && error.failure === 'refused') return false;
    throw error;
  }
}
