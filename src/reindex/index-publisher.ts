/**
 * Last step of a reindex: changes catalogue and index together, and records the run. The file `current` of the index decides:
 * whatever must be true together with a generation is logged before that generation becomes current, and applied afterwards,
 * by the next process if this one dies.
 */

import pMap from 'p-map';
import type { Item } from '../catalogue/item.ts';
import { fingerprintDigest } from '../embed/model.ts';
import { readCurrent } from '../search/generation.ts';
import type { IndexBuild } from '../search/index-builder.ts';
import { OperatorError } from '../util/errors.ts';
import type { CatalogueChange } from './commit-log.ts';
import type { ReindexerDependencies } from './reindexer-dependencies.ts';

export interface IndexPublisher {
  /** Logs a change: before `generation` becomes current, or, if it is current already, before `commit`. */
  prepare(generation: string, change: CatalogueChange): Promise<void>;
  /**
   * Applies a change once its generation is current. Answers switch from the old index and catalogue to the new ones at one moment.
   * @param before the catalogue as it was, by id.
   */
  commit(build: IndexBuild, change: CatalogueChange, before: ReadonlyMap<string, Item>): Promise<void>;
  /** Completes the commit of an earlier process that died, or of an earlier run whose disk failed. */
  recover(): Promise<void>;
}

const CATALOGUE_BATCH = 500;
const CONCURRENT_DELETIONS = 16;

export function createIndexPublisher(dependencies: ReindexerDependencies): IndexPublisher {
  const { cache, catalogue, commitLog, embedder, index, indexFolder, openIndex } = dependencies;
  const { pictures, predictions, recordResult, serveIndex, servingCatalogue } = dependencies;

  async function writeItems({ set }: CatalogueChange): Promise<void> {
    for (let start = 0; start < set.length; start += CATALOGUE_BATCH) {
      await catalogue.set(set.slice(start, start + CATALOGUE_BATCH));
    }
  }

  /** Only once no answer can use the removed items any more. Clearing the log is the last step. */
  async function finish(change: CatalogueChange): Promise<void> {
    const { remove: ids, orphans, rebuild, predictedBy, result } = change;
    for (let start = 0; start < ids.length; start += CATALOGUE_BATCH) {
      await catalogue.delete(ids.slice(start, start + CATALOGUE_BATCH));
    }
    await pMap(orphans, (digest) => pictures.delete(digest), { concurrency: CONCURRENT_DELETIONS });
    if (rebuild === fingerprintDigest(embedder.fingerprint)) await cache.endRebuild();
    if (predictedBy !== undefined) await predictions.keep(predictedBy);
    if (result) await recordResult(result);
    await commitLog.clear();
  }

  return {
    prepare: (generation, change) => commitLog.keep(generation, change),

    async commit({ kind }, change, before) {
      const next = kind !== 'unchanged' || !index() ? await openIndex() : undefined;
      servingCatalogue.hold(new Map(change.set.map(({ id }) => [id, before.get(id)])));
      await writeItems(change);
      if (next) serveIndex(next);
      servingCatalogue.release();
      await finish(change);
    },

    async recover() {
      const current = await readCurrent(indexFolder).catch((error: unknown) => {
        // Nobody knows which generation is current; the next build compares everything anyway.
        if (error instanceof OperatorError) return undefined;
        throw error;
      });
      const change = current === undefined ? undefined : await commitLog.of(current);
      if (!change) return commitLog.clear();
      // If the last run of this process failed at this point, the old index still answers, and needs the old items.
      const next = index() && (await openIndex());
      if (next) {
        const ids = change.set.map(({ id }) => id);
        const items = await catalogue.getMany(ids);
        servingCatalogue.hold(new Map(ids.map((id, position) => [id, items[position]])));
      }
      await writeItems(change);
      if (next) serveIndex(next);
      servingCatalogue.release();
      await finish(change);
    },
  };
}
