/**
 * Worker thread that builds or updates a graph, writes it to a file, and ends by itself. A worker that was asked to stop sends no
 * `BuildResult`. The caller has to check the written file.
 */

import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createGraph, type GraphParameters, loadGraph } from './hnsw-graph.ts';
import { dot } from './vectors.ts';

export interface BuildTask {
  readonly dimension: number;
  readonly parameters: GraphParameters;
  /** Unit rows in shared memory. */
  readonly vectors: Float32Array;
  /** A verified graph to start from. */
  readonly base?: { readonly path: string; readonly nodes: number; readonly deleted: Int32Array };
  /** Rows that become nodes, each under its row number. */
  readonly add: Int32Array;
  /** All nodes that are to be marked as deleted in the new graph. */
  readonly deleted: Int32Array;
  /** Living nodes to search for, to find out whether they are strays and which nodes are their duplicates. */
  readonly probe: Int32Array;
  /** Cosine from which two nodes count as duplicates. */
  readonly duplicateFrom: number;
  /** Where to write the graph. */
  readonly output: string;
  /** One number in shared memory. Any value but 0 tells the worker to stop without writing. */
  readonly stop: Int32Array;
}

/** Steps done, of `add.length + probe.length`. */
export interface BuildProgress {
  readonly kind: 'progress';
  readonly done: number;
}

export interface BuildResult {
  readonly kind: 'result';
  /** Nodes that a search for their own vector does not find: outliers that have hardly any incoming links. */
  readonly strays: number[];
  /** Pairs of a probed node and a duplicate of it, flattened: node, other, node, other. */
  readonly duplicates: number[];
}

/** Rows between two checks of `stop`; a row takes 0.1 to 0.5 ms. */
const SLICE = 64;
/** Search width of a probe. It is narrower than that of any search, so a node that passes the probe is found by every search. */
const PROBE_WIDTH = 64;
/** Neighbours that a probe returns. Larger groups of duplicates are still found, because their members link to each other. */
const PROBE_NEIGHBOURS = 16;
/** A result whose similarity differs by less than this counts as the probed node itself. */
const TIE = 1e-6;

// On Linux a thread has its own priority. Answers come first, and on an idle machine the build is as fast as before.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);
await build(workerData as BuildTask);

// --- Internal helpers ---

async function build(task: BuildTask): Promise<void> {
  const { dimension, vectors, base, add, deleted, probe, output } = task;
  const parameters = { ...task.parameters, efSearch: PROBE_WIDTH };
  const capacity = (base?.nodes ?? 0) + add.length;
  const graph = base
    ? await loadGraph(base.path, dimension, base.nodes, parameters, capacity)
    : await createGraph(dimension, capacity, parameters);
  try {
    // hnswlib must not add nodes while there are deleted ones (see hnsw-graph.ts), so nodes are deleted last.
    base?.deleted.forEach((label) => {
      graph.setDeleted(label, false);
    });
    const added = inSlices(task, add, 0, (row) => {
      graph.add(row, vectors);
    });
    if (!added) return;
    deleted.forEach((label) => {
      graph.setDeleted(label, true);
    });
    const strays: number[] = [];
    const duplicates: number[] = [];
    const probed = inSlices(task, probe, add.length, (row) => {
      const query = Float64Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
      let nearest = -1;
      for (const other of graph.search(query, PROBE_NEIGHBOURS)) {
        const similarity = dot(vectors, other * dimension, query);
        nearest = Math.max(nearest, similarity);
        if (other !== row && similarity >= task.duplicateFrom) duplicates.push(row, other);
      }
      if (nearest < dot(vectors, row * dimension, query) - TIE) strays.push(row);
    });
    if (!probed) return;
    graph.save(output);
    parentPort?.postMessage({ kind: 'result', strays, duplicates } satisfies BuildResult);
  } finally {
    graph.free();
  }
}

/** Returns false when it was stopped before the end. */
function inSlices(
  { stop }: BuildTask,
  rows: Int32Array,
  before: number,
  step: (row: number) => void,
): boolean {
  for (let from = 0; from < rows.length; from += SLICE) {
    if (Atomics.load(stop, 0) !== 0) return false;
    rows.subarray(from, from + SLICE).forEach(step);
    parentPort?.postMessage({
      kind: 'progress',
      done: before + Math.min(rows.length, from + SLICE),
    } satisfies BuildProgress);
  }
  return true;
}
