/** What was fetched from an address last, so that it need not come again while it is the same. */

import { createHash } from 'node:crypto';
import type { Keyv } from 'keyv';
import { entriesOf } from '../../store/store.ts';
import type { Validators } from './fetcher.ts';

export interface CachedResponse extends Validators {
  /** SHA-256 of the bytes that came with these validators, hex. */
  readonly digest: string;
  /** Media type that came with them. */
  readonly contentType?: string | undefined;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

export interface HttpCache {
  get(url: URL): Promise<CachedResponse | undefined>;
  /** Forgets the address when there is nothing to tell by whether it is still the same. */
  set(url: URL, fetched: Omit<CachedResponse, 'fetchedAt'>): Promise<void>;
  /** Forgets what came long ago; asking for it in full once more does no harm. */
  sweep(): Promise<void>;
}

const KEPT_MS = 180 * 24 * 3600 * 1000;

/** @param records of the data folder's own store. Addresses may hold secrets, so they are kept as digests. */
export function createHttpCache(records: Keyv<CachedResponse>): HttpCache {
  return {
    get: (url) => records.get(addressDigest(url)),

    async set(url, { etag, lastModified, digest, contentType }) {
      const key = addressDigest(url);
      if (etag === undefined && lastModified === undefined) {
        await records.delete(key);
        return;
      }
      await records.set(key, {
        etag,
        lastModified,
        digest,
        contentType,
        fetchedAt: new Date().toISOString(),
      });
    },

    async sweep() {
      const old: string[] = [];
      const before = new Date(Date.now() - KEPT_MS).toISOString();
      for await (const [key, { fetchedAt }] of entriesOf(records)) if (fetchedAt < before) old.push(key);
      if (old.length > 0) await records.deleteMany(old);
    },
  };
}

/** SHA-256, hex. */
export function addressDigest(url: URL): string {
  return createHash('sha256').update(url.href).digest('hex');
}
