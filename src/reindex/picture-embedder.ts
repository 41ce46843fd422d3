/** Embeddings of pictures: from the index, else from the cache, and only if neither has one, from the network. */

import type { ReindexerDependencies } from './reindexer-dependencies.ts';

export interface PictureEmbedder {
  /** The embedding that an earlier run made of this picture, or an earlier part of this run. */
  known(id: string, picture: string): Promise<Float32Array | undefined>;
  /** Whether both embedding and tile are stored, so that the bytes of the picture are not needed. */
  isComplete(id: string, picture: string): Promise<boolean>;
  /**
   * The stored embedding, or a new one: then the tile is stored first, then the embedding. If the same picture is asked for
   * twice at once, it is embedded once.
   * @param bytes undefined only for a picture that `isComplete`.
   * @throws {InputError} when the picture cannot be used.
   */
  embed(
    id: string,
    picture: string,
    bytes: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly embedding: Float32Array; readonly isNew: boolean }>;
}

export type PictureEmbedderDependencies = Pick<
  ReindexerDependencies,
  'cache' | 'decoder' | 'embedder' | 'index' | 'pictures'
>;

/**
 * @param since an epoch of the cache: older embeddings are not used, and neither are those of the index.
 * Undefined: all of them are used.
 */
export function createPictureEmbedder(
  { cache, decoder, embedder, index, pictures }: PictureEmbedderDependencies,
  since: number | undefined,
): PictureEmbedder {
  // The index comes first because it needs no disk. It is only used for the picture that an item had when it was built.
  const current = since === undefined ? index() : undefined;
  const indexed = new Map<string, string>();
  for (const { id, picture } of current?.entries() ?? []) indexed.set(id, picture);

  /** Embeddings in progress, by picture. */
  const inProgress = new Map<string, Promise<Float32Array>>();

  async function known(id: string, picture: string): Promise<Float32Array | undefined> {
    const vector = indexed.get(id) === picture ? await current?.vector(id) : undefined;
    return vector ?? cache.get(picture, since);
  }

  async function storeTile(picture: string, bytes: Uint8Array): Promise<void> {
    if (!(await pictures.has(picture))) await pictures.write(picture, await decoder.tile(bytes));
  }

  async function make(
    picture: string,
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const options = { priority: 'bulk', ...(signal && { signal }) } as const;
    const pixels = await decoder.decode(bytes, embedder.input, options);
    const embedding = embedder.embed(pixels, options);
    const tile = storeTile(picture, bytes);
    // If one of them fails, the other one is still waited for, so that nothing is written after this function has thrown.
    await Promise.allSettled([embedding, tile]);
    const [made] = await Promise.all([embedding, tile]);
    // The tile comes first, because a cached embedding promises that the picture can be shown.
    await cache.set(picture, made);
    return made;
  }

  return {
    known,

    isComplete: async (id, picture) =>
      (await pictures.has(picture)) && (await known(id, picture)) !== undefined,

    async embed(id, picture, bytes, signal) {
      const stored = await known(id, picture);
      if (stored) {
        // Tiles are not synced to the disk, so the tile of a known picture may be missing.
        if (bytes) await storeTile(picture, bytes);
        return { embedding: stored, isNew: false };
      }
      if (!bytes) throw new Error(`The embedding of picture ${picture} was there and is gone.`);
      const running = inProgress.get(picture);
      if (running) return { embedding: await running, isNew: false };
      const made = make(picture, bytes, signal).finally(() => inProgress.delete(picture));
      inProgress.set(picture, made);
      return { embedding: await made, isNew: true };
    },
  };
}
