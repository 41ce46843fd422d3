/** The bot's queue of updates and its long polling, with the server's rules for offsets and concurrent polls. */
import type { Update } from '@grammyjs/types';
import { ApiError } from './api-error.ts';
import type { Changes } from './changes.ts';
import type { PlatformClock } from '../clock.ts';
import { limits } from './limits.ts';

export type UpdateKind = Exclude<keyof Update, 'update_id'>;

export interface QueuedUpdate {
  readonly id: number;
  /** The chat it belongs to; a webhook gets the updates of one chat in order. */
  readonly chatId: number;
  readonly update: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export interface Poll {
  readonly offset: number;
  readonly limit: number;
  /** Seconds. */
  readonly timeout: number;
  /** Aborted when the client hangs up. */
  readonly hangUp: AbortSignal;
}

export interface UpdateQueue {
  /** Updates not confirmed yet, oldest first. */
  readonly pending: readonly QueuedUpdate[];
  /** Update ids given out so far, confirmed ones included. */
  readonly lastId: number;
  /** Undefined: all but chat_member and reactions. */
  readonly allowed: readonly string[] | undefined;
  allow(kinds: readonly string[]): void;
  /** Queues an update, unless `allowed_updates` excludes its kind. @returns the id of the update. */
  push(kind: UpdateKind, chatId: number, payload: unknown): number | undefined;
  /** Queues something no Telegram would send; `update_id` is added unless the payload has one. */
  pushRaw(payload: Readonly<Record<string, unknown>>): number;
  /** Delivers an update a second time under its old id, whatever the offset. */
  repeat(id: number): void;
  /** What a webhook still has to push: repeated updates, then the pending ones. */
  readonly deliverable: readonly QueuedUpdate[];
  confirm(entry: QueuedUpdate): void;
  clear(): void;
  poll(request: Poll): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends a hanging poll with 409. */
  interrupt(reason: string): void;
  /** Rejects with 409, at once or, within 3 s of the last one, 3 s later. */
  conflict(reason: string): Promise<never>;
  /** Called after every push. */
  onPush(listener: () => void): void;
}

const otherPoll =
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
const offByDefault: readonly string[] = ['chat_member', 'message_reaction', 'message_reaction_count'];

export function createUpdateQueue(dependencies: {
  clock: PlatformClock;
  changes: Changes;
  /** Hold a poll that repeats its offset within 3 s for 3 s, as the server does against busy loops. */
  holdRepeatedPolls: boolean;
}): UpdateQueue {
  const { clock, changes, holdRepeatedPolls } = dependencies;
  const listeners: (() => void)[] = [];
  const history = new Map<number, QueuedUpdate>();
  let pending: QueuedUpdate[] = [];
  let repeats: QueuedUpdate[] = [];
  let lastId = 481_516_233;
  let allowed: readonly string[] | undefined;
  let hanging: { answer: () => void; fail: (error: ApiError) => void } | undefined;
  let conflictFreeFrom = 0;
  let previous = { offset: NaN, at: -Infinity };

  function enqueue(id: number, chatId: number, update: Readonly<Record<string, unknown>>): number {
    const entry = { id, chatId, update: structuredClone({ update_id: id, ...update }), at: clock.now() };
    pending.push(entry);
    history.set(id, entry);
    wake();
    return id;
  }

  function wake(): void {
    hanging?.answer();
    for (const listener of listeners) listener();
    changes.notify();
  }

  function read(offset: number, limit: number): readonly QueuedUpdate[] {
    const now = clock.now();
    pending = pending.filter(({ at }) => at > now - limits.updateLifetime.value);
    if (offset < 0) pending = pending.slice(offset);
    if (offset > 0 && offset <= lastId + limits.offsetAhead.value) {
      pending = pending.filter(({ id }) => id >= offset);
    }
    return [...repeats, ...pending].slice(0, limit);
  }

  const queue: UpdateQueue = {
    get pending() {
      return pending;
    },
    get lastId() {
      return lastId;
    },
    get allowed() {
      return allowed;
    },
    allow(kinds) {
      allowed = kinds.length === 0 ? undefined : kinds;
    },
    push(kind, chatId, payload) {
      if (allowed === undefined ? offByDefault.includes(kind) : !allowed.includes(kind)) return undefined;
      lastId += 1;
      return enqueue(lastId, chatId, { [kind]: payload });
    },
    pushRaw(payload) {
      lastId += 1;
      return enqueue(lastId, 0, payload);
    },
    repeat(id) {
      const entry = history.get(id);
      if (entry === undefined) throw new Error(`no update ${id} was ever queued`);
      repeats.push({ ...entry });
      wake();
    },
    get deliverable() {
      return [...repeats, ...pending];
    },
    confirm(entry) {
      pending = pending.filter((other) => other !== entry);
      repeats = repeats.filter((other) => other !== entry);
      changes.notify();
    },
    clear() {
      pending = [];
      repeats = [];
    },
    interrupt(reason) {
      hanging?.fail(new ApiError(409, reason));
    },
    conflict(reason) {
      const now = clock.now();
      const error = new ApiError(409, reason);
      if (now >= conflictFreeFrom) {
        conflictFreeFrom = now + limits.conflictSpacing.value;
        return Promise.reject(error);
      }
      return new Promise<never>((_, reject) => {
        clock.after(limits.conflictSpacing.value, () => {
          reject(error);
        });
      });
    },
    async poll({ offset, limit, timeout, hangUp }) {
      const now = clock.now();
      const repeated = offset === previous.offset && now < previous.at + limits.repeatedPollHold.value;
      const hold = holdRepeatedPolls && repeated ? limits.repeatedPollHold.value : 0;
      previous = { offset, at: now };
      let found = read(offset, limit);
      if (found.length === 0 && (timeout > 0 || hold > 0)) {
        queue.interrupt(otherPoll);
        await wait(Math.max(timeout * 1000, hold), hangUp);
        if (hangUp.aborted) return [];
        found = read(offset, limit);
      }
      repeats = repeats.filter((entry) => !found.includes(entry));
      return found.map(({ update }) => update);
    },
    onPush(listener) {
      listeners.push(listener);
    },
  };

  async function wait(milliseconds: number, hangUp: AbortSignal): Promise<void> {
    let interrupted: ApiError | undefined;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        hangUp.removeEventListener('abort', done);
        if (hanging === own) hanging = undefined;
        resolve();
      };
      const cancel = clock.after(milliseconds, done);
      const own = {
        answer: done,
        fail(error: ApiError) {
          interrupted = error;
          done();
        },
      };
      hanging = own;
      hangUp.addEventListener('abort', done);
    });
    if (interrupted !== undefined) await queue.conflict(interrupted.message);
  }

  return queue;
}
