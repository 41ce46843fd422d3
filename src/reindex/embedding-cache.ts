/** Embeddings by picture and model, so that nothing is embedded twice. */

import type { Keyv } from 'keyv';
import { type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';

export interface EmbeddingCache {
  /**
   * @param picture SHA-256 of the picture's bytes, hex.
   * @param since an epoch from `beginRebuild`: what was embedded before it is not found. Default: everything is.
   */
  get(picture: string, since?: number): Promise<Float32Array | undefined>;
  set(picture: string, embedding: Float32Array): Promise<void>;
  /**
   * Begins a new epoch, in which everything is to be embedded again. An epoch that was begun and never came to its end goes on,
   * so that whoever was interrupted does not begin from nothing. What is older stays until it is replaced.
   */
  beginRebuild(): Promise<number>;
  /** Everything has been embedded again: the next `beginRebuild` begins another epoch. */
  endRebuild(): Promise<void>;
}

/**
 * @param store little-endian float32 bytes in base64, behind `EPOCH:` from the second epoch on; entries of other models stay and
 * are not found. One instance at a time.
 */
export function createEmbeddingCache(store: Keyv<string>, fingerprint: ModelFingerprint): EmbeddingCache {
  const prefix = fingerprintDigest(fingerprint);
  // The key that earlier versions wrote.
  const epochKey = `${prefix}:age`;
  let known: Promise<Epoch> | undefined;

  /** Of the latest `beginRebuild`, over all processes; 0 before the first. */
  async function epoch(): Promise<Epoch> {
    known ??= store.get(epochKey).then(parseEpoch);
    return known;
  }

  async function enter(next: Epoch): Promise<void> {
    await store.set(epochKey, `${next.number}${next.open ? ' open' : ''}`);
    known = Promise.resolve(next);
  }

  return {
    async get(picture, since = 0) {
      const stored = await store.get(`${prefix}:${picture}`);
      if (stored === undefined) return undefined;
      const colon = stored.indexOf(':');
      if (colon < 0 ? since > 0 : Number(stored.slice(0, colon)) < since) return undefined;
      const bytes = Uint8Array.from(Buffer.from(stored.slice(colon + 1), 'base64'));
      return bytes.length === fingerprint.dimension * 4 ? new Float32Array(bytes.buffer) : undefined;
    },

    async set(picture, embedding) {
      const { number } = await epoch();
      const bytes = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
      await store.set(
        `${prefix}:${picture}`,
        `${number === 0 ? '' : `${number}:`}${bytes.toString('base64')}`,
      );
    },

    async beginRebuild() {
      const { number, open } = await epoch();
      if (!open) await enter({ number: number + 1, open: true });
      return open ? number : number + 1;
    },

    async endRebuild() {
      const { number } = await epoch();
      await enter({ number, open: false });
    },
  };
}

// --- Internal helpers ---

interface Epoch {
  readonly number: number;
  readonly open: boolean;
}

function parseEpoch(stored: string | undefined): Epoch {
  const [, number = '0', open] = /^(\d+)( open)?$/.exec(stored ?? '') ?? [];
  return { number: Number(number), open: open !== undefined };
}
