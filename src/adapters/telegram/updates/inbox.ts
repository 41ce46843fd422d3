/**
 * What was accepted and is not answered yet, in the store: an update counts as received only once it is here, and is taken up
 * again where it was when the process died. Finished ones are remembered as long as Telegram may deliver them again.
 */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import { entriesOf, sweepExpired } from '../../../store/store.ts';
import { UPDATE_LIFETIME_MS } from '../api/limits.ts';
import { createDeliveryLog, type DeliveryLog, type Pieces } from '../sending/delivery-log.ts';
import type { Request } from './request.ts';

/** What is to be sent for a request. */
export interface Answer {
  readonly reply: Reply;
  /** Messages of the bot that it takes the place of. */
  readonly replaces: readonly number[];
}

export type StoredUpdate =
  | { readonly state: 'accepted'; readonly request: Request }
  /** The answer is there; `pieces` says how much of it is sent. */
  | ({ readonly state: 'replied'; readonly request: Request; readonly pieces: Pieces } & Answer)
  /** `pieces`: what was sent, so that the next process knows these messages. */
  | { readonly state: 'done'; readonly pieces?: Pieces };

export interface Leftover {
  readonly update: number;
  readonly request: Request;
  readonly answer?: Answer & { readonly deliveryLog: DeliveryLog };
}

/** One request has several updates when it is an album. */
export interface Inbox {
  /** False when this update is known already. */
  accept(update: number, request: Request): Promise<boolean>;
  /** @returns the deliveryLog of its sending. */
  replied(updates: readonly number[], request: Request, answer: Answer): Promise<DeliveryLog>;
  /** @param deliveryLog default: as it was kept last. */
  done(updates: readonly number[], deliveryLog?: DeliveryLog): Promise<void>;
  /** What an earlier process left, oldest first, and what all that it finished consists of. */
  leftovers(): Promise<{ readonly open: readonly Leftover[]; readonly sent: readonly Pieces[] }>;
  /** Deletes what has expired, from stores that keep it until somebody asks. */
  sweep(): Promise<void>;
}

/** @param botId update ids are a bot's own. */
export function createInbox(store: Keyv<StoredUpdate>, botId: number): Inbox {
  const prefix = `${botId}/`;
  /** Two deliveries of one update may come at the same moment. */
  const accepting = new Set<number>();

  async function set(update: number, record: StoredUpdate): Promise<void> {
    await store.set(`${prefix}${update}`, record, UPDATE_LIFETIME_MS);
  }

  function deliveryLogOf(update: number, request: Request, answer: Answer, pieces: Pieces): DeliveryLog {
    return createDeliveryLog(pieces, (now) =>
      set(update, { state: 'replied', request, ...answer, pieces: now }),
    );
  }

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

    async replied([first, ...others], request, { reply, replaces }) {
      if (first === undefined) throw new RangeError('Expected a request with at least one update.');
      // Its later states are a live sequence; they end with the process.
      const stored: Reply = { ...reply };
      Reflect.deleteProperty(stored, 'updates');
      const answer = { reply: stored, replaces };
      await set(first, { state: 'replied', request, ...answer, pieces: {} });
      for (const update of others) await set(update, { state: 'done' });
      return deliveryLogOf(first, request, answer, {});
    },

    async done([first, ...others], deliveryLog) {
      if (first === undefined) return;
      const known = await store.get(`${prefix}${first}`);
      if (known?.state === 'done') return;
      const pieces = deliveryLog?.pieces() ?? (known?.state === 'replied' ? known.pieces : undefined);
      await set(first, { state: 'done', ...(pieces && { pieces }) });
      for (const update of others) await set(update, { state: 'done' });
    },

    async leftovers() {
      const open: Leftover[] = [];
      const sent: Pieces[] = [];
      for await (const [key, record] of entriesOf(store)) {
        if (!key.startsWith(prefix)) continue;
        const update = Number(key.slice(prefix.length));
        if (record.state !== 'accepted' && record.pieces) sent.push(record.pieces);
        if (record.state === 'done') continue;
        const { request } = record;
        if (record.state === 'accepted') {
          open.push({ update, request });
        } else {
          const { reply, replaces, pieces } = record;
          const answer = { reply, replaces };
          const deliveryLog = deliveryLogOf(update, request, answer, pieces);
          open.push({ update, request, answer: { ...answer, deliveryLog } });
        }
      }
      const [left, answered] = withoutAnsweredAlbums(open);
      for (const { update } of answered) await set(update, { state: 'done' });
      return { open: left.sort((a, b) => a.update - b.update), sent };
    },

    sweep: () => sweepExpired(store),
  };
}

// --- Internal helpers ---

/** A process that died when it had written the answer of an album may not have come to mark its other messages. */
function withoutAnsweredAlbums(open: readonly Leftover[]): [left: Leftover[], answered: Leftover[]] {
  const albums = new Set(open.flatMap((one) => (one.answer ? [albumOf(one)] : [])));
  const isAnswered = (one: Leftover): boolean =>
    one.answer === undefined && albumOf(one) !== undefined && albums.has(albumOf(one));
  return [open.filter((one) => !isAnswered(one)), open.filter(isAnswered)];
}

function albumOf({ request }: Leftover): string | undefined {
  return request.kind === 'photos' && request.album !== undefined
    ? `${request.chat} ${request.album}`
    : undefined;
}
