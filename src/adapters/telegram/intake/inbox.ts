/**
 * What was accepted and is not answered yet, in the store: an update counts as received only once it is here, and is taken up
 * again when the process died. Finished ones are remembered as long as Telegram may deliver them again.
 */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import { entriesOf } from '../../../store/store.ts';
import { UPDATE_LIFETIME_MS } from '../api/limits.ts';
import type { Request } from './request.ts';

export type StoredUpdate =
  | { readonly state: 'accepted'; readonly request: Request }
  /** The answer is there and nothing of it was sent. */
  | { readonly state: 'replied'; readonly request: Request; readonly reply: Reply }
  /** Some of it may have been sent. A process that dies now leaves it, rather than have it sent twice. */
  | { readonly state: 'sending' }
  | { readonly state: 'done' };

export interface Leftover {
  readonly update: number;
  readonly request: Request;
  readonly reply: Reply | undefined;
}

/** One request has several updates when it is an album. */
export interface Inbox {
  /** False when this update is known already. */
  accept(update: number, request: Request): Promise<boolean>;
  replied(updates: readonly number[], request: Request, reply: Reply): Promise<void>;
  sending(updates: readonly number[]): Promise<void>;
  done(updates: readonly number[]): Promise<void>;
  /** What an earlier process left, oldest first, and how many it may have answered in part. */
  leftovers(): Promise<{ readonly open: readonly Leftover[]; readonly cutOff: number }>;
  /** Deletes what has expired, from stores that keep it until somebody asks. */
  sweep(): Promise<void>;
}

/** @param botId update ids are a bot's own. */
export function createInbox(store: Keyv<StoredUpdate>, botId: number): Inbox {
  const prefix = `${botId}/`;
  /** Two deliveries of one update may come at the same moment. */
  const accepting = new Set<number>();

  const set = (update: number, record: StoredUpdate): Promise<unknown> =>
    store.set(`${prefix}${update}`, record, UPDATE_LIFETIME_MS);

  return {
    async accept(update, request) {
      if (accepting.has(update)) return false;
      accepting.add(update);
      try {
        if ((await store.get(`${prefix}${update}`)) !== undefined) return false;
        await set(update, { state: 'accepted', request });
        return true;
      } finally {
        accepting.delete(update);
      }
    },

    async replied([first, ...others], request, reply) {
      if (first === undefined) return;
      // Its later states are a live sequence; they end with the process.
      const stored: Reply = { ...reply };
      Reflect.deleteProperty(stored, 'updates');
      await set(first, { state: 'replied', request, reply: stored });
      for (const update of others) await set(update, { state: 'done' });
    },

    async sending(updates) {
      for (const update of updates) await set(update, { state: 'sending' });
    },

    async done(updates) {
      for (const update of updates) await set(update, { state: 'done' });
    },

    async leftovers() {
      const open: Leftover[] = [];
      let cutOff = 0;
      for await (const [key, record] of entriesOf(store)) {
        if (!key.startsWith(prefix)) continue;
        const update = Number(key.slice(prefix.length));
        if (record.state === 'sending') {
          cutOff++;
          await set(update, { state: 'done' });
        } else if (record.state !== 'done') {
          const reply = record.state === 'replied' ? record.reply : undefined;
          open.push({ update, request: record.request, reply });
        }
      }
      return { open: open.sort((a, b) => a.update - b.update), cutOff };
    },

    async sweep() {
      const entries = entriesOf(store);
      while (!(await entries.next()).done);
    },
  };
}
