/** A store in memory, for tests that need any store. */

import { Keyv } from 'keyv';
import { createNamespaces, type Store } from '../src/store/store.ts';

export function createMemoryStore(): Store {
  return {
    namespace: createNamespaces(
      (namespace) => new Keyv({ store: new Map(), namespace, useKeyPrefix: false, throwOnErrors: true }),
    ),
    close: () => Promise.resolve(),
  };
}
