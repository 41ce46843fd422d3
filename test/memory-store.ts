/** A store that forgets, for tests that need one and do not care which. */

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
