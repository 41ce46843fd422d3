/**
 * Worker thread that builds or revises a graph, writes it to a file, and ends by itself.
 * Whether it finished is for the caller to see in the file; a worker that was asked to stop sends no `BuildResult`.
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
  /** All nodes that shall be deleted in the end. */
  readonly deleted: Int32Array;
  /** Living nodes of which to find out whether they are strays, and which others look the same. */
  readonly probe: Int32Array;
  /** Cosine from which on two nodes look the same. */
  readonly duplicateFrom: number;
  /** Where to write the graph. */
  readonly output: string;
  /** One number in shared memory; anything but 0 asks the worker to stop without writing. */
  readonly stop: Int32Array;
}

/** Steps taken, of `add.length + probe.length`. */
export interface BuildProgress {
  readonly kind: 'progress';
  readonly done: number;
}

export interface BuildResult {
  readonly kind: 'result';
  /** Nodes that a search for their own vector does not find: outliers to which hardly a link leads. */
  readonly strays: number[];
  /** Each probed node with the nodes that look the same, in a row: node, other, node, other. */
  readonly duplicates: number[];
}

/** Rows between two looks at `stop`, each 0.1 to 0.5 ms. */
const SLICE = 64;
/** Search width of a probe: narrower than any that serves, so that what passes here is found there. */
const PROBE_WIDTH = 64;
/** Neighbours that a probe looks at. Where more look the same, these lead to each other, so that all are found together. */
const PROBED = 16;
/** A node as similar as this to the one looked for is as good. */
const TIE = 1e-6;

// On Linux a thread has a priority of its own: answers come first, and on an idle machine nothing is lost.
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
    // hnswlib must not add beside deleted nodes (hnsw-graph.ts says why), so deleting comes last.
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
      for (const other of graph.search(query, PROBED)) {
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

/** Whether it came to the end without being asked to stop. */
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
