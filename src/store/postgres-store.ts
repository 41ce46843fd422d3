/** A store in a PostgreSQL database, in the table `fashion_bot`. */

import type { EventEmitter } from 'node:events';
import { OperatorError } from '../util/errors.ts';
import { reasonOf } from '../util/reason-of.ts';
import { createRemoteAdapter, withTimeLimit } from './remote-adapter.ts';
import { createNamespaces, keyvOver, type Store } from './store.ts';

/** Characters of a key: an id of up to 200, and the namespace before it. */
const KEY_SIZE = 255;

/**
 * Connects, and creates the table when it is missing.
 * @throws {OperatorError} when the server cannot be reached within `timeoutMs` milliseconds, or refuses the connection.
 */
export async function openPostgresStore(url: string, timeoutMs: number): Promise<Store> {
  const { default: KeyvPostgres } = await import('@keyv/postgres');
  let closed = false;
  const inner = new KeyvPostgres({
    uri: url,
    table: 'fashion_bot',
    keySize: KEY_SIZE,
    iterationLimit: 1_000,
    max: 4,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    application_name: 'fashion-recommender-bot',
    // The adapter hides its pool and does not listen for errors of idle connections, so a restart of the server would end
    // this process. pg-pool calls `log` as a method of the pool whenever it opens a connection, which gives access to it.
    log(this: EventEmitter) {
      if (this.listenerCount('error') === 0) this.on('error', () => undefined);
    },
  });
  let emitted: unknown;
  inner.on('error', (error: unknown) => (emitted = error));
  try {
    await withTimeLimit(inner.has('any'), timeoutMs);
  } catch (error) {
    await withTimeLimit(inner.disconnect(), timeoutMs).catch(() => undefined);
    throw new OperatorError(
      `Cannot use the PostgreSQL server that STORE_URL names: ${reasonOf(emitted ?? error)}. ` +
        'Check that it runs, that it can be reached from here, that the database exists, and the user and password in STORE_URL.',
    );
  }

  return {
    namespace: createNamespaces((name) => {
      const prefix = `${name}:`;
      const options = { server: 'PostgreSQL', namespace: name, prefix, timeoutMs, isClosed: () => closed };
      return keyvOver(createRemoteAdapter(inner, options), name);
    }),
    async close() {
      if (closed) return;
      closed = true;
      await withTimeLimit(inner.disconnect(), timeoutMs).catch(() => undefined);
    },
  };
}
