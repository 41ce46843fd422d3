/**
 * Everything the bot sends goes through here: one reply at a time in a chat, at Telegram's pace, tried again where nothing
 * had happened, looked for where the answer was lost, and never knowingly sent twice.
 */

import type { Clock } from '../../../chat/clock.ts';
import type { Logger } from '../../../logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { callSteadily, waitAfter } from '../api/call-steadily.ts';
import { findSent, type Probe } from './find-sent.ts';
import type { MessageIds } from './message-ids.ts';
import { createPace, type Step } from './pace.ts';
import { z } from 'zod';

export interface Sending {
  /** Without `chat_id`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** One for each message that it makes: how to find it if Telegram's answer is lost. */
  readonly probes: readonly Probe[];
}

export interface SentMessage {
  readonly id: number;
  /** Sizes of its photo; empty when it has none, or when Telegram's answer was lost. */
  readonly photo: readonly { readonly file_id: string; readonly width: number }[];
}

/** The right to send in a chat, held by one reply at a time. */
export interface ChatLine {
  /** @throws {CallError} `unknown` when it may or may not have been sent. */
  send(method: string, sending: Sending): Promise<readonly SentMessage[]>;
  /** An edit or a deletion: may be made twice, so it is tried until it is through. */
  change(method: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** Where the chat is now: a group may have become a supergroup meanwhile. */
  chat(): number;
  /** Whether anything was sent through this line, or may have been. */
  touched(): boolean;
}

export interface Outbox {
  /**
   * Runs `work` when all that was asked for this chat before has ended.
   * @param beforeFirst runs once, when the first message is about to leave.
   */
  inChat<T>(
    chat: number,
    work: (line: ChatLine) => Promise<T>,
    beforeFirst?: () => Promise<void>,
  ): Promise<T>;
  /** A change outside of the line, such as an edit that shows progress. */
  change(chat: number, method: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** A group became a supergroup. */
  moved(from: number, to: number): void;
}

export interface OutboxDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly logger: Pick<Logger, 'warn'>;
  /** Told when Telegram says that a group became a supergroup. */
  readonly onMoved: (from: number, to: number) => Promise<void>;
  /** Aborted when the door gives up waiting; what waits then fails as `stopped`. */
  readonly signal: AbortSignal;
}

/** A quarter of an hour without a connection. */
const MOST_UNREACHABLE = 35;
const MOST_LOST = 6;
const SEND_TIMEOUT_MS = 60_000;

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { api, clock, ids, logger, onMoved, signal } = dependencies;
  const pace = createPace(clock);
  const lines = new Map<number, Promise<unknown>>();
  const movedTo = new Map<number, number>();

  function whereNow(chat: number): number {
    const next = movedTo.get(chat);
    return next === undefined ? chat : whereNow(next);
  }

  async function turn(method: string, step: Step): Promise<() => void> {
    const uncount = await pace.turn(step, signal);
    if (signal.aborted) throw new CallError({ method, failure: 'stopped', description: 'the door stops' });
    return uncount;
  }

  async function send(
    asked: number,
    method: string,
    sending: Sending,
    beforeCall: () => Promise<void>,
  ): Promise<readonly SentMessage[]> {
    for (let attempt = 1; ; attempt++) {
      const chat = whereNow(asked);
      const uncount = await turn(method, { chat, kind: 'message', cost: sending.probes.length });
      const after = ids.last(chat);
      await beforeCall();
      try {
        const payload = payloadFor(chat, chat === asked, sending);
        const result = await api.call(method, payload, { signal, timeoutMs: SEND_TIMEOUT_MS });
        return noted(chat, readSent(method, result));
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (error.failure !== 'unknown') uncount();
        const found = await recover(error, { method, chat, attempt, after, sending });
        if (found) return noted(chat, found);
        uncount(); // which may be done twice
      }
    }
  }

  /** What was sent although the call failed; undefined: nothing was, and it is time to try again. */
  async function recover(error: CallError, attempted: Attempt): Promise<readonly SentMessage[] | undefined> {
    const { method, chat, attempt } = attempted;
    if (error.failure === 'stopped') throw lost(method); // in the middle of the call
    if (error.failure === 'flood') {
      pace.flooded(chat, error.retryAfterSeconds);
    } else if (error.migratedTo !== undefined) {
      await onMoved(chat, error.migratedTo);
    } else if (error.failure === 'unreachable' && attempt < MOST_UNREACHABLE) {
      await clock.wait(waitAfter(error, attempt), signal);
    } else if (error.failure === 'unknown' && attempt < MOST_LOST) {
      return lookFor(error, attempted);
    } else {
      throw error;
    }
    return undefined;
  }

  async function lookFor(
    error: CallError,
    { method, chat, after, sending: { probes } }: Attempt,
  ): Promise<readonly SentMessage[] | undefined> {
    const found = await findSent(dependencies, {
      chat,
      after,
      probes,
      async turn() {
        await turn(method, { chat, kind: 'edit', cost: 1 });
      },
      signal,
    });
    const outcome = typeof found === 'string' ? found : 'sent';
    logger.warn(
      { reason: error.message, outcome },
      'the answer of Telegram was lost, so it was looked for in the chat',
    );
    if (found === 'unclear') throw error;
    return found === 'none' ? undefined : found.map((id) => ({ id, photo: [] }));
  }

  function noted(chat: number, sent: readonly SentMessage[]): readonly SentMessage[] {
    for (const { id } of sent) ids.seen(chat, id);
    return sent;
  }

  async function change(asked: number, method: string, payload: Sending['payload']): Promise<void> {
    const chat = whereNow(asked);
    const kind = method.startsWith('edit') ? 'edit' : 'call';
    await callSteadily(
      { api, clock },
      method,
      { ...payload, chat_id: chat },
      {
        signal,
        async before() {
          await turn(method, { chat, kind, cost: 1 });
        },
        onFlood: (seconds) => {
          pace.flooded(chat, seconds);
        },
      },
    );
  }

  return {
    async inChat(asked, work, beforeFirst) {
      const chat = whereNow(asked);
      let begun = false;
      let sent = false;
      let mayBeSent = false;
      const beforeCall = async (): Promise<void> => {
        if (!begun) await beforeFirst?.();
        begun = true;
      };
      const line: ChatLine = {
        async send(method, sending) {
          try {
            const messages = await send(asked, method, sending, beforeCall);
            sent = true;
            return messages;
          } catch (error) {
            if (!(error instanceof CallError) || error.failure === 'unknown') mayBeSent = true;
            throw error;
          }
        },
        change: (method, payload) => change(asked, method, payload),
        chat: () => whereNow(asked),
        touched: () => sent || mayBeSent,
      };
      const before = lines.get(chat) ?? Promise.resolve();
      const working = before.then(() => work(line));
      const settled = working.catch(() => undefined);
      lines.set(chat, settled);
      try {
        return await working;
      } finally {
        if (lines.get(chat) === settled) lines.delete(chat);
      }
    },
    change,
    moved(from, to) {
      if (whereNow(to) !== from) movedTo.set(from, to);
    },
  };
}

// --- Internal helpers ---

interface Attempt {
  readonly method: string;
  readonly chat: number;
  /** From 1. */
  readonly attempt: number;
  /** Newest message id known before it. */
  readonly after: number | undefined;
  readonly sending: Sending;
}

function payloadFor(chat: number, isWhereAsked: boolean, { payload }: Sending): Sending['payload'] {
  // Message ids of a group mean nothing in the supergroup that it became.
  return { ...payload, ...(isWhereAsked ? {} : { reply_parameters: undefined }), chat_id: chat };
}

const sentMessage = z.object({
  message_id: z.int(),
  photo: z.array(z.object({ file_id: z.string(), width: z.number() })).optional(),
});

/** Telegram did it, so an answer of an unknown shape is no reason to do it again. */
function readSent(method: string, result: unknown): SentMessage[] {
  const read = z.array(sentMessage).safeParse(Array.isArray(result) ? result : [result]);
  if (!read.success) {
    throw lost(method);
  }
  return read.data.map(({ message_id: id, photo = [] }) => ({ id, photo }));
}

function lost(method: string): CallError {
  return new CallError({ method, failure: 'unknown', description: 'no answer that names a message' });
}
