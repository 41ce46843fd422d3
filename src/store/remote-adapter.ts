/** Wraps a keyv adapter of a server, so that it fails instead of hanging, and throws errors that it would only emit. */

import type { KeyvEntry, KeyvStoreAdapter } from 'keyv';
import { ClosedError } from '../util/errors.ts';
import { reasonOf } from '../util/reason-of.ts';
import { withTimeout } from '../util/with-timeout.ts';

/** A server that does not answer within this time counts as dead, in milliseconds. */
export const STORE_TIMEOUT_MS = 5_000;

/** Most keys in one command; larger calls are split, and the time limit applies to each part. */
const BATCH = 1_000;

export interface RemoteOptions {
  /** Name of the server in messages, for example `Redis`. */
  readonly server: string;
  /** The namespace that the wrapped adapter's `iterator` and `clear` use. */
  readonly namespace: string;
  /** Put before every key; empty for an adapter that adds a prefix itself. */
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly isClosed: () => boolean;
}

type FullAdapter = KeyvStoreAdapter &
  Required<Pick<KeyvStoreAdapter, 'getMany' | 'setMany' | 'deleteMany' | 'iterator'>>;

/** `has` is left to keyv, which knows about expiry; the adapters do not. */
export function createRemoteAdapter(inner: FullAdapter, options: RemoteOptions) {
  const { server, namespace, prefix, timeoutMs, isClosed } = options;
  let emitted: unknown;
  inner.on('error', (error: unknown) => (emitted = error));

  async function call<T>(operation: () => Promise<T>): Promise<T> {
    if (isClosed()) throw new ClosedError('The store is closed.');
    try {
      return await withTimeLimit(operation(), timeoutMs);
    } catch (error) {
      throw new Error(`The ${server} store failed: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** For calls whose errors the wrapped adapters only emit. */
  function throwEmittedError(): void {
    if (emitted === undefined) return;
    throw new Error(`The ${server} store failed: ${reasonOf(emitted)}`, { cause: emitted });
  }

  const adapter = {
    opts: { dialect: server.toLowerCase(), url: '' },
    get: (key: string) => call(() => inner.get<string>(prefix + key)),
    async getMany(keys: string[]) {
      const values: unknown[] = [];
      for (const batch of batches(keys))
        values.push(...(await call(() => inner.getMany(batch.map((key) => prefix + key)))));
      return values;
    },
    set: (key: string, value: string, ttl?: number) =>
      call(async () => {
        await inner.set(prefix + key, value, ttl);
      }),
    async setMany(entries: KeyvEntry[]) {
      // PostgreSQL refuses to write a key twice in one command, so only the last value is written.
      const last = [...new Map(entries.map((entry) => [entry.key, entry])).values()];
      for (const batch of batches(last)) {
        await call(() => inner.setMany(batch.map((entry) => ({ ...entry, key: prefix + entry.key }))));
      }
    },
    delete: (key: string) => call(() => inner.delete(prefix + key)),
    /** Whether any of the keys existed. */
    async deleteMany(keys: string[]) {
      let any = false;
      for (const batch of batches(keys)) {
        if (await call(() => inner.deleteMany(batch.map((key) => prefix + key)))) any = true;
      }
      return any;
    },
    async clear() {
      emitted = undefined;
      await call(() => {
        inner.namespace = namespace;
        return inner.clear();
      });
      throwEmittedError();
    },
    async *iterator() {
      emitted = undefined;
      // Redis may return a key twice, or a key without a value when it is deleted meanwhile.
      const seen = new Set<string>();
      const entries = inner.iterator(namespace) as AsyncGenerator<[string, string | undefined], void>;
      for (;;) {
        const { done, value } = await call(() => entries.next());
        if (done === true) break;
        const key = value[0].slice(prefix.length);
        if (value[1] === undefined || seen.has(key)) continue;
        seen.add(key);
        yield [key, value[1]] as [string, string];
      }
      // When the server fails, @keyv/postgres silently ends the iteration early; an incomplete list must not pass as complete.
      throwEmittedError();
    },
    /** Does nothing: the namespaces share the connection, which `Store.close()` ends. */
    disconnect: () => Promise.resolve(),
    /** Errors are thrown, never emitted. */
    on: () => adapter,
  };
  return adapter as typeof adapter & KeyvStoreAdapter;
}

/** @throws {Error} when `operation` has not settled after `timeoutMs` milliseconds. */
export async function withTimeLimit<T>(operation: Promise<T>, timeoutMs: number): Promise<T> {
  const late = (): Error => new Error(`it did not answer within ${timeoutMs / 1000} s`);
  return withTimeout(operation, { ms: timeoutMs, late });
}

// --- Internal helpers ---

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH);
}
