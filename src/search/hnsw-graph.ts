/**
 * The only file that uses hnswlib-node. It avoids every use that the library does not survive. Each of these was seen in a run or in
 * the source of the library:
 *
 * - A hole, null or string in a vector aborts the process, and NaN and zero vectors give arbitrary answers. So vectors come from
 *   validated typed arrays, and are copied into one plain array.
 * - A filter that throws aborts the process, and an asynchronous one accepts everything. So a filter is a mask, read by a callback
 *   that cannot throw.
 * - Labels are cut to 32 bits, and adding a known label overwrites its node. So labels are row numbers, and each is added once.
 * - A second load into an object, or a search during a load, crashes. So every load gets a new object, which is returned when it is
 *   done.
 * - A changed header crashes, and a changed body goes unnoticed. So callers verify the digest of the file, and `loadGraph` its shape.
 * - `initIndex` with too large a number aborts, and so does a search in an empty index without capacity. So both are bounded.
 * - A write to a bad path or a full disk reports success. So callers check the written file (`checkGraphFile`).
 * - Loading resets the search width to 10. So it is set here.
 * - Adding a node while there are deleted ones may find no neighbour and then reads out of bounds. So callers add first, then delete.
 */

import type { HierarchicalNSW } from 'hnswlib-node';
import { ClosedError, messageOf, OperatorError } from '../util/errors.ts';
import { DamagedFileError } from './checked-file.ts';
import { checkGraphFile } from './hnsw-file.ts';

export interface GraphParameters {
  /** Links per node on the upper levels. The lowest level has twice as many. */
  readonly m: number;
  /** Candidates considered while a node is being linked. */
  readonly efConstruction: number;
  /** Candidates considered in a search (the search width), unless it asks for more neighbours than that. */
  readonly efSearch: number;
}

export interface HnswGraph {
  /** Number of nodes, including deleted ones. */
  readonly nodes: number;
  /** Adds the unit vector in row `label` of `vectors`. Must not be called while there are deleted nodes: see above. */
  add(label: number, vectors: Float32Array): void;
  /** @throws {Error} for an unknown label, and when nothing would change. */
  setDeleted(label: number, deleted: boolean): void;
  /**
   * Labels of approximately the `k` nearest living nodes, in any order. There may be fewer.
   * @param query finite numbers, of length one.
   * @param allowed 1 at each label that may be returned. Default: all may be.
   */
  search(query: Float64Array, k: number, allowed?: Uint8Array): number[];
  /** Writes a file. Failures are not reported, so check the file with `checkGraphFile`. */
  save(path: string): void;
  /** Frees the memory at once. Idempotent. The graph cannot be used afterwards. */
  free(): void;
}

/** About 10 GB at 256 dimensions, which is as much as should be held in the memory of one machine. */
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
 * @param nodes how many nodes it must hold, at least 1.
 * @param capacity how many nodes it needs room for, at least `nodes`.
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
  // hnswlib copies its arguments, so one array serves all calls.
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
      // Initialising again frees the graph at once. Otherwise its memory waits for a garbage collection that does not know its size.
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

/** Loads the addon on first use, so that scripts that need no index run even if it was never built. */
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
