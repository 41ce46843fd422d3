/** The seam behind which small records are kept: keyv namespaces over whatever holds them. */

import { Keyv, type KeyvStoreAdapter } from 'keyv';

/**
 * One place for records. Implementations: `level-store` (embedded, the default), `redis-store`, `postgres-store`;
 * all pass `test/contracts/store.ts`.
 */
export interface Store {
  /**
   * The records of one kind, apart from all others. Every method throws when the store fails; none returns a
   * half-truth.
   * @param name lower-case letters, digits and hyphens, for example `items`.
   */
  namespace<T>(name: string): Keyv<T>;
  /** Finishes what runs. Later use throws `ClosedError`. Idempotent. */
  close(): Promise<void>;
}

/**
 * A keyv over an adapter that keeps namespaces apart by itself. keyv's own prefixing stays off: it leaves a key alone
 * that already starts with `namespace:`, in `get` but not in `getMany`, so the ids `a` and `items:a` would be one record.
 */
export function keyvOver<T>(
  adapter: KeyvStoreAdapter & Required<Pick<KeyvStoreAdapter, 'iterator'>>,
  name: string,
): Keyv<T> {
  if (!/^[a-z0-9-]+$/.test(name))
    throw new RangeError(`A namespace is lower-case letters, digits and hyphens, got "${name}".`);
  const keyv = new Keyv<T>(adapter, { namespace: name, useKeyPrefix: false, throwOnErrors: true });
  // keyv offers iteration for a fixed list of dialects only.
  keyv.iterator = keyv.generateIterator(adapter.iterator.bind(adapter));
  return keyv;
}

/** One keyv a name, however often it is asked for. */
export function createNamespaces(create: (name: string) => Keyv<unknown>): Store['namespace'] {
  const made = new Map<string, Keyv<unknown>>();
  return (name: string) => {
    const keyv = made.get(name) ?? create(name);
    made.set(name, keyv);
    return keyv;
  };
}

/** Deletes what has expired, where a store keeps it until somebody asks. */
export async function sweepExpired(records: Keyv): Promise<void> {
  const entries = entriesOf(records);
  // Expired records are deleted as the iterator passes them.
  while (!(await entries.next()).done);
}

/** Every record of a namespace that has not expired, in no particular order. */
export async function* entriesOf<T>(records: Keyv<T>): AsyncGenerator<[key: string, value: T], void> {
  if (!records.iterator) throw new TypeError('This keyv cannot be iterated: make it with keyvOver().');
  yield* records.iterator(undefined) as AsyncGenerator<[string, T], void>;
}
