/** What the reindexer and its steps work on. */

import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PictureStore } from '../catalogue/picture-store.ts';
import type { ServingCatalogue } from '../catalogue/serving-catalogue.ts';
import type { Classifier } from '../embed/classifier.ts';
import type { Embedder } from '../embed/embedder.ts';
import type { PhotoDecoder } from '../photo/decode-photo.ts';
import type { ItemIndex } from '../search/item-index.ts';
import type { CommitLog } from './commit-log.ts';
import type { EmbeddingCache } from './embedding-cache.ts';
import type { RunResult } from './run-result.ts';

export interface ReindexerDependencies {
  readonly embedder: Embedder;
  /** Predicts the labels that sources do not give. */
  readonly classifier: Classifier;
  /** Digest of the current classifier, and of the one that labelled the catalogue. */
  readonly predictions: {
    readonly digest: string;
    readonly predictedBy: () => Promise<string | undefined>;
    readonly keep: (digest: string) => Promise<void>;
  };
  readonly decoder: Pick<PhotoDecoder, 'decode' | 'tile'>;
  readonly catalogue: Catalogue;
  /** The same catalogue, as answers read it. */
  readonly servingCatalogue: ServingCatalogue;
  readonly commitLog: CommitLog;
  readonly cache: EmbeddingCache;
  readonly pictures: PictureStore;
  /** Folder that holds the generations of the index. */
  readonly indexFolder: string;
  /** Cosine from which two items count as duplicates. */
  readonly duplicateFrom: number;
  /** The index that serves now; undefined before the first one. */
  readonly index: () => ItemIndex | undefined;
  /** Opens the current index on the disk. */
  readonly openIndex: () => Promise<ItemIndex | undefined>;
  /** Makes an index answer from now on. */
  readonly serveIndex: (index: ItemIndex) => void;
  /** Records the result of a run. May be repeated. */
  readonly recordResult: (result: RunResult) => Promise<void>;
  /** A source that does not answer for longer than this is given up, in milliseconds. Default: two minutes. */
  readonly patienceMs?: number;
}
