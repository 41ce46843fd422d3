/**
 * The state of each part of one reply (its album, each of its texts). It is stored with the reply, so that a part is sent exactly
 * once even if Telegram's answer is lost or the process dies.
 */

/** Stored: the names and states stay as earlier versions wrote them. */
export type PartState =
  /** Passed to Telegram, which may have sent it, as messages of that chat with ids greater than `after`. */
  | { readonly state: 'given'; readonly chat: number; readonly after: number }
  /** Is in the chat. */
  | { readonly state: 'sent'; readonly chat: number; readonly ids: readonly number[] }
  /** Could not be sent. The reply goes without it. */
  | { readonly state: 'left-out' };

/** By the name of the part. */
export type PartStates = Readonly<Record<string, PartState>>;

export interface DeliveryLog {
  stateOf(part: string): PartState | undefined;
  /** Resolves when it is stored. Only then may the part be passed to Telegram. */
  starting(part: string, chat: number, after: number): Promise<void>;
  /** Telegram certainly did not send the part. */
  notSent(part: string): Promise<void>;
  /** Stored with the next part: a process that dies before that finds this one as given, searches for it, and finds it. */
  sent(part: string, chat: number, ids: readonly number[]): void;
  /** Stored with the next part. */
  leftOut(part: string): void;
  states(): PartStates;
}

/** @param store writes all states. */
export function createDeliveryLog(
  earlier: PartStates,
  store: (states: PartStates) => Promise<void>,
): DeliveryLog {
  const states = new Map<string, PartState>(Object.entries(earlier));
  const all = (): PartStates => Object.fromEntries(states);
  return {
    stateOf: (part) => states.get(part),
    async starting(part, chat, after) {
      // At a second try the message may be that of either try, so the first `after` stays.
      if (states.get(part)?.state === 'given') return;
      states.set(part, { state: 'given', chat, after });
      await store(all());
    },
    async notSent(part) {
      states.delete(part);
      await store(all());
    },
    sent(part, chat, ids) {
      states.set(part, { state: 'sent', chat, ids });
    },
    leftOut(part) {
      states.set(part, { state: 'left-out' });
    },
    states: all,
  };
}
