/**
 * Long polling that only `stop()` ends: after every failure it waits and continues. The offset of the next call confirms an
 * update, so it moves on only when the update is safely stored.
 */

import { backoffMs } from '../../../util/backoff.ts';
import type { Clock } from '../../../util/clock.ts';
import { messageOf } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { callBackoffMs } from '../api/call-with-retry.ts';
import { POLL_SECONDS } from '../api/limits.ts';
import { ALLOWED_UPDATES, updateIdOf } from './update.ts';
import type { ReceiveUpdate, UpdateSource } from './update-source.ts';

export interface PollDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly receive: ReceiveUpdate;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** A call that confirms the offset only, without waiting for updates. */
const CONFIRMATION = { timeout: 0, limit: 1 };
const LONG_POLL = { timeout: POLL_SECONDS, limit: 100 };

export function startPolling({ api, clock, receive, logger }: PollDependencies): UpdateSource {
  const stopping = new AbortController();
  const { signal } = stopping;
  const failures = createPollFailures({ clock, logger });
  let offset = 0;
  let confirmed = 0;

  async function poll(
    { timeout, limit }: typeof LONG_POLL,
    callSignal?: AbortSignal,
  ): Promise<readonly unknown[]> {
    const sentOffset = offset;
    const payload = { offset, timeout, limit, allowed_updates: ALLOWED_UPDATES };
    const updates = await api.call('getUpdates', payload, {
      signal: callSignal,
      timeoutMs: (timeout + 15) * 1000,
    });
    confirmed = sentOffset;
    if (!Array.isArray(updates)) {
      const description = 'expected a list of updates';
      throw new CallError({ method: 'getUpdates', failure: 'unknown', description });
    }
    return updates as unknown[];
  }

  async function receiveNext(): Promise<void> {
    const updates = await poll(LONG_POLL, signal);
    failures.reset();
    const before = offset;
    // In rising order, so that the offset never passes an update that is not stored.
    const inOrder = [...updates].sort((a, b) => (updateIdOf(a) ?? 0) - (updateIdOf(b) ?? 0));
    for (const update of inOrder) {
      if (signal.aborted) return; // unconfirmed, so it will be delivered again
      await receive(update);
      const id = updateIdOf(update);
      if (id !== undefined && id >= offset) offset = id + 1;
    }
    // Repeated updates and those without an id do not move the offset. Without a pause they would be polled in a tight loop.
    if (updates.length > 0 && offset === before) await clock.wait(1000, signal);
  }

  async function waitOut(error: unknown): Promise<void> {
    if (!signal.aborted) await clock.wait(failures.waitAfter(error), signal);
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        await receiveNext();
      } catch (error) {
        await waitOut(error);
      }
    }
    // The server would hold a call that confirms nothing new for 3 s.
    if (offset > confirmed) {
      await poll(CONFIRMATION).catch((error: unknown) => {
        logger.warn(
          { reason: messageOf(error) },
          'the last updates could not be confirmed; they will be delivered again and recognized as repeated',
        );
      });
    }
  }

  const looping = loop();
  return {
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}

// --- Internal helpers ---

/** A conflict is logged when it has lasted this long: after a restart, the old process is gone by then. */
const CONFLICT_LOGGED_AFTER_MS = 90_000;
/** After this long without a conflict, the next one counts as new. */
const CONFLICT_OVER_MS = 60_000;
/** How often a lasting failure is logged again. */
const LOG_AGAIN_MS = 10 * 60_000;
/** A revoked token does not become valid again, but a new one may be issued for the same bot. */
const REFUSED_WAIT_MS = 30_000;
const STORE_BACKOFF = { firstMs: 1000, mostMs: 30_000 };
/** Both processes polling again at once would only interrupt each other. */
const CONFLICT_BACKOFF = { firstMs: 1000, mostMs: 15_000 };

interface PollFailures {
  reset(): void;
  /** Logs a failure if it lasts. @returns milliseconds until the next call. */
  waitAfter(error: unknown): number;
}

function createPollFailures({ clock, logger }: Pick<PollDependencies, 'clock' | 'logger'>): PollFailures {
  let failures = 0;
  let conflict = { since: 0, last: -Infinity };
  const loggedAt = new Map<string, number>();

  function logOnceInAWhile(error: unknown, text: string): void {
    const now = clock.now();
    if (now - (loggedAt.get(text) ?? -Infinity) < LOG_AGAIN_MS) return;
    loggedAt.set(text, now);
    logger.error({ reason: messageOf(error), failures }, text);
  }

  function afterConflict(error: CallError): number {
    const now = clock.now();
    if (now - conflict.last > CONFLICT_OVER_MS) conflict = { since: now, last: now };
    conflict.last = now;
    if (now - conflict.since >= CONFLICT_LOGGED_AFTER_MS) {
      logOnceInAWhile(
        error,
        'another process polls with the same TELEGRAM_TOKEN: stop it, or give it a bot of its own',
      );
    }
    return backoffMs(failures, CONFLICT_BACKOFF);
  }

  return {
    reset() {
      failures = 0;
    },
    waitAfter(error) {
      failures++;
      if (!(error instanceof CallError)) {
        logOnceInAWhile(error, 'updates could not be stored, so they are requested again');
        return backoffMs(failures, STORE_BACKOFF);
      }
      if (error.code === 409) return afterConflict(error);
      if (error.failure === 'refused') {
        logOnceInAWhile(error, 'Telegram refuses to deliver updates; is TELEGRAM_TOKEN still valid?');
        return REFUSED_WAIT_MS;
      }
      if (failures >= 3) {
        logOnceInAWhile(error, 'Telegram does not deliver updates; the door keeps trying');
      }
      return callBackoffMs(error, failures);
    },
  };
}
