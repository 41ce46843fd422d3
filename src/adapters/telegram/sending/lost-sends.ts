/** Recovers from lost answers: finds the messages that a call may have sent, and deletes duplicates. */

import type { Logger } from '../../../util/logger.ts';
import { CallError } from '../api/call-error.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import { findBetween, findSent, type FindSentDependencies, type LostSend, type Probe } from './find-sent.ts';
import type { RateLimitedCall } from './rate-limiter.ts';

/** A part whose sending call was made and whose answer was lost. */
export interface LostPart {
  readonly chat: number;
  /** Its messages have ids greater than this. */
  readonly after: number;
  /** Calls whose answers were lost. */
  readonly calls: number;
}

export interface SearchedPart {
  readonly method: string;
  /** One for each message of the part. */
  readonly probes: readonly Probe[];
}

export interface LostSends {
  /**
   * The ids of the messages, or the id up to which there are none. Deletes duplicates.
   * @throws {CallError} `unknown` when it cannot be found out, or `stopped`.
   */
  find(
    lost: LostPart,
    part: SearchedPart,
    reason: string,
  ): Promise<readonly number[] | { readonly upTo: number }>;
  /**
   * Searches again for the messages of earlier calls, below those of a later call that returned, and deletes the later ones
   * if there are earlier ones.
   * @returns the earlier messages. Undefined when there are none, or when it cannot be found out.
   */
  replaceDuplicate(
    lost: LostPart,
    sent: readonly number[],
    part: SearchedPart,
  ): Promise<readonly number[] | undefined>;
}

export interface LostSendsDependencies extends FindSentDependencies {
  readonly logger: Pick<Logger, 'warn'>;
  /** Waits until the rate limits allow the call, and counts it. */
  readonly acquire: (method: string, call: RateLimitedCall) => Promise<unknown>;
  readonly onFlood: (chat: number, seconds: number) => void;
  readonly signal: AbortSignal;
}

export function createLostSends({
  api,
  clock,
  ids,
  logger,
  acquire,
  onFlood,
  signal,
}: LostSendsDependencies): LostSends {
  const searching = { api, clock, ids };

  function lostSend({ chat, after, calls }: LostPart, { method, probes }: SearchedPart): LostSend {
    return {
      chat,
      after,
      calls,
      probes,
      async beforeProbe() {
        await acquire(method, { chat, kind: 'edit', cost: 1 });
      },
      onFlood: (seconds) => {
        onFlood(chat, seconds);
      },
      signal,
    };
  }

  async function deleteDuplicates(chat: number, messages: readonly number[]): Promise<void> {
    if (messages.length === 0) return;
    const payload = { chat_id: chat, message_ids: messages };
    await callWithRetry({ api, clock }, 'deleteMessages', payload, { signal });
    for (const id of messages) ids.seen(chat, id);
    logger.warn(
      { messages: messages.length },
      'a message was sent twice because its first copy was not found at once; the second copy was deleted',
    );
  }

  return {
    async find(lost, part, reason) {
      const found = await findSent(searching, lostSend(lost, part));
      logger.warn(
        { reason, outcome: found.kind },
        "Telegram's answer was lost, so the chat was searched for the message",
      );
      if (found.kind === 'unclear') throw unknownOutcome(part.method);
      if (found.kind === 'none') return { upTo: found.upTo };
      await deleteDuplicates(lost.chat, found.duplicates);
      return found.ids;
    },

    async replaceDuplicate(lost, sent, part) {
      const [first] = sent;
      if (first === undefined) return undefined;
      try {
        const found = await findBetween(searching, lostSend(lost, part), first);
        if (found?.kind !== 'sent') return undefined;
        await deleteDuplicates(lost.chat, [...found.duplicates, ...sent]);
        return found.ids;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        logger.warn({ reason: error.message }, 'it could not be found out whether a message was sent twice');
        return undefined;
      }
    },
  };
}

/** The call may or may not have sent its messages. */
export function unknownOutcome(method: string): CallError {
  return new CallError({ method, failure: 'unknown', description: 'no answer that names a message' });
}
