/** Makes a keyv adapter that talks to a server fail instead of hang, and throw what it would only emit. */

import type { KeyvEntry, KeyvStoreAdapter } from 'keyv';
import { ClosedError, messageOf } from '../util/errors.ts';
import { withTimeout } from '../util/with-timeout.ts';

/** A server that has not answered by then counts as dead, in milliseconds. */
export const STORE_TIMEOUT_MS = 5_000;

/** Keys in one command; a larger call is cut up so that the time limit holds for each piece. */
const BATCH = 1_000;

export interface RemoteOptions {
  /** As messages name it, for example `Redis`. */
  readonly server: string;
  /** What the wrapped adapter's `iterator` and `clear` take. */
  readonly namespace: string;
  /** Put before every key; empty for an adapter that does that itself. */
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly isClosed: () => boolean;
}

type FullAdapter = KeyvStoreAdapter &
  Required<Pick<KeyvStoreAdapter, 'getMany' | 'setMany' | 'deleteMany' | 'iterator'>>;

/** `has` is left to keyv: it knows about expiry, the adapters do not. */
export function createRemoteAdapter(inner: FullAdapter, options: RemoteOptions) {
  const { server, namespace, prefix, timeoutMs, isClosed } = options;
  let emitted: unknown;
  inner.on('error', (error: unknown) => (emitted = error));

  async function ask<T>(operation: () => Promise<T>): Promise<T> {
    if (isClosed()) throw new ClosedError('The store is closed.');
    try {
      return await withTimeLimit(operation(), timeoutMs);
    } catch (error) {
      throw new Error(`The ${server} store failed: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** For the calls whose errors the wrapped adapters keep to themselves. */
  function assertNothingEmitted(): void {
    if (emitted === undefined) return;
    throw new Error(`The ${server} store failed: ${reasonOf(emitted)}`, { cause: emitted });
  }

  const adapter = {
    opts: { dialect: server.toLowerCase(), url: '' },
    get: (key: string) => ask(() => inner.get<string>(prefix + key)),
    async getMany(keys: string[]) {
      const values: unknown[] = [];
      for (const batch of batches(keys))
        values.push(...(await ask(() => inner.getMany(batch.map((key) => prefix + key)))));
      return values;
    },
    set: (key: string, value: string, ttl?: number) =>
      ask(async () => {
        await inner.set(prefix + key, value, ttl);
      }),
    async setMany(entries: KeyvEntry[]) {
      // PostgreSQL refuses to write one key twice in one command: the last one counts.
      const last = [...new Map(entries.map((entry) => [entry.key, entry])).values()];
      for (const batch of batches(last)) {
        await ask(() => inner.setMany(batch.map((entry) => ({ ...entry, key: prefix + entry.key }))));
      }
    },
    delete: (key: string) => ask(() => inner.delete(prefix + key)),
    /** Whether any of the keys was there. */
    async deleteMany(keys: string[]) {
      let any = false;
      for (const batch of batches(keys)) {
        if (await ask(() => inner.deleteMany(batch.map((key) => prefix + key)))) any = true;
      }
      return any;
    },
    async clear() {
      emitted = undefined;
      await ask(() => {
        inner.namespace = namespace;
        return inner.clear();
      });
      assertNothingEmitted();
    },
    async *iterator() {
      emitted = undefined;
      // Redis may name a key twice, and a key that goes away meanwhile without its value.
      const seen = new Set<string>();
      const entries = inner.iterator(namespace) as AsyncGenerator<[string, string | undefined], void>;
      for (;;) {
        const { done, value } = await ask(() => entries.next());
        if (done === true) break;
        const key = value[0].slice(prefix.length);
        if (value[1] === undefined || seen.has(key)) continue;
        seen.add(key);
        yield [key, value[1]] as [string, string];
      }
      // @keyv/postgres ends its list early, without a word, when the server fails: half a list must not look whole.
      assertNothingEmitted();
    },
    /** Other namespaces share the connection: `Store.close()` ends it. */
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

/**
 * Why a server cannot be used, without its address: for system errors only the code, because their messages name host
 * and port, and a mistyped URL can have a part of the password there.
 */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z_]+$/.test(code) ? code : messageOf(error);
}

// --- Internal helpers ---

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH);
}
