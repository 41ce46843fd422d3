/**
 * Makes catalogue and index change together, and writes down what the run did. The file `current` of the index decides:
 * whatever must be true with a generation is kept before that one counts, and made so afterwards, by the next process if need be.
 */

import pMap from 'p-map';
import { fingerprintDigest } from '../embed/model.ts';
import { OperatorError } from '../util/errors.ts';
import { readCurrent } from '../search/generation.ts';
import type { IndexBuild } from '../search/index-builder.ts';
import type { Item } from '../catalogue/item.ts';
import type { CatalogueChange } from './commit-log.ts';
import type { ReindexerDependencies } from './reindexer.ts';

export interface IndexPublisher {
  /** Before `generation` counts; where it counts already, before `commit`. */
  prepare(generation: string, change: CatalogueChange): Promise<void>;
  /**
   * After it counts: answers come from the new index and its catalogue from one moment on, and from the old ones until then.
   * @param before the catalogue as it was, by id.
   */
  commit(build: IndexBuild, change: CatalogueChange, before: ReadonlyMap<string, Item>): Promise<void>;
  /** Does what a process that died, or whose disk failed, could not do after its generation counted. */
  recover(): Promise<void>;
}

const CATALOGUE_BATCH = 500;
const DELETIONS_IN_FLIGHT = 16;

export function createIndexPublisher(dependencies: ReindexerDependencies): IndexPublisher {
  const { cache, catalogue, embedder, index, indexFolder, open, pending } = dependencies;
  const { pictures, predictions, serve, serving, settle } = dependencies;

  async function add({ set }: CatalogueChange): Promise<void> {
    for (let start = 0; start < set.length; start += CATALOGUE_BATCH) {
      await catalogue.set(set.slice(start, start + CATALOGUE_BATCH));
    }
  }

  /** Only once nothing can answer any more with what leaves. The last step forgets that there was something to do. */
  async function finish({
    remove: ids,
    orphans,
    rebuild,
    predictedBy,
    result,
  }: CatalogueChange): Promise<void> {
    for (let start = 0; start < ids.length; start += CATALOGUE_BATCH) {
      await catalogue.delete(ids.slice(start, start + CATALOGUE_BATCH));
    }
    await pMap(orphans, (digest) => pictures.delete(digest), { concurrency: DELETIONS_IN_FLIGHT });
    if (rebuild === fingerprintDigest(embedder.fingerprint)) await cache.endRebuild();
    if (predictedBy !== undefined) await predictions.keep(predictedBy);
    if (result) await settle(result);
    await pending.clear();
  }

  return {
    prepare: (generation, change) => pending.keep(generation, change),

    async commit({ kind }, change, before) {
      const next = kind !== 'unchanged' || !index() ? await open() : undefined;
      serving.hold(new Map(change.set.map(({ id }) => [id, before.get(id)])));
      await add(change);
      if (next) serve(next);
      serving.release();
      await finish(change);
    },

    async recover() {
      const current = await readCurrent(indexFolder).catch((error: unknown) => {
        // Which generation counts is lost; the next build compares everything anyway.
        if (error instanceof OperatorError) return undefined;
        throw error;
      });
      const change = current === undefined ? undefined : await pending.of(current);
      if (!change) return pending.clear();
      // In a process whose last run failed at this point the old index still answers, and with it the old items.
      const next = index() && (await open());
      if (next) {
        const ids = change.set.map(({ id }) => id);
        const items = await catalogue.getMany(ids);
        serving.hold(new Map(ids.map((id, place) => [id, items[place]])));
      }
      await add(change);
      if (next) serve(next);
      serving.release();
      await finish(change);
    },
  };
}
