/** Embeddings by picture and model, so that nothing is embedded twice. */

import type { Keyv } from 'keyv';
import { type ModelPassport, passportDigest } from '../embed/model.ts';

export interface EmbeddingCache {
  /**
   * @param picture SHA-256 of the picture's bytes, hex.
   * @param since an age from `beginAnew`: what was embedded before it is not found. Default: everything is.
   */
  get(picture: string, since?: number): Promise<Float32Array | undefined>;
  set(picture: string, embedding: Float32Array): Promise<void>;
  /**
   * Begins a new age, in which everything is to be embedded again. An age that was begun and never came to its end goes on,
   * so that whoever was interrupted does not begin from nothing. What is older stays until it is replaced.
   */
  beginAnew(): Promise<number>;
  /** Everything has been embedded again: the next `beginAnew` begins another age. */
  endAnew(): Promise<void>;
}

/**
 * @param store little-endian float32 bytes in base64, behind `AGE:` from the second age on; entries of other models stay and
 * are not found. One instance at a time.
 */
export function createEmbeddingCache(store: Keyv<string>, passport: ModelPassport): EmbeddingCache {
  const prefix = passportDigest(passport);
  const ageKey = `${prefix}:age`;
  let known: Promise<Age> | undefined;

  /** Of the latest `beginAnew`, over all processes; 0 before the first. */
  async function age(): Promise<Age> {
    known ??= store.get(ageKey).then(parseAge);
    return known;
  }

  async function enter(next: Age): Promise<void> {
    await store.set(ageKey, `${next.number}${next.open ? ' open' : ''}`);
    known = Promise.resolve(next);
  }

  return {
    async get(picture, since = 0) {
      const stored = await store.get(`${prefix}:${picture}`);
      if (stored === undefined) return undefined;
      const colon = stored.indexOf(':');
      if (colon < 0 ? since > 0 : Number(stored.slice(0, colon)) < since) return undefined;
      const bytes = Uint8Array.from(Buffer.from(stored.slice(colon + 1), 'base64'));
      return bytes.length === passport.dimension * 4 ? new Float32Array(bytes.buffer) : undefined;
    },

    async set(picture, embedding) {
      const { number } = await age();
      const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
      await store.set(
        `${prefix}:${picture}`,
        `${number === 0 ? '' : `${number}:`}${bytes.toString('base64')}`,
      );
    },

    async beginAnew() {
      const { number, open } = await age();
      if (!open) await enter({ number: number + 1, open: true });
      return open ? number : number + 1;
    },

    async endAnew() {
      const { number } = await age();
      await enter({ number, open: false });
    },
  };
}

// --- Internal helpers ---

interface Age {
  readonly number: number;
  readonly open: boolean;
}

function parseAge(stored: string | undefined): Age {
  const [, number = '0', open] = /^(\d+)( open)?$/.exec(stored ?? '') ?? [];
  return { number: Number(number), open: open !== undefined };
}
