/** The records about people: deleted on request, and swept after they expire. */

import type { Keyv } from 'keyv';
import type { GallerySessions } from '../recommend/gallery-sessions.ts';
import { sweepExpired } from '../store/store.ts';
import type { AnsweredPosts } from './answered-posts.ts';
import type { Buttons } from './buttons.ts';
import type { PhotoCache } from './photo-cache.ts';

export interface Forgotten {
  /** Search vectors. */
  readonly searches: number;
  /** Replies whose buttons no longer work. */
  readonly replies: number;
  /** Records that a message was answered. */
  readonly messages: number;
}

export interface UserData {
  /** @param person a `personKey`. */
  forget(person: string): Promise<Forgotten>;
  /** Deletes expired records. Stores without expiry of their own keep a record until it is read or swept. */
  sweep(): Promise<void>;
}

export interface UserDataDependencies {
  readonly buttons: Pick<Buttons, 'forget'>;
  readonly answered: Pick<AnsweredPosts, 'forget'>;
  readonly cache: Pick<PhotoCache, 'forget'>;
  readonly galleries: Pick<GallerySessions, 'delete' | 'sweep'>;
  /** The namespaces that hold these records. */
  readonly stores: readonly Keyv[];
}

export function createUserData(dependencies: UserDataDependencies): UserData {
  const { buttons, answered, cache, galleries, stores } = dependencies;
  return {
    async forget(person) {
      const cached = await cache.forget(person);
      const { replies, galleries: opened } = await buttons.forget(person);
      let searches = 0;
      for (const id of new Set([...cached, ...opened])) if (await galleries.delete(id)) searches++;
      return { searches, replies, messages: await answered.forget(person) };
    },

    async sweep() {
      await galleries.sweep();
      for (const store of stores) await sweepExpired(store);
    },
  };
}
