/**
 * Finds out whether a message was sent when Telegram's answer was lost. No method shows a bot what is in a chat, but an edit that
 * changes nothing does: its refusal is worded differently for a message of the bot, for one of somebody else, and for no message.
 */

import type { Clock } from '../../../util/clock.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError, wasRefused } from '../api/call-error.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import type { MessageIds } from './message-ids.ts';

/** An edit, without chat and message, that would change nothing of the message that was sent. */
export interface Probe {
  readonly method: 'editMessageReplyMarkup' | 'editMessageCaption';
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface LostSend {
  readonly chat: number;
  /** Search only ids greater than this. Every other message of the bot above it in this chat is already known. */
  readonly after: number;
  /** Calls whose answers were lost. Each of them may have sent the message. */
  readonly calls: number;
  /** One for each message of the part. */
  readonly probes: readonly Probe[];
  /** Waits until the rate limits allow an edit. */
  readonly beforeProbe: () => Promise<void>;
  readonly onFlood: (seconds: number) => void;
  readonly signal: AbortSignal;
}

export type FoundSend =
  /** It was sent as `ids`, and if it was sent again, also as `duplicates`. */
  | { readonly kind: 'sent'; readonly ids: readonly number[]; readonly duplicates: readonly number[] }
  /** It is not among the ids up to `upTo`, the last one known. It may be above only if many unseen messages came in between. */
  | { readonly kind: 'none'; readonly upTo: number }
  /** Too many messages of others may be it. */
  | { readonly kind: 'unclear' };

export interface FindSentDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
}

interface SearchLimits {
  /** Unknown ids to probe. With more in between, the search gives up. */
  readonly maxProbes: number;
  /** Ids to probe beyond the newest known one, because messages of others are seen late or never. */
  readonly beyond: number;
}

/** In a chat with its own sequence of ids, where probes count as edits: 20 a minute are allowed. */
const OWN_SEQUENCE: SearchLimits = { maxProbes: 60, beyond: 10 };
/** In a chat that shares the sequence of the bot's account. */
const SHARED_SEQUENCE: SearchLimits = { maxProbes: 1000, beyond: 30 };
/** The call may still be on its way, and updates arrive late. */
const SETTLE_MS = 1500;
/** While others write: how often to wait for a later call of the bot to return, because its id bounds the search. */
const MAX_SETTLES = 6;
/** Tries of one probe: a quarter of an hour without Telegram. */
const PROBE_TRIES = 40;

/** Searches until the message is found, or until it must have been. @throws {CallError} when Telegram does not answer, or `stopped`. */
export async function findSent(dependencies: FindSentDependencies, lost: LostSend): Promise<FoundSend> {
  const { ids, clock } = dependencies;
  const { chat, after, signal } = lost;
  const { beyond } = limitsIn(ids, chat);
  const searchBetween = createSearch(dependencies, lost);
  const newest = (): number => Math.max(after, ids.newest(chat) ?? 0);

  await clock.wait(SETTLE_MS, signal);
  const call = ids.nextCall();
  let searched = newest();
  const early = await searchBetween(after, searched);
  if (early) return early;
  for (let settles = 1; ; settles++) {
    await clock.wait(SETTLE_MS, signal);
    const bound = ids.upperBound(chat, call);
    if (bound !== undefined) {
      return (await searchBetween(searched, bound - 1)) ?? { kind: 'none', upTo: bound - 1 };
    }
    const last = newest();
    if (last === searched || settles === MAX_SETTLES) break;
    const found = await searchBetween(searched, last);
    if (found) return found;
    searched = last;
  }
  const furthest = searched + beyond + ids.inFlight(chat);
  return (await searchBetween(searched, furthest)) ?? { kind: 'none', upTo: searched };
}

/** Searches the ids between `lost.after` and `before` once, without waiting. */
export function findBetween(
  dependencies: FindSentDependencies,
  lost: LostSend,
  before: number,
): Promise<FoundSend | undefined> {
  return createSearch(dependencies, lost)(lost.after, before - 1);
}

// --- Internal helpers ---

function limitsIn(ids: MessageIds, chat: number): SearchLimits {
  return ids.hasOwnSequence(chat) ? OWN_SEQUENCE : SHARED_SEQUENCE;
}

/** Searches the ids above `from`, up to `to`. Undefined when it is none of them. */
function createSearch(dependencies: FindSentDependencies, lost: LostSend) {
  const { ids } = dependencies;
  const { chat, probes, calls } = lost;
  const { maxProbes } = limitsIn(ids, chat);
  let probed = 0;
  return async (from: number, to: number): Promise<FoundSend | undefined> => {
    const found: number[] = [];
    const isPartial = (): boolean => found.length % probes.length > 0;
    // Where one message of an album is, the others follow.
    for (let id = from + 1; id <= to || (isPartial() && id <= found.at(-1)! + probes.length); id++) {
      if (found.length === calls * probes.length) break;
      if (ids.has(chat, id)) continue;
      if (++probed > maxProbes) {
        if (found.length === 0) return { kind: 'unclear' };
        break;
      }
      if (await isOurs(dependencies, lost, probes[found.length % probes.length]!, id)) found.push(id);
    }
    if (found.length === 0) return undefined;
    return { kind: 'sent', ids: found.slice(0, probes.length), duplicates: found.slice(probes.length) };
  };
}

async function isOurs(
  { api, clock }: FindSentDependencies,
  { chat, beforeProbe, onFlood, signal }: LostSend,
  { method, payload }: Probe,
  id: number,
): Promise<boolean> {
  const whole = { ...payload, chat_id: chat, message_id: id };
  const options = { signal, before: beforeProbe, onFlood, tries: PROBE_TRIES };
  try {
    await callWithRetry({ api, clock }, method, whole, options);
    return false; // the edit changed something, so it was another message of the bot
  } catch (error) {
    if (wasRefused(error, /not modified/i)) return true;
    if (error instanceof CallError && error.failure === 'refused') return false;
    throw error;
  }
}
