/**
 * Everything the bot sends goes through here: one reply at a time in a chat, at Telegram's pace, each piece of it in the chat
 * once.
 */

import { CallError } from '../api/call-error.ts';
import { callSteadily } from '../api/call-steadily.ts';
import type { PieceState } from './delivery-log.ts';
import { createPace, type Step } from './pace.ts';
import {
  createSendPiece,
  type SendPieceDependencies,
  type SendTarget,
  type Sending,
  type SentMessage,
} from './send-piece.ts';

/** The right to send in a chat, held by one reply at a time. */
export interface ChatLine {
  /** @throws {CallError} as `SendPiece` */
  send(sending: Sending): Promise<readonly SentMessage[]>;
  /** What became of a piece so far, in this process or an earlier one. */
  outcome(piece: string): PieceState | undefined;
  leaveOut(piece: string): void;
  /** Where the chat is now: a group may have become a supergroup meanwhile. */
  chat(): number;
}

export interface Outbox {
  /** Runs `work` when all that was asked for this chat before has ended. */
  inChat<T>(target: SendTarget, work: (line: ChatLine) => Promise<T>): Promise<T>;
  /** An edit or a deletion, outside of the line: may be made twice, so it is tried until it is through. */
  change(chat: number, method: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** A group became a supergroup. */
  moved(from: number, to: number): void;
}

export type OutboxDependencies = Omit<SendPieceDependencies, 'whereNow' | 'turn' | 'onFlood'>;

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { clock, signal } = dependencies;
  const pace = createPace(clock);
  const lines = new Map<number, Promise<unknown>>();
  const movedTo = new Map<number, number>();
  const onFlood = (chat: number, seconds: number): void => {
    pace.flooded(chat, seconds);
  };
  const sendPiece = createSendPiece({ ...dependencies, whereNow, turn, onFlood });

  function whereNow(chat: number): number {
    const next = movedTo.get(chat);
    return next === undefined ? chat : whereNow(next);
  }

  async function turn(method: string, step: Step): Promise<() => void> {
    const uncount = await pace.turn(step, signal);
    if (signal.aborted) throw new CallError({ method, failure: 'stopped', description: 'the door stops' });
    return uncount;
  }

  return {
    async inChat(target, work) {
      const { deliveryLog } = target;
      const chat = whereNow(target.chat);
      const line: ChatLine = {
        send: (sending) => sendPiece(target, sending),
        outcome: (piece) => deliveryLog.of(piece),
        leaveOut: (piece) => {
          deliveryLog.leftOut(piece);
        },
        chat: () => whereNow(target.chat),
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

    async change(asked, method, payload) {
      const chat = whereNow(asked);
      const kind = method.startsWith('edit') ? 'edit' : 'call';
      await callSteadily(
        dependencies,
        method,
        { ...payload, chat_id: chat },
        {
          signal,
          async before() {
            await turn(method, { chat, kind, cost: 1 });
          },
          onFlood: (seconds) => {
            onFlood(chat, seconds);
          },
        },
      );
    },

    moved(from, to) {
      if (whereNow(to) !== from) movedTo.set(from, to);
    },
  };
}
