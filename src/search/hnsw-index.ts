/** The default index: an HNSW graph, and brute force when a filter leaves few items. Held in memory. */

import { join } from 'node:path';
import { OperatorError } from '../util/errors.ts';
import type { ModelFingerprint } from '../embed/model.ts';
import type { Logger } from '../util/logger.ts';
import { DamagedFileError, verifyFile } from './checked-file.ts';
import { createExactIndex } from './exact-index.ts';
import { type GenerationData, GRAPH_FILE, readCurrent, readGeneration } from './generation.ts';
import { type HnswGraph, loadGraph } from './hnsw-graph.ts';
import { groupDuplicates } from './duplicate-groups.ts';
import { buildIndex } from './index-builder.ts';
import type { ItemIndex } from './item-index.ts';
import type { Selection } from './metadata-columns.ts';
import { createInMemoryIndex } from './in-memory-index.ts';
import { type RowMatch, searchBruteForce } from './brute-force.ts';
import { dot, firstIdentical } from './vectors.ts';

export interface OpenHnswIndexOptions {
  /** The index root, for example `DATA_DIR/index`. */
  readonly folder: string;
  /** The model that queries will come from. */
  readonly fingerprint: ModelFingerprint;
  readonly logger: Logger;
}

/**
 * Loads the current index, after checking size and SHA-256 of every file. A damaged graph is built again from the stored vectors,
 * with a warning; this takes minutes for a large inventory. If it cannot be written, every search uses brute force.
 * @returns undefined when there is no index yet.
 * @throws {OperatorError} with the repair command, when the index was made by another model or is damaged.
 */
export async function openHnswIndex(options: OpenHnswIndexOptions): Promise<ItemIndex | undefined> {
  const { folder, fingerprint } = options;
  for (;;) {
    const generation = await readCurrent(folder);
    if (generation === undefined) return undefined;
    let data: GenerationData | undefined;
    try {
      data = await readGeneration(join(folder, generation), fingerprint);
      return createHnswIndex(data, await openGraph(join(folder, generation), data));
    } catch (error) {
      // A build in another process may have replaced the generation while it was read.
      if ((await readCurrent(folder)) !== generation) continue;
      if (!data || !(error instanceof DamagedFileError)) throw error;
      options.logger.warn(
        { reason: error.message },
        'the search graph is damaged; building it again from the stored vectors',
      );
      return rebuild(data, options);
    }
  }
}

// --- Internal helpers ---

async function openGraph(folder: string, { manifest }: GenerationData): Promise<HnswGraph | undefined> {
  if (manifest.nodes === 0) return undefined;
  const path = join(folder, GRAPH_FILE);
  await verifyFile(path, manifest.files[GRAPH_FILE]);
  return loadGraph(path, manifest.model.dimension, manifest.nodes, manifest.graph);
}

function createHnswIndex(
  { manifest, columns, vectors }: GenerationData,
  graph: HnswGraph | undefined,
): ItemIndex {
  const { dimension } = manifest.model;
  const nodeOfRow = firstIdentical(vectors, dimension);
  const rowsOfNode = groupByNode(nodeOfRow);
  const limit = bruteForceLimit(columns.living.count);

  async function search(query: Float64Array, k: number, selection: Selection): Promise<RowMatch[]> {
    const filtered = selection.count < columns.living.count;
    if (!graph || (filtered && selection.count <= limit))
      return searchBruteForce(vectors, query, k, selection);
    const found = graph.search(query, k, filtered ? nodesAllowed(selection) : undefined);
    const matches = expand([...new Set([...found, ...manifest.strays])], query, k, selection);
    // A graph search guarantees nothing. If the answer is too short, brute force gives the right one.
    return matches.length < Math.min(k, selection.count)
      ? searchBruteForce(vectors, query, k, selection)
      : matches;
  }

  /** A node may be returned when at least one of its rows is selected. */
  function nodesAllowed({ mask }: Selection): Uint8Array {
    const allowed = new Uint8Array(mask.length);
    for (let row = 0; row < mask.length; row++) if (mask[row] === 1) allowed[nodeOfRow[row] ?? 0] = 1;
    return allowed;
  }

  /** Turns nodes into rows, with similarities from the stored vectors. The selected rows of a node keep their order. */
  function expand(nodes: readonly number[], query: Float64Array, k: number, { mask }: Selection): RowMatch[] {
    const scored = nodes.map((row) => ({ row, similarity: dot(vectors, row * dimension, query) }));
    scored.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
    const matches: RowMatch[] = [];
    for (const { row: node, similarity } of scored) {
      for (const row of rowsOfNode.get(node) ?? [node]) {
        if (mask[row] === 1 && matches.push({ row, similarity }) === k) return matches;
      }
    }
    return matches;
  }

  return createInMemoryIndex({
    fingerprint: manifest.model,
    createdAt: new Date(manifest.createdAt),
    columns,
    vectors,
    search,
    groups: groupRows(manifest.duplicates?.pairs ?? [], rowsOfNode),
    free: () => {
      graph?.free();
    },
  });
}

/**
 * If a filter leaves no more items than this, brute force is used, which is exact. Measured at 256 dimensions: brute force takes
 * 0.4 to 0.9 us per selected item. The graph takes about 0.7 ms divided by the share of selected items, because it also visits the
 * others. Both take equally long near sqrt(1,000 * items), which is 6,700 of 44,441 and 32,000 of a million.
 */
function bruteForceLimit(items: number): number {
  return Math.max(5_000, Math.sqrt(1_000 * items));
}

/** The rows of each node that has more than one. */
function groupByNode(nodeOfRow: Int32Array): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const [row, node] of nodeOfRow.entries()) {
    if (row === node) continue;
    const group = groups.get(node);
    if (group) group.push(row);
    else groups.set(node, [node, row]);
  }
  return groups;
}

/** Groups rows that are duplicates: rows of the same node, and rows of duplicate nodes. */
function groupRows(
  pairs: readonly (readonly [number, number])[],
  rowsOfNode: ReadonlyMap<number, readonly number[]>,
): ReadonlyMap<number, readonly number[]> {
  const identical = [...rowsOfNode].flatMap(([node, rows]) =>
    rows.map((row): [number, number] => [node, row]).slice(1),
  );
  return groupDuplicates([...pairs, ...identical]).groups;
}

async function rebuild(
  data: GenerationData,
  { folder, fingerprint, logger }: OpenHnswIndexOptions,
): Promise<ItemIndex> {
  const entries = [...data.columns.entries()];
  const vectors = compact(data, fingerprint.dimension);
  const { duplicates } = data.manifest;
  const threshold = duplicates && { duplicateFrom: duplicates.from };
  try {
    const { generation } = await buildIndex({
      folder,
      fingerprint,
      entries,
      vectors,
      rebuild: true,
      ...threshold,
    });
    const rebuilt = await readGeneration(join(folder, generation), fingerprint);
    const index = createHnswIndex(rebuilt, await openGraph(join(folder, generation), rebuilt));
    logger.info({ items: entries.length }, 'the search graph was built again');
    return index;
  } catch (error) {
    if (!(error instanceof OperatorError || error instanceof DamagedFileError)) throw error;
    logger.warn(
      { reason: error.message },
      'the rebuilt search graph cannot be used; using brute force instead',
    );
    return createExactIndex({ fingerprint, entries, vectors, createdAt: new Date(data.manifest.createdAt) });
  }
}

/** The vectors of the living rows in the order of `columns.entries()`, moved together in place. */
function compact({ columns, vectors }: GenerationData, dimension: number): Float32Array {
  let next = 0;
  columns.living.mask.forEach((living, row) => {
    if (living === 1) vectors.copyWithin(next++ * dimension, row * dimension, (row + 1) * dimension);
  });
  return vectors.subarray(0, next * dimension);
}
