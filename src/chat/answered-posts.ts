/** Records which posts were answered, so that a second delivery gets no second reply, even after a restart. */

import type { Keyv } from 'keyv';
import { ClosedError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { entriesOf } from '../store/store.ts';
import type { Admission, PostHeader } from './conversation.ts';
import { personKey, postKey } from './keys.ts';

type Post = Pick<PostHeader, 'origin' | 'message' | 'again'>;

/** Exists exactly when the post has its reply. */
export interface AnsweredPost {
  readonly person: string;
}

export interface AnsweredPosts {
  /** Undefined when the post was answered or is being answered. @throws {ClosedError} */
  admit(post: Post): Promise<Admission | undefined>;
  /**
   * Claims a post to answer it. False when it was answered or is being answered: of two claims at the same moment one succeeds.
   * @param admission spares reading the store again.
   * @throws {ClosedError}
   */
  claim(post: Post, admission: Admission | undefined): Promise<boolean>;
  /** Records that the reply exists. Call before it is sent: then a crash can lose it, but never double it. Never rejects. */
  finish(post: Post): Promise<void>;
  /** Gives up a claim without a reply, so that another delivery may be answered. */
  release(post: Post): void;
  /** Deletes a person's records and returns how many there were. */
  forget(person: string): Promise<number>;
}

/** Longer than any platform repeats a delivery. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** After this many further answers an admission is checked against the store again. */
const MAX_RECENT = 1000;

/**
 * Claims are held in memory alone, so that a post whose process died is answered when it is delivered again. Two processes
 * must therefore not serve the same accounts from one store.
 */
export function createAnsweredPosts(store: Keyv<AnsweredPost>, logger: Pick<Logger, 'error'>): AnsweredPosts {
  const inWork = new Set<string>();
  /** The posts answered last: which answer of this process each one got, counted from 1. */
  const recent = new Map<string, number>();
  let answers = 0;

  /** When the store fails, people are answered all the same, and only this process's memory prevents second replies. */
  async function isAnswered(post: Post): Promise<boolean> {
    if (post.again === true) return false;
    try {
      return (await store.get(postKey(post))) !== undefined;
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      logger.error({ err: error }, 'could not read whether a post was answered before');
      return false;
    }
  }

  /** The store said "not answered" at the admission, so only this process can have answered the post since. */
  async function isAnsweredSince(post: Post, admission: Admission | undefined): Promise<boolean> {
    if (!admission || answers - admission.answeredBefore > MAX_RECENT) return isAnswered(post);
    return post.again !== true && (recent.get(postKey(post)) ?? 0) > admission.answeredBefore;
  }

  function remember(key: string): void {
    recent.delete(key);
    recent.set(key, ++answers);
    const [oldest] = recent.keys();
    if (oldest !== undefined && recent.size > MAX_RECENT) recent.delete(oldest);
  }

  return {
    async admit(post) {
      const admission = { answeredBefore: answers }; // before the store is read: an answer meanwhile counts
      if (inWork.has(postKey(post)) || (await isAnswered(post))) return undefined;
      return admission;
    },

    async claim(post, admission) {
      const key = postKey(post);
      if (inWork.has(key)) return false;
      inWork.add(key); // before the first await: the second delivery may already be here
      try {
        if (!(await isAnsweredSince(post, admission))) return true;
      } catch (error) {
        inWork.delete(key);
        throw error;
      }
      inWork.delete(key);
      return false;
    },

    async finish(post) {
      const key = postKey(post);
      try {
        await store.set(key, { person: personKey(post.origin) }, REMEMBERED_MS);
        inWork.delete(key);
        remember(key);
      } catch (error) {
        // The claim stays in memory, so only a delivery after a restart could get a second reply.
        logger.error({ err: error }, 'could not record that a post was answered');
      }
    },

    release(post) {
      inWork.delete(postKey(post));
    },

    async forget(person) {
      const keys: string[] = [];
      for await (const [key, record] of entriesOf(store)) if (record.person === person) keys.push(key);
      for (const key of keys) await store.delete(key);
      return keys.length;
    },
  };
}
