/** The embeddings of pictures: from the index, from the cache, and only where neither has one, from the network. */

import type { ReindexerDependencies } from './reindexer.ts';

export interface Embeddings {
  /** What an earlier run made of this picture, or this one before it was interrupted. */
  known(id: string, picture: string): Promise<Float32Array | undefined>;
  /** Whether embedding and tile are there, so that nobody needs the picture's bytes. */
  isWhole(id: string, picture: string): Promise<boolean>;
  /**
   * The same, or else made now: the tile is kept first, then the embedding. A picture that comes twice at once is embedded once.
   * @param bytes undefined only for a picture that `isWhole`.
   * @throws {InputError} when the picture cannot be used.
   */
  of(
    id: string,
    picture: string,
    bytes: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly embedding: Float32Array; readonly isNew: boolean }>;
}

export type EmbeddingsDependencies = Pick<
  ReindexerDependencies,
  'cache' | 'decoder' | 'embedder' | 'index' | 'pictures'
>;

/** @param since an epoch of the cache; the index then counts for nothing. Undefined: both do, whatever their epoch. */
export function createEmbeddings(
  { cache, decoder, embedder, index, pictures }: EmbeddingsDependencies,
  since: number | undefined,
): Embeddings {
  // The index first, because it needs no disk. It is believed only for the picture that it was built from.
  const current = since === undefined ? index() : undefined;
  const indexed = new Map<string, string>();
  for (const { id, picture } of current?.entries() ?? []) indexed.set(id, picture);

  const making = new Map<string, Promise<Float32Array>>();

  async function known(id: string, picture: string): Promise<Float32Array | undefined> {
    const vector = indexed.get(id) === picture ? await current?.vector(id) : undefined;
    return vector ?? cache.get(picture, since);
  }

  async function keepTile(picture: string, bytes: Uint8Array): Promise<void> {
    if (!(await pictures.has(picture))) await pictures.write(picture, await decoder.tile(bytes));
  }

  async function make(
    picture: string,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const options = { priority: 'bulk', ...(signal && { signal }) } as const;
    const pixels = await decoder.decode(bytes, embedder.input, options);
    const made = embedder.embed(pixels, options);
    const kept = keepTile(picture, bytes);
    // Whichever fails, the other one is over too: what ends here leaves nothing that still writes.
    await Promise.allSettled([made, kept]);
    const [embedding] = await Promise.all([made, kept]);
    // The tile first: a cached embedding promises that the picture can be shown.
    await cache.set(picture, embedding);
    return embedding;
  }

  return {
    known,

    isWhole: async (id, picture) => (await pictures.has(picture)) && (await known(id, picture)) !== undefined,

    async of(id, picture, bytes, signal) {
      const stored = await known(id, picture);
      if (stored) {
        // Tiles are not synced to the disk, so a known picture may have lost its own.
        if (bytes) await keepTile(picture, bytes);
        return { embedding: stored, isNew: false };
      }
      if (!bytes) throw new Error(`The embedding of picture ${picture} was there and is gone.`);
      const running = making.get(picture);
      if (running) return { embedding: await running, isNew: false };
      const made = make(picture, bytes, signal).finally(() => making.delete(picture));
      making.set(picture, made);
      return { embedding: await made, isNew: true };
    },
  };
}
