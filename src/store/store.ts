/** The interface of the stores for small records: keyv namespaces over LevelDB, Redis or PostgreSQL. */

import { Keyv, type KeyvStoreAdapter } from 'keyv';

/**
 * Holds records in namespaces. Implementations: `level-store` (embedded, the default), `redis-store`, `postgres-store`;
 * all pass `test/contracts/store.ts`.
 */
export interface Store {
  /**
   * The records of one kind, separate from all others. Every method throws when the store fails; none returns a partial
   * result.
   * @param name lower-case letters, digits and hyphens, for example `items`.
   */
  namespace<T>(name: string): Keyv<T>;
  /** Waits for running operations. Later use throws `ClosedError`. Idempotent. */
  close(): Promise<void>;
}

/**
 * A keyv over an adapter that separates namespaces itself. keyv's own prefixing is off, because `get` (but not `getMany`) adds
 * no prefix to a key that already starts with `namespace:`, so the ids `a` and `items:a` would be one record.
 */
export function keyvOver<T>(
  adapter: KeyvStoreAdapter & Required<Pick<KeyvStoreAdapter, 'iterator'>>,
  name: string,
): Keyv<T> {
  if (!/^[a-z0-9-]+$/.test(name))
    throw new RangeError(`Expected a namespace of lower-case letters, digits and hyphens, got "${name}".`);
  const keyv = new Keyv<T>(adapter, { namespace: name, useKeyPrefix: false, throwOnErrors: true });
  // keyv supports iteration only for a fixed list of dialects.
  keyv.iterator = keyv.generateIterator(adapter.iterator.bind(adapter));
  return keyv;
}

/** Creates the keyv of each name once. */
export function createNamespaces(create: (name: string) => Keyv<unknown>): Store['namespace'] {
  const namespaces = new Map<string, Keyv<unknown>>();
  return (name: string) => {
    const keyv = namespaces.get(name) ?? create(name);
    namespaces.set(name, keyv);
    return keyv;
  };
}

/** Deletes expired records, which a store keeps until they are read. */
export async function sweepExpired(records: Keyv): Promise<void> {
  const entries = entriesOf(records);
  // The iterator deletes expired records as it passes them.
  while (!(await entries.next()).done);
}

/** All records of a namespace that have not expired, in no particular order. */
export async function* entriesOf<T>(records: Keyv<T>): AsyncGenerator<[key: string, value: T], void> {
  if (!records.iterator) throw new TypeError('This keyv cannot be iterated; create it with keyvOver().');
  yield* records.iterator(undefined) as AsyncGenerator<[string, T], void>;
}
