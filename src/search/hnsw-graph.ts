/**
 * The only file that talks to hnswlib-node, and the fence around it. What the library does when it is used otherwise
 * (each seen in a run or in its source):
 *
 * - a hole, null or string in a vector aborts the process; NaN and zero vectors give arbitrary answers → vectors come from
 *   typed arrays that were checked, copied by a loop into one plain array
 * - a filter that throws aborts, an asynchronous one passes everything → a mask, looked up by a callback that cannot throw
 * - labels are cut to 32 bits, a known label overwrites → labels are rows, each added once
 * - a second load into an object, or a search during one, crashes → a fresh object a load, handed out when it is done
 * - a changed header crashes, a changed body passes → callers verify the file's digest, `loadGraph` its shape
 * - `initIndex` with too large a number aborts, and so does a search in an index without nodes that has no room → bounds
 * - a write to a bad path or a full disk reports success → callers check what was written (`checkGraphFile`)
 * - after a load the search width is 10 → set here
 * - adding beside deleted nodes can find no neighbour at all and then reads out of bounds → callers add first, then delete
 */

import type { HierarchicalNSW } from 'hnswlib-node';
import { ClosedError, messageOf, OperatorError } from '../util/errors.ts';
import { DamagedFileError } from './checked-file.ts';
import { checkGraphFile } from './hnsw-file.ts';

export interface GraphParameters {
  /** Links a node has on the upper levels; twice as many on the lowest. */
  readonly m: number;
  /** Candidates considered while a node is linked. */
  readonly efConstruction: number;
  /** Candidates considered in a search, where it does not ask for more neighbours than that. */
  readonly efSearch: number;
}

export interface HnswGraph {
  /** Living and deleted. */
  readonly nodes: number;
  /** Adds the unit vector in row `label` of `vectors`. Not beside deleted nodes: see above. */
  add(label: number, vectors: Float32Array): void;
  /** @throws {Error} for an unknown label and where nothing would change. */
  setDeleted(label: number, deleted: boolean): void;
  /**
   * Labels of about the `k` nearest living nodes, in no promised order; fewer when the search found fewer.
   * @param query finite numbers, of length one.
   * @param allowed 1 at each label that may be returned; all where absent.
   */
  search(query: Float64Array, k: number, allowed?: Uint8Array): number[];
  /** Writes a file, or part of one, or none, without a word: check it with `checkGraphFile`. */
  save(path: string): void;
  /** Gives the memory back at once. Idempotent; the graph cannot be used afterwards. */
  free(): void;
}

/** About 10 GB of graph at 256 dimensions: beyond that one machine's memory is not the place for it. */
const MAX_NODES = 10_000_000;

/** An empty graph with room for `capacity` nodes, at least 1. */
export async function createGraph(
  dimension: number,
  capacity: number,
  parameters: GraphParameters,
): Promise<HnswGraph> {
  checkCapacity(capacity);
  const native = await construct(dimension);
  native.initIndex(capacity, parameters.m, parameters.efConstruction);
  return wrap(native, dimension, parameters);
}

/**
 * Loads a graph whose digest was verified just before. Reads off the calling thread.
 * @param nodes how many it must hold, at least 1.
 * @param capacity how many it shall have room for; `nodes` or more.
 * @throws {DamagedFileError} when the file is not a graph of this shape.
 */
export async function loadGraph(
  path: string,
  dimension: number,
  nodes: number,
  parameters: GraphParameters,
  capacity = nodes,
): Promise<HnswGraph> {
  checkCapacity(capacity);
  await checkGraphFile(path, { dimension, nodes, ...parameters });
  const native = await construct(dimension);
  try {
    await native.readIndex(path);
  } catch (error) {
    throw new DamagedFileError(`${path} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  if (native.getMaxElements() < capacity) native.resizeIndex(capacity);
  return wrap(native, dimension, parameters);
}

// --- Internal helpers ---

function wrap(native: HierarchicalNSW, dimension: number, { efSearch }: GraphParameters): HnswGraph {
  let freed = false;
  native.setEf(efSearch);
  // hnswlib copies what it is given, so one array serves all calls.
  const point = new Array<number>(dimension).fill(0);

  function usable(): HierarchicalNSW {
    if (freed) throw new ClosedError('The graph was freed.');
    return native;
  }

  function copyPoint(values: Float32Array | Float64Array, offset: number): number[] {
    if (offset < 0 || offset + dimension > values.length)
      throw new RangeError(`Row ${offset / dimension} lies outside of the vectors.`);
    for (let index = 0; index < dimension; index++) point[index] = values[offset + index] ?? 0;
    return point;
  }

  return {
    get nodes() {
      return usable().getCurrentCount();
    },
    add(label, vectors) {
      if (!Number.isInteger(label)) throw new RangeError(`Expected a row number, got ${label}.`);
      usable().addPoint(copyPoint(vectors, label * dimension), label);
    },
    setDeleted(label, deleted) {
      if (deleted) usable().markDelete(label);
      else usable().unmarkDelete(label);
    },
    search(query, k, allowed) {
      const index = usable();
      const wanted = Math.min(k, index.getCurrentCount());
      if (wanted < 1) return [];
      const filter = allowed && ((label: number): boolean => allowed[label] === 1);
      return index.searchKnn(copyPoint(query, 0), wanted, filter).neighbors;
    },
    save(path) {
      usable().writeIndexSync(path);
    },
    free() {
      if (freed) return;
      freed = true;
      // Initialising anew frees the graph now; without it the memory waits for a garbage collection that does not know of it.
      native.initIndex(1);
    },
  };
}

function checkCapacity(capacity: number): void {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_NODES) {
    throw new OperatorError(
      `An index holds 1 to ${MAX_NODES} different pictures, got ${capacity}. Split the inventory.`,
    );
  }
}

/** Loaded on first use: where the addon was never built, scripts that need no index still run. */
async function construct(dimension: number): Promise<HierarchicalNSW> {
  try {
    const { default: hnswlib } = await import('hnswlib-node');
    return new hnswlib.HierarchicalNSW('cosine', dimension);
  } catch (error) {
    throw new OperatorError(
      `hnswlib-node cannot be loaded: ${messageOf(error)}. It is compiled while it is installed, which needs a C++ compiler ` +
        'and Python 3; install them and run: npm rebuild hnswlib-node',
      { cause: error },
    );
  }
}
