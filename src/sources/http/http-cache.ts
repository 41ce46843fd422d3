/** What the last response of each URL was, so that an unchanged file need not be downloaded again. */

import { createHash } from 'node:crypto';
import type { Keyv } from 'keyv';
import { entriesOf } from '../../store/store.ts';
import type { Validators } from './fetch-options.ts';

export interface CachedResponse extends Validators {
  /** SHA-256 of the bytes that came with these validators, hex. */
  readonly digest: string;
  /** Media type of the response. */
  readonly contentType?: string | undefined;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

export interface HttpCache {
  get(url: URL): Promise<CachedResponse | undefined>;
  /** A response without validators is not cached, and an earlier one of the same URL is deleted. */
  set(url: URL, response: Omit<CachedResponse, 'fetchedAt'>): Promise<void>;
  /** Deletes old entries; their files are downloaded in full the next time. */
  sweep(): Promise<void>;
}

const MAX_AGE_MS = 180 * 24 * 3600 * 1000;

/** @param records in the store of the data folder. URLs may hold secrets, so their digests are the keys. */
export function createHttpCache(records: Keyv<CachedResponse>): HttpCache {
  return {
    get: (url) => records.get(urlDigest(url)),

    async set(url, { etag, lastModified, digest, contentType }) {
      const key = urlDigest(url);
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
      const expired: string[] = [];
      const oldest = new Date(Date.now() - MAX_AGE_MS).toISOString();
      for await (const [key, { fetchedAt }] of entriesOf(records)) if (fetchedAt < oldest) expired.push(key);
      if (expired.length > 0) await records.deleteMany(expired);
    },
  };
}

/** SHA-256 of the whole URL, hex. */
export function urlDigest(url: URL): string {
  return createHash('sha256').update(url.href).digest('hex');
}
