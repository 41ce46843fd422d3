/** Builds the next generation of an index beside the current one, and then makes it current in one step. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import type { ModelFingerprint } from '../embed/model.ts';
import { DamagedFileError, verifyFile } from './checked-file.ts';
import {
  createGeneration,
  GRAPH_FILE,
  readCurrent,
  readGeneration,
  removeGenerationsExcept,
  writeCurrent,
} from './generation.ts';
import { GRAPH_PARAMETERS, type GraphBuildOptions } from './graph-builder.ts';
import { checkGraphFile } from './hnsw-file.ts';
import { planIndexUpdate, type IndexUpdatePlan } from './index-update-plan.ts';
import type { IndexEntry } from './item-index.ts';
import { createMetadataColumns } from './metadata-columns.ts';
import { normaliseRows } from './vectors.ts';
import { type PreviousGeneration, writeGeneration } from './write-generation.ts';

export interface BuildIndexOptions extends GraphBuildOptions {
  /** The root folder of the index, for example `DATA_DIR/index`. The caller holds the lock of the data folder: one build at a time. */
  readonly folder: string;
  readonly fingerprint: ModelFingerprint;
  readonly entries: readonly IndexEntry[];
  /**
   * One row per entry, `[entries.length * fingerprint.dimension]`. The builder owns them from now on, and normalises them in place.
   * They are copied to a SharedArrayBuffer unless they are already in one.
   */
  readonly vectors: Float32Array;
  /** Cosine from which two items count as duplicates. Default: 1, which only identical vectors reach. */
  readonly duplicateFrom?: number;
  /** Builds from nothing, whatever exists. */
  readonly rebuild?: boolean;
  /** Called right before the new generation becomes current. If it fails, the old one stays current. */
  readonly beforeSwitch?: (generation: string) => Promise<void>;
}

export interface IndexBuild {
  /** `built` from nothing, `revised` from the previous generation, or `unchanged`: nothing was written. */
  readonly kind: 'built' | 'revised' | 'unchanged';
  readonly added: number;
  /** Items with another picture or other labels. */
  readonly changed: number;
  readonly removed: number;
  /** The current one. */
  readonly generation: string;
}

/**
 * Updates the index in `folder` to exactly these items. Items with the same id and picture keep their rows. If few items changed,
 * only these are added to and deleted from the graph. The old index stays current, and can be opened, until the new one is complete
 * and on the disk; then its files are removed. If the process is killed at any moment, one of the two is left.
 * @throws {RangeError} for entries or vectors that cannot be indexed: a repeated id, another dimension, NaN, a zero vector.
 * @throws {OperatorError} when the folder cannot be written or the disk is full; the index that was there is unchanged.
 */
export async function buildIndex(options: BuildIndexOptions): Promise<IndexBuild> {
  const { folder, fingerprint, entries, vectors, signal } = options;
  signal?.throwIfAborted();
  const columns = createMetadataColumns(entries, entries.length);
  normaliseRows(
    vectors,
    fingerprint.dimension,
    entries.length,
    (row) => `item ${JSON.stringify(columns.idOf(row))}`,
  );
  try {
    await mkdir(folder, { recursive: true });
    const previous = await readPrevious(options);
    const plan = withDuplicates(planIndexUpdate(previous?.columns, entries), previous, options);
    if (previous && plan.kind === 'unchanged') return { ...summary(plan), generation: previous.name };
    signal?.throwIfAborted();
    const generation = await createGeneration(folder);
    try {
      await writeGeneration(join(folder, generation), options, plan, previous);
      signal?.throwIfAborted();
      await options.beforeSwitch?.(generation);
      await writeCurrent(folder, generation);
    } catch (error) {
      await discard(folder, generation);
      throw error;
    }
    // The new index is already current. The next build tries again to remove what cannot be removed now.
    await removeGenerationsExcept(folder, generation).catch(() => undefined);
    return { ...summary(plan), generation };
  } catch (error) {
    throw storageError(error, folder);
  }
}

// --- Internal helpers ---

/** The current generation if it can be updated: it is complete, and has the same model and parameters. Removes leftovers. */
async function readPrevious({
  folder: root,
  fingerprint,
  rebuild,
}: BuildIndexOptions): Promise<PreviousGeneration | undefined> {
  let name: string | undefined;
  try {
    name = await readCurrent(root);
  } catch (error) {
    // Nobody knows which generation is current, so all of them stay until there is a new one.
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
  await removeGenerationsExcept(root, name);
  if (name === undefined || rebuild) return undefined;
  const folder = join(root, name);
  try {
    const data = await readGeneration(folder, fingerprint);
    const { nodes, graph, files } = data.manifest;
    const same = Object.entries(GRAPH_PARAMETERS).every(
      ([name, value]) => graph[name as keyof typeof graph] === value,
    );
    if (!same) return undefined;
    if (nodes > 0) {
      const path = join(folder, GRAPH_FILE);
      await verifyFile(path, files[GRAPH_FILE]);
      await checkGraphFile(path, { dimension: fingerprint.dimension, nodes, ...graph });
    }
    return { ...data, name, folder };
  } catch (error) {
    // It is damaged or from another model. This build is the repair.
    if (error instanceof OperatorError || error instanceof DamagedFileError) return undefined;
    throw error;
  }
}

/** Updates an unchanged index too, if its duplicates were never searched for, or with another threshold. */
function withDuplicates(
  plan: IndexUpdatePlan,
  previous: PreviousGeneration | undefined,
  { duplicateFrom = 1 }: BuildIndexOptions,
): IndexUpdatePlan {
  const known = (previous?.manifest.duplicates?.from ?? 1) === duplicateFrom;
  return known || plan.kind === 'built' ? plan : { ...plan, kind: 'revised' };
}

/** Removes a generation that failed to become current. */
async function discard(root: string, generation: string): Promise<void> {
  // If the very last step failed, the generation may be current. If that cannot be read, nothing is removed.
  const current = await readCurrent(root).catch(() => generation);
  if (current !== generation) await removeGenerationsExcept(root, current).catch(() => undefined);
}

function summary({ kind, added, changed, removed }: IndexUpdatePlan): Omit<IndexBuild, 'generation'> {
  return { kind: kind === 'relabelled' ? 'revised' : kind, added, changed, removed };
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space',
  EDQUOT: 'The disk quota is used up: free some space',
  EFBIG: 'The file would be larger than this system allows: raise the limit (ulimit -f)',
  EROFS: 'The file system is read-only: choose another DATA_DIR',
  EACCES: 'The folder belongs to another user: choose another DATA_DIR or change its owner',
  EPERM: 'The folder belongs to another user: choose another DATA_DIR or change its owner',
  ENOTDIR: 'There is a file where a folder was expected: choose another DATA_DIR',
  EEXIST: 'There is a file where a folder was expected: choose another DATA_DIR',
};

function storageError(error: unknown, folder: string): unknown {
  if (error instanceof DamagedFileError) {
    return new OperatorError(
      `The index in ${folder} could not be written: ${error.message} Most likely the disk is full: free some space and try again. ` +
        'The index that was there before is unchanged.',
      { cause: error },
    );
  }
  const advice = Object.entries(ADVICE).find(([code]) => hasCode(error, code))?.[1];
  if (!advice) return error;
  return new OperatorError(
    `The index in ${folder} cannot be written: ${messageOf(error)}. ${advice} and try again. The index that was there before is unchanged.`,
    { cause: error },
  );
}
