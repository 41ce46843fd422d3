/** Sends one piece of a reply: tried again where nothing had happened, looked for where the answer was lost, in the chat once. */

import { z } from 'zod';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { callSteadily, waitAfter } from '../api/call-steadily.ts';
import { findBetween, findSent, type LostSend, type Probe } from './find-sent.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { MessageIds } from './message-ids.ts';
import type { Step } from './pace.ts';

export interface Sending {
  /** Unique in its reply, the same in every process. */
  readonly piece: string;
  readonly method: string;
  /** Without `chat_id`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** One for each message that it makes: how to find it if Telegram's answer is lost. */
  readonly probes: readonly Probe[];
  /** Lost answers in a row, each with the piece surely not sent, after which it is given up. Default 40. */
  readonly mostLost?: number;
}

export interface SentMessage {
  readonly id: number;
  /** Sizes of its photo; empty when it has none, or when Telegram's answer was lost. */
  readonly photo: readonly { readonly file_id: string; readonly width: number }[];
}

export interface SendTarget {
  /** As it was when somebody asked. */
  readonly chat: number;
  /** A message there that the reply must be above. */
  readonly after: number;
  readonly deliveryLog: DeliveryLog;
}

/** @throws {CallError} `refused`; `unknown` when it may or may not have been sent; `stopped`, and then the deliveryLog says where it was. */
export type SendPiece = (target: SendTarget, sending: Sending) => Promise<readonly SentMessage[]>;

export interface SendPieceDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly logger: Pick<Logger, 'warn'>;
  /** Told when Telegram says that a group became a supergroup. */
  readonly onMoved: (from: number, to: number) => Promise<void>;
  /** Where a chat is now. */
  readonly whereNow: (chat: number) => number;
  /** Waits for the chat's turn and counts it. @throws {CallError} `stopped`. @returns takes it off the count. */
  readonly turn: (method: string, step: Step) => Promise<() => void>;
  readonly onFlood: (chat: number, seconds: number) => void;
  readonly signal: AbortSignal;
}

/** A quarter of an hour of answers that are none. */
const MOST_LOST = 40;
const SEND_TIMEOUT_MS = 60_000;

export function createSendPiece(dependencies: SendPieceDependencies): SendPiece {
  const { api, clock, ids, logger, onMoved, whereNow, turn, onFlood, signal } = dependencies;

  function lostSend({ chat, after, calls }: Lost, { method, probes }: Sending): LostSend {
    return {
      chat,
      after,
      calls,
      probes,
      async turn() {
        await turn(method, { chat, kind: 'edit', cost: 1 });
      },
      onFlood: (seconds) => {
        onFlood(chat, seconds);
      },
      signal,
    };
  }

  /** The messages that a call made whose answer was lost, or up to where there are none. */
  async function lookFor(
    lost: Lost,
    sending: Sending,
    reason: string,
  ): Promise<readonly number[] | { readonly upTo: number }> {
    const found = await findSent(dependencies, lostSend(lost, sending));
    logger.warn(
      { reason, outcome: found.kind },
      'the answer of Telegram was lost, so it was looked for in the chat',
    );
    if (found.kind === 'unclear') throw unanswered(sending.method);
    if (found.kind === 'none') return { upTo: found.upTo };
    await takeBack(lost.chat, found.doubles);
    return found.ids;
  }

  /** Of several that were sent, the oldest one stays. Undefined when there is only the one, or when it cannot be found out. */
  async function withoutDouble(
    lost: Lost,
    sent: readonly SentMessage[],
    sending: Sending,
  ): Promise<readonly SentMessage[] | undefined> {
    const [first] = sent;
    // Of a group that became a supergroup meanwhile, ids say nothing about each other.
    if (!first || whereNow(lost.chat) !== lost.chat) return undefined;
    try {
      const found = await findBetween(dependencies, lostSend(lost, sending), first.id);
      if (found?.kind !== 'sent') return undefined;
      await takeBack(lost.chat, [...found.doubles, ...sent.map(({ id }) => id)]);
      return found.ids.map((id, place) => ({ id, photo: sent[place]?.photo ?? [] }));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      logger.warn({ reason: error.message }, 'whether a message was sent twice could not be found out');
      return undefined;
    }
  }

  async function takeBack(chat: number, messages: readonly number[]): Promise<void> {
    if (messages.length === 0) return;
    await callSteadily(dependencies, 'deleteMessages', { chat_id: chat, message_ids: messages }, { signal });
    for (const id of messages) ids.seen(chat, id);
    logger.warn(
      { messages: messages.length },
      'a message had been sent although it could not be found; the second one was taken back',
    );
  }

  return async (target, sending) => {
    const { deliveryLog } = target;
    const { piece, method, mostLost = MOST_LOST } = sending;

    function done(chat: number, messages: readonly SentMessage[], began: number): readonly SentMessage[] {
      for (const { id } of messages) ids.sent(chat, id, began);
      deliveryLog.sent(
        piece,
        chat,
        messages.map(({ id }) => id),
      );
      return messages;
    }

    const known = deliveryLog.of(piece);
    if (known?.state === 'sent') return withoutPhotos(known.ids);
    /** Calls that may have sent it although it could not be found. */
    let missed: Lost | undefined;
    if (known?.state === 'given') {
      const lost = { chat: known.chat, after: known.after, calls: 1 };
      const found = await lookFor(lost, sending, 'the process ended in the middle of the call');
      if (!('upTo' in found)) return done(known.chat, withoutPhotos(found), 0);
      missed = { ...lost, after: found.upTo };
    }

    for (let attempt = 1; ; attempt++) {
      const chat = whereNow(target.chat);
      const uncount = await turn(method, { chat, kind: 'message', cost: sending.probes.length });
      const after = Math.max(ids.last(chat) ?? 0, chat === target.chat ? target.after : 0);
      await deliveryLog.giving(piece, chat, after);
      const began = ids.moment();
      const arrived = ids.handed(chat, sending.probes.length);
      try {
        const payload = payloadFor(chat, chat === target.chat, sending);
        const result = await api.call(method, payload, { signal, timeoutMs: SEND_TIMEOUT_MS });
        const sent = done(chat, readSent(method, result), began);
        const earlier = missed && (await withoutDouble(missed, sent, sending));
        return earlier ? done(chat, earlier, began) : sent;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (error.failure === 'stopped') throw error; // the deliveryLog has it as given
        if (error.failure === 'unknown') {
          const lost = missed ? { ...missed, calls: missed.calls + 1 } : { chat, after, calls: 1 };
          const found = await lookFor(lost, sending, error.message);
          if (!('upTo' in found)) return done(chat, withoutPhotos(found), began);
          missed = { ...lost, after: found.upTo };
          if (lost.calls >= mostLost) throw error;
        } else if (!missed) {
          await deliveryLog.takenBack(piece);
        }
        uncount();
        await recover(error, chat, attempt);
      } finally {
        arrived();
      }
    }
  };

  /** Until it is time to try again. @throws when there is no use in that. */
  async function recover(error: CallError, chat: number, attempt: number): Promise<void> {
    if (error.failure === 'flood') onFlood(chat, error.retryAfterSeconds);
    else if (error.migratedTo !== undefined) await onMoved(chat, error.migratedTo);
    else if (error.failure === 'refused') throw error;
    else await clock.wait(waitAfter(error, attempt), signal);
  }
}

// --- Internal helpers ---

interface Lost {
  readonly chat: number;
  readonly after: number;
  readonly calls: number;
}

function payloadFor(chat: number, isWhereAsked: boolean, { payload }: Sending): Sending['payload'] {
  // Message ids of a group mean nothing in the supergroup that it became.
  return { ...payload, ...(isWhereAsked ? {} : { reply_parameters: undefined }), chat_id: chat };
}

function withoutPhotos(ids: readonly number[]): SentMessage[] {
  return ids.map((id) => ({ id, photo: [] }));
}

const sentMessage = z.object({
  message_id: z.int(),
  photo: z.array(z.object({ file_id: z.string(), width: z.number() })).optional(),
});

/** Telegram did it, so an answer of an unknown shape is no reason to do it again. */
function readSent(method: string, result: unknown): SentMessage[] {
  const read = z.array(sentMessage).safeParse(Array.isArray(result) ? result : [result]);
  if (!read.success) throw unanswered(method);
  return read.data.map(({ message_id: id, photo = [] }) => ({ id, photo }));
}

function unanswered(method: string): CallError {
  return new CallError({ method, failure: 'unknown', description: 'no answer that names a message' });
}
