/** Embeddings by picture and model, so that nothing is embedded twice. */

import type { Keyv } from 'keyv';
import { type ModelPassport, passportDigest } from '../embed/model.ts';

export interface EmbeddingCache {
  /** @param picture SHA-256 of the picture's bytes, hex. */
  get(picture: string): Promise<Float32Array | undefined>;
  set(picture: string, embedding: Float32Array): Promise<void>;
}

/**
 * @param store little-endian float32 bytes in base64; entries of other models stay and are not found.
 */
export function createEmbeddingCache(store: Keyv<string>, passport: ModelPassport): EmbeddingCache {
  const prefix = passportDigest(passport);
  return {
    async get(picture) {
      const stored = await store.get(`${prefix}:${picture}`);
      if (stored === undefined) return undefined;
      const bytes = Uint8Array.from(Buffer.from(stored, 'base64'));
      return bytes.length === passport.dimension * 4 ? new Float32Array(bytes.buffer) : undefined;
    },
    async set(picture, embedding) {
      const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
      await store.set(`${prefix}:${picture}`, bytes.toString('base64'));
    },
  };
}
