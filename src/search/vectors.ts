/** Arithmetic on embeddings that are stored as rows of one Float32Array. */

/** Rows whose squared length differs from one by no more than this are unit vectors: rounding of 256 float32 stays below 1e-6. */
const UNIT_TOLERANCE = 1e-6;

/**
 * Scales every row of `vectors` `[rows * dimension]` to length one, in place. Unit rows are left bit-identical.
 * @param nameOf names a row in an error, for example `item "12"`.
 * @throws {RangeError} for a wrong number of values, and for a row that is not finite or has length zero.
 */
export function normaliseRows(
  vectors: Float32Array,
  dimension: number,
  rows: number,
  nameOf: (row: number) => string,
): void {
  if (vectors.length !== rows * dimension) {
    throw new RangeError(
      `Expected ${rows} vectors of ${dimension} numbers (${rows * dimension} values), got ${vectors.length} values.`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const offset = row * dimension;
    const squared = squaredLength(vectors, offset, dimension);
    if (!(squared > 0) || squared === Infinity) {
      throw new RangeError(
        `The embedding of ${nameOf(row)} has length zero or a value that is not finite; expected a unit vector.`,
      );
    }
    if (Math.abs(squared - 1) <= UNIT_TOLERANCE) continue;
    const scale = 1 / Math.sqrt(squared);
    for (let index = offset; index < offset + dimension; index++)
      vectors[index] = (vectors[index] ?? 0) * scale;
  }
}

/**
 * A validated copy of a query, scaled to length one.
 * @throws {RangeError} when it has another dimension, a value that is not finite, or length zero.
 */
export function unitQuery(vector: Float32Array, dimension: number): Float64Array {
  if (vector.length !== dimension)
    throw new RangeError(`Expected a vector of ${dimension} numbers, got ${vector.length}.`);
  const query = Float64Array.from(vector);
  const squared = squaredLength(query, 0, dimension);
  if (!(squared > 0) || !Number.isFinite(squared)) {
    throw new RangeError(
      'Expected a vector of finite numbers that are not all zero, got NaN, an infinity or the zero vector.',
    );
  }
  const scale = 1 / Math.sqrt(squared);
  return query.map((value) => value * scale);
}

/** Dot product of `query` with the row that starts at `offset`. It has four sums, because additions to one sum wait for each other. */
export function dot(
  vectors: Float32Array | Float64Array,
  offset: number,
  query: Float32Array | Float64Array,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let index = 0;
  for (; index + 3 < query.length; index += 4) {
    const at = offset + index;
    a += (vectors[at] ?? 0) * (query[index] ?? 0);
    b += (vectors[at + 1] ?? 0) * (query[index + 1] ?? 0);
    c += (vectors[at + 2] ?? 0) * (query[index + 2] ?? 0);
    d += (vectors[at + 3] ?? 0) * (query[index + 3] ?? 0);
  }
  for (; index < query.length; index++) a += (vectors[offset + index] ?? 0) * (query[index] ?? 0);
  return a + b + c + d;
}

/**
 * For each row, the first row with exactly the same bits, which may be the row itself.
 * Items that share a picture have identical vectors, and so they share a node of the graph.
 */
export function firstIdentical(vectors: Float32Array, dimension: number): Int32Array {
  const rows = vectors.length / dimension;
  const words = new Uint32Array(vectors.buffer, vectors.byteOffset, vectors.length);
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, rows * 2)))).fill(-1);
  const first = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let slot = hashOf(words, row * dimension, dimension) & (slots.length - 1);
    let other = slots[slot] ?? -1;
    while (other >= 0 && !sameWords(words, row * dimension, other * dimension, dimension)) {
      slot = (slot + 1) & (slots.length - 1);
      other = slots[slot] ?? -1;
    }
    if (other < 0) slots[slot] = row;
    first[row] = other < 0 ? row : other;
  }
  return first;
}

// --- Internal helpers ---

function squaredLength(values: Float32Array | Float64Array, offset: number, length: number): number {
  let sum = 0;
  for (let index = offset; index < offset + length; index++) sum += (values[index] ?? 0) ** 2;
  return sum;
}

/** FNV-1a over 32-bit words, with a final mix that makes the low bits usable. */
function hashOf(words: Uint32Array, offset: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = offset; index < offset + length; index++)
    hash = Math.imul(hash ^ (words[index] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function sameWords(words: Uint32Array, a: number, b: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (words[a + index] !== words[b + index]) return false;
  return true;
}
