import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClosedError, OperatorError } from '../../src/util/errors.ts';
import { DamagedFileError } from '../../src/search/checked-file.ts';
import { checkGraphFile } from '../../src/search/hnsw-file.ts';
import { createGraph, type HnswGraph, loadGraph } from '../../src/search/hnsw-graph.ts';
import { createRandom, createSample, rowOf } from './sample-items.ts';

const DIMENSION = 16;
const NODES = 300;
const parameters = { m: 16, efConstruction: 200, efSearch: 100 };
const sample = createSample(NODES, DIMENSION);
const shape = { dimension: DIMENSION, nodes: NODES, ...parameters };

const query = (row: number): Float64Array => Float64Array.from(rowOf(sample, row));

describe('graph', () => {
  let folder: string;
  let good: string;
  let graph: HnswGraph;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hnsw-graph-'));
    good = join(folder, 'good.hnsw');
    graph = await createGraph(DIMENSION, NODES, parameters);
    for (let row = 0; row < NODES; row++) graph.add(row, sample.vectors);
    graph.save(good);
  });
  afterAll(async () => {
    graph.free();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds what was added, and no more than there is', () => {
    expect(graph.nodes).toBe(NODES);
    for (let row = 0; row < NODES; row++) expect(graph.search(query(row), 1)).toEqual([row]);
    expect(graph.search(query(0), 1_000)).toHaveLength(NODES);
    expect(graph.search(query(0), 0)).toEqual([]);
  });

  it('returns only what a mask allows, however short the mask', () => {
    const allowed = new Uint8Array(10);
    allowed[3] = 1;
    allowed[4] = 2;
    expect(graph.search(query(200), 5, allowed)).toEqual([3]);
    expect(graph.search(query(200), 5, new Uint8Array(0))).toEqual([]);
  });

  it('refuses rows outside of the vectors, labels that are no rows, and more nodes than it has room for', () => {
    expect(() => {
      graph.add(NODES, sample.vectors);
    }).toThrow(RangeError);
    for (const label of [-1, 0.5, NaN, 2 ** 32 + 5]) {
      expect(() => {
        graph.add(label, sample.vectors);
      }).toThrow(RangeError);
    }
    const more = createSample(NODES + 1, DIMENSION).vectors;
    expect(() => {
      graph.add(NODES, more);
    }).toThrow(/exceeds/);
    expect(graph.nodes).toBe(NODES);
  });

  it('refuses a query of another dimension', () => {
    expect(() => graph.search(query(0).subarray(1), 5)).toThrow(RangeError);
  });

  it('deletes and brings back', async () => {
    const copy = await loadGraph(good, DIMENSION, NODES, parameters);
    copy.setDeleted(7, true);
    expect(copy.search(query(7), 5)).not.toContain(7);
    expect(() => {
      copy.setDeleted(7, true);
    }).toThrow(/already deleted/);
    expect(() => {
      copy.setDeleted(NODES, true);
    }).toThrow(/not found/);
    copy.setDeleted(7, false);
    expect(copy.search(query(7), 1)).toEqual([7]);
    for (let row = 0; row < NODES; row++) copy.setDeleted(row, true);
    expect(copy.search(query(7), 5)).toEqual([]);
    copy.free();
  });

  it('grows when it is loaded', async () => {
    const larger = createSample(NODES, DIMENSION, 9);
    const vectors = new Float32Array([...sample.vectors, ...larger.vectors]);
    const copy = await loadGraph(good, DIMENSION, NODES, parameters, 2 * NODES);
    for (let row = NODES; row < 2 * NODES; row++) copy.add(row, vectors);
    expect(copy.search(Float64Array.from(rowOf(larger, 5)), 1)).toEqual([NODES + 5]);
    expect(copy.search(query(5), 1)).toEqual([5]);
    copy.free();
  });

  it('cannot be used after it was freed, which may be done twice', async () => {
    const copy = await loadGraph(good, DIMENSION, NODES, parameters);
    copy.free();
    copy.free();
    expect(() => copy.search(query(0), 1)).toThrow(ClosedError);
    expect(() => {
      copy.add(0, sample.vectors);
    }).toThrow(ClosedError);
    expect(() => {
      copy.save(good);
    }).toThrow(ClosedError);
  });

  it.each([0, -1, 1.5, NaN, 1e9])('refuses room for %s nodes', async (capacity) => {
    await expect(createGraph(DIMENSION, capacity, parameters)).rejects.toThrow(OperatorError);
  });

  it('is found missing when it was saved to a path that cannot be written', async () => {
    const path = join(folder, 'no', 'such', 'folder.hnsw');
    graph.save(path);
    await expect(checkGraphFile(path, shape)).rejects.toThrow(/was not written/);
  });

  it.skipIf(process.platform === 'win32')('is found missing when the disk was full', async () => {
    graph.save('/dev/full');
    await expect(checkGraphFile('/dev/full', shape)).rejects.toThrow(DamagedFileError);
  });

  describe('from a file', () => {
    const bad = async (change: (bytes: Buffer) => Buffer): Promise<string> => {
      const path = join(folder, 'bad.hnsw');
      await writeFile(path, change(await readFile(good)));
      return path;
    };

    it.each<[string, (bytes: Buffer) => Buffer]>([
      ['empty', () => Buffer.alloc(0)],
      ['cut inside its header', (bytes) => bytes.subarray(0, 50)],
      ['cut in half', (bytes) => bytes.subarray(0, bytes.length >> 1)],
      ['cut inside its links', (bytes) => bytes.subarray(0, bytes.length - 600)],
      ['cut by one byte', (bytes) => bytes.subarray(0, -1)],
      ['longer by one byte', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
      ['longer by the links of a node', (bytes) => Buffer.concat([bytes, Buffer.alloc(4)])],
      ['all zeros', (bytes) => Buffer.alloc(bytes.length)],
      ['all ones', (bytes) => Buffer.alloc(bytes.length, 0xff)],
      [
        'a text',
        () => Buffer.from('hello world, not an index at all, but long enough to look like one. '.repeat(50)),
      ],
    ])('is refused when it is %s', async (_, change) => {
      const path = await bad(change);
      await expect(loadGraph(path, DIMENSION, NODES, parameters)).rejects.toThrow(DamagedFileError);
    });

    it('is refused with any byte of its header changed', async () => {
      const random = createRandom(4);
      const bytes = await readFile(good);
      for (let at = 0; at < 96; at++) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 + Math.floor(random() * 255));
        const path = await bad(() => changed);
        // The last digits of the level factor change nothing.
        if (at >= 80 && at < 84) continue;
        await expect(loadGraph(path, DIMENSION, NODES, parameters), `byte ${at}`).rejects.toThrow(
          DamagedFileError,
        );
      }
    });

    it.each([
      ['dimension', { ...shape, dimension: 32 }],
      ['number of nodes', { ...shape, nodes: NODES - 1 }],
      ['M', { ...shape, m: 8 }],
      ['efConstruction', { ...shape, efConstruction: 100 }],
    ])('is refused when it has another %s', async (_, other) => {
      await expect(loadGraph(good, other.dimension, other.nodes, other)).rejects.toThrow(/its header says/);
    });

    it('is refused when it is missing', async () => {
      await expect(loadGraph(join(folder, 'none'), DIMENSION, NODES, parameters)).rejects.toThrow(
        DamagedFileError,
      );
    });
  });
});
