/**
 * Long polling that nothing ends but `stop()`: every failure is waited out. An update is confirmed, by the offset of the next
 * call, only when it is safely kept.
 */

import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { waitAfter } from '../api/call-steadily.ts';
import { POLL_SECONDS } from '../api/limits.ts';
import type { ReceiveUpdate } from './receive-update.ts';
import { ALLOWED_UPDATES, updateIdOf } from './update.ts';

export interface Intake {
  /** Takes nothing new from then on; what was taken is confirmed. Idempotent. */
  stop(): Promise<void>;
}

export interface PollDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly receive: ReceiveUpdate;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'info'>;
}

/** Another poller is named when it has been there this long: at a restart, the old process is gone by then. */
const RIVAL_AFTER_MS = 90_000;
/** So long without a conflict, and it was another one. */
const CONFLICT_OVER_MS = 60_000;
/** How often a lasting failure is told again. */
const TELL_AGAIN_MS = 10 * 60_000;
/** A token that was revoked does not come back, but a new one may be made for the same bot. */
const REFUSED_WAIT_MS = 30_000;

export function startPolling({ api, clock, receive, logger }: PollDependencies): Intake {
  const stopping = new AbortController();
  const { signal } = stopping;
  let offset = 0;
  let confirmed = 0;
  let failures = 0;
  let conflict = { since: 0, last: -Infinity };
  const toldAt = new Map<string, number>();

  async function poll(timeout: number, limit: number, given?: AbortSignal): Promise<readonly unknown[]> {
    const asked = offset;
    const payload = { offset, timeout, limit, allowed_updates: ALLOWED_UPDATES };
    const updates = await api.call('getUpdates', payload, {
      signal: given,
      timeoutMs: (timeout + 15) * 1000,
    });
    confirmed = asked;
    if (!Array.isArray(updates)) {
      throw new CallError({
        method: 'getUpdates',
        failure: 'unknown',
        description: 'expected a list of updates',
      });
    }
    return updates as unknown[];
  }

  async function round(): Promise<void> {
    const updates = await poll(POLL_SECONDS, 100, signal);
    failures = 0;
    const before = offset;
    // In rising order, so that the offset never passes one that is not kept.
    const inOrder = [...updates].sort((a, b) => (updateIdOf(a) ?? 0) - (updateIdOf(b) ?? 0));
    for (const update of inOrder) {
      if (signal.aborted) return; // unconfirmed, so it comes again
      await receive(update);
      const id = updateIdOf(update);
      if (id !== undefined && id >= offset) offset = id + 1;
    }
    // Repeated or nameless ones do not move the offset; without a pause they would be asked for in a tight loop.
    if (updates.length > 0 && offset === before) await clock.wait(1000, signal);
  }

  async function waitOut(error: unknown): Promise<void> {
    if (signal.aborted) return;
    failures++;
    const now = clock.now();
    if (!(error instanceof CallError)) {
      tell(now, error, 'updates could not be kept, so they are asked for again');
      await clock.wait(Math.min(30_000, 1000 * 2 ** (failures - 1)), signal);
    } else if (error.code === 409) {
      if (now - conflict.last > CONFLICT_OVER_MS) conflict = { since: now, last: now };
      conflict.last = now;
      if (now - conflict.since >= RIVAL_AFTER_MS) {
        tell(
          now,
          error,
          'another process polls with the same TELEGRAM_TOKEN: stop it, or give it a bot of its own',
        );
      }
      // Both asking again at once would only knock each other out.
      await clock.wait(Math.min(15_000, 1000 * 2 ** (failures - 1)), signal);
    } else if (error.failure === 'refused') {
      tell(now, error, 'Telegram refuses to hand out updates; is TELEGRAM_TOKEN still valid?');
      await clock.wait(REFUSED_WAIT_MS, signal);
    } else {
      if (failures >= 3)
        tell(now, error, 'Telegram cannot be asked for updates; it is tried again and again');
      await clock.wait(waitAfter(error, failures), signal);
    }
  }

  function tell(now: number, error: unknown, text: string): void {
    if (now - (toldAt.get(text) ?? -Infinity) < TELL_AGAIN_MS) return;
    toldAt.set(text, now);
    logger.error({ reason: error instanceof Error ? error.message : 'unknown', failures }, text);
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        await waitOut(error);
      }
    }
    // A call that confirms nothing new would be held for 3 s by the server.
    if (offset > confirmed) {
      await poll(0, 1).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        logger.warn(
          { reason },
          'the last updates could not be confirmed and will come again; they are known',
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
