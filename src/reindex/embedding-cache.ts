/** Caches embeddings by picture and model, so that no picture is embedded twice. */

import type { Keyv } from 'keyv';
import { type ModelFingerprint, fingerprintDigest } from '../embed/model.ts';

export interface EmbeddingCache {
  /**
   * @param picture SHA-256 of the picture's bytes, hex.
   * @param since an epoch from `beginRebuild`: older embeddings are not found. Default: all of them are.
   */
  get(picture: string, since?: number): Promise<Float32Array | undefined>;
  set(picture: string, embedding: Float32Array): Promise<void>;
  /**
   * Begins a new epoch, in which everything is to be embedded again, and returns its number. An epoch that has not been ended is
   * continued, so that an interrupted rebuild keeps its progress. Older embeddings stay until they are replaced.
   */
  beginRebuild(): Promise<number>;
  /** To be called once everything has been embedded again: the next `beginRebuild` begins another epoch. */
  endRebuild(): Promise<void>;
}

/**
 * Only one instance at a time may use a store.
 * @param store values are little-endian float32 bytes in base64, prefixed with `EPOCH:` except in epoch 0. Entries of other models
 * stay in it and are not found.
 */
export function createEmbeddingCache(store: Keyv<string>, fingerprint: ModelFingerprint): EmbeddingCache {
  const prefix = fingerprintDigest(fingerprint);
  // Earlier versions wrote this key.
  const epochKey = `${prefix}:age`;
  let current: Promise<Epoch> | undefined;

  /** Epoch of the latest `beginRebuild` of any process; number 0 before the first. */
  async function epoch(): Promise<Epoch> {
    current ??= store.get(epochKey).then(parseEpoch);
    return current;
  }

  async function enter(next: Epoch): Promise<void> {
    await store.set(epochKey, `${next.number}${next.open ? ' open' : ''}`);
    current = Promise.resolve(next);
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
  /** Whether its rebuild has not ended. */
  readonly open: boolean;
}

function parseEpoch(stored: string | undefined): Epoch {
  const [, number = '0', open] = /^(\d+)( open)?$/.exec(stored ?? '') ?? [];
  return { number: Number(number), open: open !== undefined };
}
