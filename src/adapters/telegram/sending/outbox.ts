/** Sends replies: one at a time in each chat, within Telegram's rate limits, and each part of a reply exactly once. */

import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { createMutex, type Mutex } from '../../../util/mutex.ts';
import type { BotApi } from '../api/bot-api.ts';
import { stoppedError } from '../api/call-error.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import type { PartState } from './delivery-log.ts';
import type { MessageIds } from './message-ids.ts';
import { createRateLimiter, type RateLimitedCall } from './rate-limiter.ts';
import { createSendPart, type ReplyPart, type SendTarget, type SentMessage } from './send-part.ts';

/** Sends the parts of one reply. No other reply is sent in that chat meanwhile. */
export interface ChatSender {
  /** @throws {CallError} as `SendPart`. */
  send(part: ReplyPart): Promise<readonly SentMessage[]>;
  /** The state of a part, as this process or an earlier one left it. */
  stateOf(part: string): PartState | undefined;
  leaveOut(part: string): void;
  /** The id that the chat has now: a group may have become a supergroup meanwhile. */
  chat(): number;
}

export interface Outbox {
  /** Runs `work` when all earlier work for this chat has ended. */
  inChat<T>(target: SendTarget, work: (sender: ChatSender) => Promise<T>): Promise<T>;
  /** Makes a call that may be made twice (an edit or a deletion) without waiting for replies, and retries it. */
  change(chat: number, method: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** A group became a supergroup. */
  moved(from: number, to: number): void;
}

export interface OutboxDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly logger: Pick<Logger, 'warn'>;
  /** Called when Telegram says that a group became a supergroup. */
  readonly onMoved: (from: number, to: number) => Promise<void>;
  readonly signal: AbortSignal;
}

export function createOutbox({ api, clock, ids, logger, onMoved, signal }: OutboxDependencies): Outbox {
  const limiter = createRateLimiter(clock);
  const movedTo = new Map<number, number>();
  const inTurn = createChatMutexes();
  const onFlood = (chat: number, seconds: number): void => {
    limiter.flooded(chat, seconds);
  };
  const sendPart = createSendPart({
    api,
    clock,
    ids,
    logger,
    onMoved,
    currentChat,
    acquire,
    onFlood,
    signal,
  });

  function currentChat(chat: number): number {
    const next = movedTo.get(chat);
    return next === undefined ? chat : currentChat(next);
  }

  async function acquire(method: string, call: RateLimitedCall): Promise<() => void> {
    const release = await limiter.acquire(call, signal);
    if (signal.aborted) throw stoppedError(method);
    return release;
  }

  return {
    inChat(target, work) {
      const { deliveryLog } = target;
      const sender: ChatSender = {
        send: (part) => sendPart(target, part),
        stateOf: (part) => deliveryLog.stateOf(part),
        leaveOut: (part) => {
          deliveryLog.leftOut(part);
        },
        chat: () => currentChat(target.chat),
      };
      return inTurn(currentChat(target.chat), () => work(sender));
    },

    async change(addressed, method, payload) {
      const chat = currentChat(addressed);
      const kind = method.startsWith('edit') ? 'edit' : 'other';
      const options = {
        signal,
        async before() {
          await acquire(method, { chat, kind, cost: 1 });
        },
        onFlood: (seconds: number) => {
          onFlood(chat, seconds);
        },
      } as const;
      await callWithRetry({ api, clock }, method, { ...payload, chat_id: chat }, options);
    },

    moved(from, to) {
      if (currentChat(to) !== from) movedTo.set(from, to);
    },
  };
}

// --- Internal helpers ---

/** A mutex for each chat in which something is being sent. */
function createChatMutexes(): <T>(chat: number, work: () => Promise<T>) => Promise<T> {
  const open = new Map<number, { readonly mutex: Mutex; users: number }>();
  return async (chat, work) => {
    const entry = open.get(chat) ?? { mutex: createMutex(), users: 0 };
    open.set(chat, entry);
    entry.users++;
    try {
      return await entry.mutex.run(work);
    } finally {
      if (--entry.users === 0) open.delete(chat);
    }
  };
}
