/**
 * Sends one part of a reply, so that it is in the chat exactly once: a call that failed before it had an effect is retried, and
 * after a call whose answer was lost the chat is searched.
 */

import { z } from 'zod';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { callBackoffMs } from '../api/call-with-retry.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Probe } from './find-sent.ts';
import { createLostSends, type LostPart, unknownOutcome } from './lost-sends.ts';
import type { MessageIds } from './message-ids.ts';
import type { RateLimitedCall } from './rate-limiter.ts';

export interface ReplyPart {
  /** Unique in its reply, and the same in every process. */
  readonly name: string;
  readonly method: string;
  /** Without `chat_id`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** One for each message of the part: how to find it if Telegram's answer is lost. */
  readonly probes: readonly Probe[];
  /** Give up after this many lost answers in a row, if the part was certainly not sent. Default 40. */
  readonly maxLost?: number;
}

export interface SentMessage {
  readonly id: number;
  /** Sizes of its photo. Empty when it has none, or when Telegram's answer was lost. */
  readonly photo: readonly { readonly file_id: string; readonly width: number }[];
}

export interface SendTarget {
  /** As it was when somebody asked. */
  readonly chat: number;
  /** A message of that chat which is older than the reply. */
  readonly after: number;
  readonly deliveryLog: DeliveryLog;
}

/** @throws {CallError} `refused`; `unknown` when it may or may not have been sent; `stopped`, and then the delivery log has its state. */
export type SendPart = (target: SendTarget, part: ReplyPart) => Promise<readonly SentMessage[]>;

export interface SendPartDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly logger: Pick<Logger, 'warn'>;
  /** Called when Telegram says that a group became a supergroup. */
  readonly onMoved: (from: number, to: number) => Promise<void>;
  /** The id that a chat has now. */
  readonly currentChat: (chat: number) => number;
  /** Waits until the rate limits allow the call, and counts it. @throws {CallError} `stopped`. @returns removes it from the count. */
  readonly acquire: (method: string, call: RateLimitedCall) => Promise<() => void>;
  readonly onFlood: (chat: number, seconds: number) => void;
  readonly signal: AbortSignal;
}

/** A quarter of an hour of lost answers. */
const MAX_LOST = 40;
const SEND_TIMEOUT_MS = 60_000;

export function createSendPart(dependencies: SendPartDependencies): SendPart {
  const { api, clock, ids, logger, currentChat, acquire, onFlood, signal } = dependencies;
  const lostSends = createLostSends({ api, clock, ids, logger, acquire, onFlood, signal });

  function recordSent(
    { deliveryLog }: SendTarget,
    { name }: ReplyPart,
    chat: number,
    messages: readonly SentMessage[],
    call: number,
  ): readonly SentMessage[] {
    for (const { id } of messages) ids.sent(chat, id, call);
    const sentIds = messages.map(({ id }) => id);
    deliveryLog.sent(name, chat, sentIds);
    return messages;
  }

  /** What an earlier process sent of the part. */
  async function recoverEarlier(target: SendTarget, part: ReplyPart): Promise<Attempt> {
    const known = target.deliveryLog.stateOf(part.name);
    if (known?.state === 'sent') return { sent: withoutPhotos(known.ids) };
    if (known?.state !== 'given') return { missed: undefined };
    const lost = { chat: known.chat, after: known.after, calls: 1 };
    const found = await lostSends.find(lost, part, 'the process ended during the call');
    if ('upTo' in found) return { missed: { ...lost, after: found.upTo } };
    return { sent: recordSent(target, part, known.chat, withoutPhotos(found), 0) };
  }

  /** Of several copies that were sent, the oldest one stays. */
  async function withoutDuplicate(
    lost: LostPart,
    sent: readonly SentMessage[],
    part: ReplyPart,
  ): Promise<readonly SentMessage[] | undefined> {
    // If the group became a supergroup meanwhile, the ids cannot be compared.
    if (currentChat(lost.chat) !== lost.chat) return undefined;
    const earlier = await lostSends.replaceDuplicate(
      lost,
      sent.map(({ id }) => id),
      part,
    );
    return earlier?.map((id, place) => ({ id, photo: sent[place]?.photo ?? [] }));
  }

  /**
   * One call. If it fails, waits until it makes sense to try again.
   * @param missed calls that may have sent the part although it was not found.
   * @throws {CallError} when it does not make sense to try again.
   */
  async function attempt(
    target: SendTarget,
    part: ReplyPart,
    missed: LostPart | undefined,
    number: number,
  ): Promise<Attempt> {
    const { deliveryLog } = target;
    const { name, method, probes, maxLost = MAX_LOST } = part;
    const chat = currentChat(target.chat);
    const release = await acquire(method, { chat, kind: 'message', cost: probes.length });
    const after = Math.max(ids.newest(chat) ?? 0, chat === target.chat ? target.after : 0);
    await deliveryLog.starting(name, chat, after);
    const call = ids.nextCall();
    const endSending = ids.startSending(chat, probes.length);
    try {
      const payload = payloadFor(chat, chat === target.chat, part);
      const result = await api.call(method, payload, { signal, timeoutMs: SEND_TIMEOUT_MS });
      const sent = recordSent(target, part, chat, readSent(method, result), call);
      const earlier = missed && (await withoutDuplicate(missed, sent, part));
      return { sent: earlier ? recordSent(target, part, chat, earlier, call) : sent };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.failure === 'stopped') throw error; // the delivery log has it as given
      let stillMissed = missed;
      if (error.failure === 'unknown') {
        const lost = missed ? { ...missed, calls: missed.calls + 1 } : { chat, after, calls: 1 };
        const found = await lostSends.find(lost, part, error.message);
        if (!('upTo' in found)) return { sent: recordSent(target, part, chat, withoutPhotos(found), call) };
        if (lost.calls >= maxLost) throw error;
        stillMissed = { ...lost, after: found.upTo };
      } else if (!missed) {
        await deliveryLog.notSent(name);
      }
      release();
      await recover(dependencies, error, chat, number);
      return { missed: stillMissed };
    } finally {
      endSending();
    }
  }

  return async (target, part) => {
    let outcome = await recoverEarlier(target, part);
    for (let number = 1; ; number++) {
      if ('sent' in outcome) return outcome.sent;
      outcome = await attempt(target, part, outcome.missed, number);
    }
  };
}

// --- Internal helpers ---

/** `missed`: calls that may have sent the part although it was not found. */
type Attempt = { readonly sent: readonly SentMessage[] } | { readonly missed: LostPart | undefined };

/** Waits until it makes sense to try again. @throws the error when it does not. */
async function recover(
  { clock, onMoved, onFlood, signal }: SendPartDependencies,
  error: CallError,
  chat: number,
  failures: number,
): Promise<void> {
  if (error.failure === 'flood') onFlood(chat, error.retryAfterSeconds);
  else if (error.migratedTo !== undefined) await onMoved(chat, error.migratedTo);
  else if (error.failure === 'refused') throw error;
  else await clock.wait(callBackoffMs(error, failures), signal);
}

function payloadFor(chat: number, isOriginalChat: boolean, { payload }: ReplyPart): ReplyPart['payload'] {
  // Message ids of a group are meaningless in the supergroup that it became.
  return { ...payload, ...(isOriginalChat ? {} : { reply_parameters: undefined }), chat_id: chat };
}

function withoutPhotos(ids: readonly number[]): SentMessage[] {
  return ids.map((id) => ({ id, photo: [] }));
}

const sentMessage = z.object({
  message_id: z.int(),
  photo: z.array(z.object({ file_id: z.string(), width: z.number() })).optional(),
});

/** Telegram did send it, so an answer of an unknown shape is treated like a lost one, and not as a reason to send again. */
function readSent(method: string, result: unknown): SentMessage[] {
  const read = z.array(sentMessage).safeParse(Array.isArray(result) ? result : [result]);
  if (!read.success) throw unknownOutcome(method);
  return read.data.map(({ message_id: id, photo = [] }) => ({ id, photo }));
}
