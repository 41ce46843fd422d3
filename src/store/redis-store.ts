/** Records in a Redis server (or one that speaks its protocol). */

import { OperatorError } from '../util/errors.ts';
import { createRemoteAdapter, reasonOf, withTimeLimit } from './remote-adapter.ts';
import { createNamespaces, keyvOver, type Store } from './store.ts';

/**
 * Connects, and keeps reconnecting later: while the server is away every call throws.
 * @throws {OperatorError} when the server cannot be reached within `timeoutMs` milliseconds or refuses.
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

async function connect(url: string, timeoutMs: number) {
  const { createClient } = await import('@keyv/redis');
  let opened = false;
  let client: ReturnType<typeof createClient> | undefined;
  try {
    client = createClient({
      url,
      // Commands fail at once while the server is away, instead of waiting for it.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: timeoutMs,
        reconnectStrategy: (attempt) => (opened ? Math.min(50 * 2 ** attempt, 2_000) : false),
      },
    });
    // Without a listener Node ends the process when the connection breaks; each command reports that by itself.
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
