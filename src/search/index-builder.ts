/** Makes the next generation of an index aside, and then, in one step, the one that counts. */

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
  /** The index root, for example `DATA_DIR/index`. One builder at a time: the caller holds the data folder's lock. */
  readonly folder: string;
  readonly fingerprint: ModelFingerprint;
  readonly entries: readonly IndexEntry[];
  /**
   * One row an entry, `[entries.length * fingerprint.dimension]`, taken over: scaled to length one in place. On a
   * SharedArrayBuffer it is used as it is, anywhere else it is copied to one.
   */
  readonly vectors: Float32Array;
  /** Cosine from which on two items look the same. Default: 1, which only equal vectors reach. */
  readonly duplicateFrom?: number;
  /** Builds from nothing, whatever is there. */
  readonly rebuild?: boolean;
  /** The last moment before the new generation counts. When this fails, the old one stays. */
  readonly beforeSwitch?: (generation: string) => Promise<void>;
}

export interface IndexBuild {
  /** `built` from nothing, `revised` from the generation before, or `unchanged`: nothing was written. */
  readonly kind: 'built' | 'revised' | 'unchanged';
  readonly added: number;
  /** Items with another picture or other labels. */
  readonly changed: number;
  readonly removed: number;
  /** The one that counts now. */
  readonly generation: string;
}

/**
 * Brings the index in `folder` to exactly these items. Items that kept id and picture keep their rows; when few others
 * changed, only these are added to and deleted from the graph. The old index counts, and can be opened, until the new one
 * is whole and on the disk; then its files are removed. Killed at any moment, this leaves one of the two.
 * @throws {RangeError} for entries or vectors that cannot be indexed: an id twice, another dimension, NaN, length zero.
 * @throws {OperatorError} when the folder cannot be written or the disk is full; the index that was there is unchanged.
 */
export async function buildIndex(options: BuildIndexOptions): Promise<IndexBuild> {
  const { folder, fingerprint, entries, vectors, signal } = options;
  signal?.throwIfAborted();
  const checked = createMetadataColumns(entries, entries.length);
  normaliseRows(
    vectors,
    fingerprint.dimension,
    entries.length,
    (row) => `item ${JSON.stringify(checked.idOf(row))}`,
  );
  try {
    await mkdir(folder, { recursive: true });
    const previous = await readPrevious(options);
    const plan = withDuplicates(planIndexUpdate(previous?.table, entries), previous, options);
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
    // The new index counts already; what cannot be removed now is tried again by the next build.
    await removeGenerationsExcept(folder, generation).catch(() => undefined);
    return { ...summary(plan), generation };
  } catch (error) {
    throw storageError(error, folder);
  }
}

// --- Internal helpers ---

/** The generation that counts, if it can be built upon: whole, of the same model and parameters. Removes leftovers. */
async function readPrevious({
  folder: root,
  fingerprint,
  rebuild,
}: BuildIndexOptions): Promise<PreviousGeneration | undefined> {
  let name: string | undefined;
  try {
    name = await readCurrent(root);
  } catch (error) {
    // Which generation counted is lost; all of them stay until a new one does.
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
    // Damaged or foreign: this build is the repair.
    if (error instanceof OperatorError || error instanceof DamagedFileError) return undefined;
    throw error;
  }
}

/** Where nobody has looked for duplicates yet, or with another measure, the graph is probed even if nothing else changed. */
function withDuplicates(
  plan: IndexUpdatePlan,
  previous: PreviousGeneration | undefined,
  { duplicateFrom = 1 }: BuildIndexOptions,
): IndexUpdatePlan {
  const known = (previous?.manifest.duplicates?.from ?? 1) === duplicateFrom;
  return known || plan.kind === 'built' ? plan : { ...plan, kind: 'revised' };
}

/** Removes a generation that did not come to count. */
async function discard(root: string, generation: string): Promise<void> {
  // What failed may have been the very last step, after which it counts; unknown means hands off.
  const current = await readCurrent(root).catch(() => generation);
  if (current !== generation) await removeGenerationsExcept(root, current).catch(() => undefined);
}

function summary({ kind, added, changed, removed }: IndexUpdatePlan): Omit<IndexBuild, 'generation'> {
  return { kind: kind === 'relabelled' ? 'revised' : kind, added, changed, removed };
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space',
  EDQUOT: 'The disk quota is used up: free some space',
  EFBIG: 'The file would be larger than this system lets it be: raise the limit (ulimit -f)',
  EROFS: 'The file system is read-only: choose another DATA_DIR',
  EACCES: 'The folder belongs to somebody else: choose another DATA_DIR or change its owner',
  EPERM: 'The folder belongs to somebody else: choose another DATA_DIR or change its owner',
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
