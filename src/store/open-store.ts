/** Chooses where records are kept by the URL that an operator set. */

import { OperatorError } from '../util/errors.ts';
import { openLevelStore } from './level-store.ts';
import { STORE_TIMEOUT_MS } from './remote-adapter.ts';
import type { Store } from './store.ts';

export interface OpenStoreOptions {
  /** `redis://`, `rediss://`, `postgres://` or `postgresql://`; undefined for the embedded store. */
  readonly url: string | undefined;
  /** Where the embedded store lives; made when missing. */
  readonly folder: string;
  /** After which a silent server counts as dead, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

/**
 * @throws {OperatorError} when the URL is of another kind, or the store cannot be opened. No message holds the URL,
 * because a password may be in it.
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
        'STORE_URL is not a store that this bot can use. Expected redis://[USER:PASSWORD@]HOST[:PORT], rediss://... (with TLS), ' +
          'postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE or postgresql://..., with special characters in the password ' +
          'percent-encoded; or leave it unset to keep everything in the data folder.',
      );
  }
}
