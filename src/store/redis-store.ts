/** A store in a Redis server, or in one that speaks its protocol. */

import { backoffMs } from '../util/backoff.ts';
import { OperatorError } from '../util/errors.ts';
import { reasonOf } from '../util/reason-of.ts';
import { createRemoteAdapter, withTimeLimit } from './remote-adapter.ts';
import { createNamespaces, keyvOver, type Store } from './store.ts';

/**
 * Connects, and reconnects whenever the connection is lost. While it is lost, every call throws.
 * @throws {OperatorError} when the server cannot be reached within `timeoutMs` milliseconds, or refuses the connection.
 */
export async function openRedisStore(url: string, timeoutMs: number): Promise<Store> {
  const { default: KeyvRedis } = await import('@keyv/redis');
  const client = await connect(url, timeoutMs);
  let closed = false;
  return {
    namespace: createNamespaces((name) => {
      const namespace = `fashion-bot:${name}`;
      const inner = new KeyvRedis(client, { namespace, throwOnErrors: true });
      const options = { server: 'Redis', namespace, prefix: '', timeoutMs, isClosed: () => closed };
      return keyvOver(createRemoteAdapter(inner, options), name);
    }),
    async close() {
      if (closed) return;
      closed = true;
      await withTimeLimit(client.close(), timeoutMs).catch(() => {
        if (client.isOpen) client.destroy();
      });
    },
  };
}

// --- Internal helpers ---

const RECONNECT = { firstMs: 50, mostMs: 2_000 };

async function connect(url: string, timeoutMs: number) {
  const { createClient } = await import('@keyv/redis');
  let opened = false;
  let client: ReturnType<typeof createClient> | undefined;
  try {
    client = createClient({
      url,
      // While the connection is lost, commands fail at once instead of waiting.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: timeoutMs,
        // `retries` counts from 0. The first connection is not retried.
        reconnectStrategy: (retries) => (opened ? backoffMs(retries + 1, RECONNECT) : false),
      },
    });
    // Without a listener Node would end the process when the connection breaks. Each command reports the failure itself.
    client.on('error', () => undefined);
    await withTimeLimit(client.connect(), timeoutMs);
    opened = true;
    return client;
  } catch (error) {
    if (client?.isOpen) client.destroy();
    throw new OperatorError(
      `Cannot use the Redis server that STORE_URL names: ${reasonOf(error)}. ` +
        'Check that it runs, that it can be reached from here, and the user, password and database number in STORE_URL.',
    );
  }
}
