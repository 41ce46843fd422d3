/** Keeps what each gallery was searched by for an hour, and no pixel of its photo, so that buttons can continue the search. */

import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';
import type { GarmentKind } from '../garments/garment-kinds.ts';
import { sweepExpired } from '../store/store.ts';
import type { GalleryGarment } from './gallery.ts';

/** A garment of the photo, with the search by it alone. */
export interface SessionGarment extends Omit<GalleryGarment, 'gallery'> {
  /** Undefined: the session's own, because the garment was searched by as the whole photo. */
  readonly gallery?: string | undefined;
}

/** What was seen in the photo that a session searches by. */
export interface SessionPhoto {
  readonly garmentSeen: boolean;
  readonly garments: readonly SessionGarment[];
  /** Whether the answer joins the searches by the garments. */
  readonly isOutfit: boolean;
  readonly severalPeople: boolean;
  /** Of the upright photo, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface GallerySession {
  readonly embedding: Float32Array;
  /** The garment that is searched by; its items come first. */
  readonly kind?: GarmentKind;
  /** Absent for the search by an item, and in sessions that earlier versions opened. */
  readonly photo?: SessionPhoto;
  /** Id of the item that was searched by; it is left out of its own gallery. Absent for the search by a photo. */
  readonly without?: string;
}

export interface GallerySessions {
  /** Stores a session and returns its handle: 16 characters of base64url, unguessable (96 random bits). */
  open(session: GallerySession): Promise<string>;
  /** Undefined when the session has expired, or holds an embedding of another model. */
  get(id: string): Promise<GallerySession | undefined>;
  /** Deletes a session before it expires. False when there was none. */
  delete(id: string): Promise<boolean>;
  /** Deletes expired sessions. Stores without expiry of their own keep a record until it is read or swept. */
  sweep(): Promise<void>;
}

/** A session as it is stored. */
export interface StoredSession extends Omit<GallerySession, 'embedding'> {
  /** The vector's little-endian float32 bytes in base64. */
  readonly embedding: string;
  /** Digest of the embedding model's fingerprint. The key is the one that earlier versions wrote. */
  readonly passport: string;
}

export const SESSION_LIFETIME_MS = 60 * 60 * 1000;

export function createGallerySessions(
  store: Keyv<StoredSession>,
  fingerprint: ModelFingerprint,
): GallerySessions {
  const own = fingerprintDigest(fingerprint);
  return {
    async open({ embedding, ...session }) {
      const id = randomBytes(12).toString('base64url');
      const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
      await store.set(
        id,
        { ...session, embedding: bytes.toString('base64'), passport: own },
        SESSION_LIFETIME_MS,
      );
      return id;
    },

    async get(id) {
      const stored = /^[\w-]{16}$/.test(id) ? await store.get(id) : undefined;
      if (stored?.passport !== own) return undefined;
      const bytes = Uint8Array.from(Buffer.from(stored.embedding, 'base64'));
      const { without, kind, photo } = stored;
      return {
        embedding: new Float32Array(bytes.buffer),
        ...(without !== undefined && { without }),
        ...(kind !== undefined && { kind }),
        ...(photo !== undefined && { photo }),
      };
    },

    delete: (id) => store.delete(id),

    sweep: () => sweepExpired(store),
  };
}
