/**
 * Requests that were accepted and are not answered yet, in the store. An update is confirmed to Telegram only once it is here,
 * and the next process continues where this one ended. Finished requests are remembered as long as Telegram may deliver their
 * updates again.
 */

import type { Keyv } from 'keyv';
import type { Reply } from '../../../chat/reply.ts';
import { entriesOf, sweepExpired } from '../../../store/store.ts';
import { UPDATE_LIFETIME_MS } from '../api/limits.ts';
import { createDeliveryLog, type DeliveryLog, type PartStates } from '../sending/delivery-log.ts';
import type { Request } from '../updates/request.ts';

/** What is to be sent for a request. */
export interface Answer {
  readonly reply: Reply;
  /** Messages of the bot that it replaces. */
  readonly replaces: readonly number[];
}

export interface StoredAnswer extends Answer {
  readonly deliveryLog: DeliveryLog;
}

/** An earlier version may have written it, so names and states stay. `pieces` are the states of the answer's parts. */
export type StoredUpdate =
  | { readonly state: 'accepted'; readonly request: Request }
  /** The answer is known. `pieces` says how much of it is sent. */
  | ({ readonly state: 'replied'; readonly request: Request; readonly pieces: PartStates } & Answer)
  /** `pieces` is kept so that the next process knows these messages. */
  | { readonly state: 'done'; readonly pieces?: PartStates };

export interface UnfinishedRequest {
  readonly update: number;
  readonly request: Request;
  readonly answer?: StoredAnswer;
}

export interface StoredRequests {
  /** Oldest first. */
  readonly unfinished: readonly UnfinishedRequest[];
  /** States of the parts of every answer that is in the store. */
  readonly parts: readonly PartStates[];
}

/** A request has several updates if it is an album. */
export interface Inbox {
  /** False when this update is already known. */
  accept(update: number, request: Request): Promise<boolean>;
  /** Stores the answer. @returns the log of its delivery. */
  replied(updates: readonly number[], request: Request, answer: Answer): Promise<DeliveryLog>;
  /** @param deliveryLog default: as it was last stored. */
  done(updates: readonly number[], deliveryLog?: DeliveryLog): Promise<void>;
  /** What earlier processes stored. */
  load(): Promise<StoredRequests>;
  /** Deletes what has expired, because a store may keep it until somebody reads it. */
  sweep(): Promise<void>;
}

/** @param botId update ids belong to one bot. */
export function createInbox(store: Keyv<StoredUpdate>, botId: number): Inbox {
  const prefix = `${botId}/`;
  /** The same update may be delivered twice at the same moment. */
  const accepting = new Set<number>();

  async function set(update: number, record: StoredUpdate): Promise<void> {
    await store.set(`${prefix}${update}`, record, UPDATE_LIFETIME_MS);
  }

  function deliveryLogOf(update: number, request: Request, answer: Answer, parts: PartStates): DeliveryLog {
    return createDeliveryLog(parts, (pieces) =>
      set(update, { state: 'replied', request, ...answer, pieces }),
    );
  }

  function unfinishedOf(update: number, record: StoredUpdate): UnfinishedRequest | undefined {
    if (record.state === 'done') return undefined;
    const { request } = record;
    if (record.state === 'accepted') return { update, request };
    const { reply, replaces, pieces } = record;
    const answer = { reply, replaces };
    const deliveryLog = deliveryLogOf(update, request, answer, pieces);
    return { update, request, answer: { ...answer, deliveryLog } };
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
      // Its later states are a live sequence, which ends with the process.
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
      const pieces = deliveryLog?.states() ?? (known?.state === 'replied' ? known.pieces : undefined);
      await set(first, { state: 'done', ...(pieces && { pieces }) });
      for (const update of others) await set(update, { state: 'done' });
    },

    async load() {
      const found: UnfinishedRequest[] = [];
      const parts: PartStates[] = [];
      for await (const [key, record] of entriesOf(store)) {
        if (!key.startsWith(prefix)) continue;
        if (record.state !== 'accepted' && record.pieces) parts.push(record.pieces);
        const request = unfinishedOf(Number(key.slice(prefix.length)), record);
        if (request) found.push(request);
      }
      const [unfinished, answered] = withoutAnsweredAlbums(found);
      for (const { update } of answered) await set(update, { state: 'done' });
      return { unfinished: unfinished.sort((a, b) => a.update - b.update), parts };
    },

    sweep: () => sweepExpired(store),
  };
}

// --- Internal helpers ---

/** A process may have died after it stored the answer of an album and before it marked the album's other messages as done. */
function withoutAnsweredAlbums(
  found: readonly UnfinishedRequest[],
): [unfinished: UnfinishedRequest[], answered: UnfinishedRequest[]] {
  const albums = new Set(found.flatMap((one) => (one.answer ? [albumOf(one)] : [])));
  const isAnswered = (one: UnfinishedRequest): boolean =>
    one.answer === undefined && albumOf(one) !== undefined && albums.has(albumOf(one));
  return [found.filter((one) => !isAnswered(one)), found.filter(isAnswered)];
}

function albumOf({ request }: UnfinishedRequest): string | undefined {
  return request.kind === 'photos' && request.album !== undefined
    ? `${request.chat} ${request.album}`
    : undefined;
}
