/** The part of the bot that answers photos, over embeddings of labelled items. */

import { Keyv } from 'keyv';
import type { Item } from '../../../src/catalogue/item.ts';
import type { Embedder } from '../../../src/embed/embedder.ts';
import type { Manifest } from '../../../src/embed/model.ts';
import type { GarmentFinder } from '../../../src/garments/garment-finder.ts';
import type { PhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { createGallerySessions } from '../../../src/recommend/gallery-sessions.ts';
import { createRecommender, type Recommender } from '../../../src/recommend/recommend.ts';
import { createExactIndex } from '../../../src/search/exact-index.ts';
import type { LabelledItem } from '../../train/labelled-items.ts';
import type { Rows } from '../neighbours.ts';

export interface BotOverRowsOptions {
  readonly embedder: Embedder;
  readonly decoder: PhotoDecoder;
  readonly finder: GarmentFinder;
  readonly bands: Manifest['similarity'];
  readonly items: readonly LabelledItem[];
  /** One row for each item. */
  readonly rows: Rows;
}

/** Searches exactly, so that figures do not depend on how an approximate index was built. */
export function botOverRows(options: BotOverRowsOptions): Pick<Recommender, 'recommend' | 'page'> {
  const { embedder, decoder, finder, bands, items, rows } = options;
  const entries = items.map(({ id, title, labels }): Item => ({
    id,
    title,
    labels,
    picture: NO_PICTURE,
    source: 'evaluation',
  }));
  const byId = new Map(entries.map((item) => [item.id, item]));
  const index = createExactIndex({
    fingerprint: embedder.fingerprint,
    entries,
    vectors: rows.vectors,
    createdAt: new Date(0),
  });
  return createRecommender({
    embedder,
    decoder,
    finder,
    bands,
    index: () => index,
    catalogue: { getMany: (ids) => Promise.resolve(ids.map((id) => byId.get(id))) },
    sessions: createGallerySessions(new Keyv(), embedder.fingerprint),
    metrics: { photo: () => undefined, timed: (_stage, work) => work() },
  });
}

// --- Internal helpers ---

/** Stands for a picture that nobody asks for. */
const NO_PICTURE = '0'.repeat(64);
