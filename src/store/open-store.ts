/** Opens the store that the URL of the operator selects. */

import { OperatorError } from '../util/errors.ts';
import { openLevelStore } from './level-store.ts';
import { STORE_TIMEOUT_MS } from './remote-adapter.ts';
import type { Store } from './store.ts';

export interface OpenStoreOptions {
  /** `redis://`, `rediss://`, `postgres://` or `postgresql://`; undefined for the embedded store. */
  readonly url: string | undefined;
  /** Folder of the embedded store; created when it is missing. */
  readonly folder: string;
  /** A server that does not answer within this time counts as dead, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

/**
 * @throws {OperatorError} when the URL is of another kind, or the store cannot be opened. No message contains the URL, because
 * it may hold a password.
 */
export async function openStore({
  url,
  folder,
  timeoutMs = STORE_TIMEOUT_MS,
}: OpenStoreOptions): Promise<Store> {
  if (url === undefined) return openLevelStore(folder);
  switch (URL.canParse(url) ? new URL(url).protocol : undefined) {
    case 'redis:':
    case 'rediss:': {
      const { openRedisStore } = await import('./redis-store.ts');
      return openRedisStore(url, timeoutMs);
    }
    case 'postgres:':
    case 'postgresql:': {
      const { openPostgresStore } = await import('./postgres-store.ts');
      return openPostgresStore(url, timeoutMs);
    }
    default:
      throw new OperatorError(
        'STORE_URL does not name a store that this bot can use. Expected redis://[USER:PASSWORD@]HOST[:PORT], rediss://... (with TLS), ' +
          'postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE or postgresql://..., with special characters in the password ' +
          'percent-encoded; or leave it unset to keep everything in the data folder.',
      );
  }
}
