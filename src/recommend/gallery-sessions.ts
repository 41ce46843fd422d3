/** What stands behind the buttons of a gallery: the search vector and nothing of the photo, for an hour. */

import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';
import { sweepExpired } from '../store/store.ts';

export interface GallerySession {
  readonly embedding: Float32Array;
  /** The item that "more like this" was asked for; it is left out of its own gallery. */
  readonly without?: string;
}

export interface GallerySessions {
  /** Keeps a session and returns its handle: 16 characters of base64url, unguessable (96 random bits). */
  open(session: GallerySession): Promise<string>;
  /** Undefined once the hour is over, and for an embedding of another model. */
  get(id: string): Promise<GallerySession | undefined>;
  /** Forgets a session before its hour is over. False when there was none. */
  delete(id: string): Promise<boolean>;
  /** Deletes what has expired; stores without expiry of their own keep it until somebody asks. */
  sweep(): Promise<void>;
}

/** As it is stored: the vector's little-endian float32 bytes in base64. */
export interface StoredSession {
  readonly embedding: string;
  /** Digest of the fingerprint of the model that embedded it, under the name that earlier versions wrote. */
  readonly passport: string;
  readonly without?: string;
}

export const SESSION_LIFETIME_MS = 60 * 60 * 1000;

export function createGallerySessions(
  store: Keyv<StoredSession>,
  fingerprint: ModelFingerprint,
): GallerySessions {
  const own = fingerprintDigest(fingerprint);
  return {
    async open({ embedding, without }) {
      const id = randomBytes(12).toString('base64url');
      const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
      const stored = {
        embedding: bytes.toString('base64'),
        passport: own,
        ...(without !== undefined && { without }),
      };
      await store.set(id, stored, SESSION_LIFETIME_MS);
      return id;
    },

    async get(id) {
      const stored = /^[\w-]{16}$/.test(id) ? await store.get(id) : undefined;
      if (stored?.passport !== own) return undefined;
      const bytes = Uint8Array.from(Buffer.from(stored.embedding, 'base64'));
      return {
        embedding: new Float32Array(bytes.buffer),
        ...(stored.without !== undefined && { without: stored.without }),
      };
    },

    delete: (id) => store.delete(id),

    sweep: () => sweepExpired(store),
  };
}
