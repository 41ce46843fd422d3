import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { buildIndex, type BuildIndexOptions, type IndexBuild } from '../../src/search/index-builder.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { recallAtK } from '../../src/search/recall.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';
import {
  createSample,
  joinRows,
  picture,
  range,
  rowOf,
  type Sample,
  sampleFingerprint,
} from './sample-items.ts';

const DIMENSION = 24;
const fingerprint = sampleFingerprint(DIMENSION);
const sample = createSample(2_000, DIMENSION);
const other = createSample(2_000, DIMENSION, 2);

type Items = Pick<Sample, 'entries' | 'vectors'>;

describe('buildIndex', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'index-builder-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const build = (items: Items, options: Partial<BuildIndexOptions> = {}): Promise<IndexBuild> =>
    buildIndex({ folder, fingerprint, entries: items.entries, vectors: items.vectors.slice(), ...options });

  async function open(): Promise<ItemIndex> {
    const index = await openHnswIndex({ folder, fingerprint, logger: createLogger('silent') });
    if (!index) throw new Error('There is no index.');
    return index;
  }

  /** The index must hold exactly these items and find them as well as it must. */
  async function expectHolds(items: Items): Promise<void> {
    const index = await open();
    const truth = createExactIndex({
      fingerprint,
      ...items,
      vectors: items.vectors.slice(),
      createdAt: new Date(),
    });
    expect(index.size).toBe(items.entries.length);
    const byId = (entries: Iterable<{ id: string }>) => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(index.entries())).toEqual(byId(items.entries));
    expect(index.labelCounts()).toEqual(truth.labelCounts());
    expect(await recallAtK(index, truth, [...sample.queries, ...other.queries], 5)).toBeGreaterThanOrEqual(
      0.995,
    );
    for (const [row, { id }] of items.entries.entries()) {
      if (row % 7 !== 0) continue;
      const vector = items.vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION);
      expect(await index.vector(id)).toEqual(vector.slice());
      expect((await index.nearest(vector, 1))[0]?.id).toBe(id);
    }
    await index.close();
    await truth.close();
  }

  const fingerprintOf = async (generation: string): Promise<{ nodes: number; strays: number[] }> =>
    JSON.parse(await readFile(join(folder, generation, 'passport.json'), 'utf8')) as {
      nodes: number;
      strays: number[];
    };

  const inode = async (generation: string, file: string): Promise<number> =>
    (await stat(join(folder, generation, file))).ino;

  it('builds from nothing, then writes nothing while nothing changes', async () => {
    const items = joinRows([{ sample, rows: range(0, 500) }]);
    expect(await build(items)).toEqual({
      kind: 'built',
      added: 500,
      changed: 0,
      removed: 0,
      generation: 'generation-1',
    });
    await expectHolds(items);
    const written = (await stat(join(folder, 'current'))).mtimeMs;
    const shuffled = joinRows([{ sample, rows: range(0, 500).reverse() }]);
    expect(await build(shuffled)).toEqual({
      kind: 'unchanged',
      added: 0,
      changed: 0,
      removed: 0,
      generation: 'generation-1',
    });
    expect((await stat(join(folder, 'current'))).mtimeMs).toBe(written);
  });

  it('keeps graph and vectors where only labels changed', async () => {
    const items = joinRows([{ sample, rows: range(0, 500) }]);
    await build(items);
    const before = [await inode('generation-1', 'index.hnsw'), await inode('generation-1', 'vectors.f32')];
    const relabelled = {
      ...items,
      entries: items.entries.map((entry, row) => (row < 400 ? { ...entry, labels: { type: 'New' } } : entry)),
    };
    expect(await build(relabelled)).toEqual({
      kind: 'revised',
      added: 0,
      changed: 400,
      removed: 0,
      generation: 'generation-2',
    });
    expect([await inode('generation-2', 'index.hnsw'), await inode('generation-2', 'vectors.f32')]).toEqual(
      before,
    );
    await expectHolds(relabelled);
  });

  it('adds, replaces and removes hundreds of items again and again', async () => {
    await build(joinRows([{ sample, rows: range(0, 1_500) }]));
    const kinds: string[] = [];
    for (let round = 1; round <= 5; round++) {
      const step = round * 100;
      const kept = joinRows([{ sample, rows: range(step, 1_500 + step) }]);
      // A hundred left, a hundred came, fifty of the others got another picture and fifty have their old one back.
      const replaced = joinRows([{ sample: other, rows: range(step, step + 50) }]);
      const at = 300 + step;
      kept.vectors.set(replaced.vectors, at * DIMENSION);
      const entries = kept.entries.map((entry, row) =>
        row >= at && row < at + 50 ? { ...entry, picture: picture(`round ${round} row ${row}`) } : entry,
      );
      const result = await build({ entries, vectors: kept.vectors });
      expect(result).toMatchObject({ added: 100, removed: 100, generation: `generation-${round + 1}` });
      kinds.push(result.kind);
      await expectHolds({ entries, vectors: kept.vectors });
      expect((await readdir(folder)).sort()).toEqual(['current', result.generation]);
    }
    // Rounds leave 150, then 200 dead rows behind; 750 of 2,250 are too many to keep.
    expect(kinds).toEqual(['revised', 'revised', 'revised', 'built', 'revised']);
  }, 60_000);

  it('starts from nothing when more than a quarter changes', async () => {
    await build(joinRows([{ sample, rows: range(0, 400) }]));
    expect(await build(joinRows([{ sample, rows: range(90, 400) }]))).toMatchObject({
      kind: 'revised',
      removed: 90,
    });
    const items = joinRows([{ sample, rows: range(0, 390) }]);
    expect(await build(items)).toMatchObject({ kind: 'built', added: 90, removed: 10 });
    await expectHolds(items);
  });

  it('finds again what was removed and comes back, and what shares the picture of something removed', async () => {
    await build(joinRows([{ sample, rows: range(0, 400) }]));
    await build(joinRows([{ sample, rows: range(50, 400) }]));
    const index = await open();
    for (let row = 0; row < 50; row++) {
      expect((await index.nearest(rowOf(sample, row), 1))[0]?.id).not.toBe(`item-1-${row}`);
    }
    await index.close();
    const back = joinRows([{ sample, rows: range(20, 400) }]);
    expect(await build(back)).toMatchObject({ kind: 'revised', added: 30 });
    await expectHolds(back);
  });

  it('keeps the twins of an item that is removed', async () => {
    const items = joinRows([{ sample, rows: [...range(0, 300), 7, 7] }]);
    const entries = items.entries.map((entry, row) => (row < 300 ? entry : { ...entry, id: `twin-${row}` }));
    await build({ entries, vectors: items.vectors });
    const rest = {
      entries: entries.filter(({ id }) => id !== 'item-1-7'),
      vectors: joinRows([{ sample, rows: [...range(0, 7), ...range(8, 300), 7, 7] }]).vectors,
    };
    expect(await build(rest)).toMatchObject({ kind: 'revised', removed: 1 });
    const index = await open();
    expect((await index.nearest(rowOf(sample, 7), 2)).map(({ id }) => id)).toEqual(['twin-300', 'twin-301']);
    expect(await index.vector('item-1-7')).toBeUndefined();
    await index.close();
  });

  it('finds all else where half of the items share one picture', async () => {
    const crowded = createSample(3_000, DIMENSION);
    const entries = crowded.entries.map((entry, row) =>
      row % 2 ? entry : { ...entry, picture: picture('none yet') },
    );
    for (let row = 0; row < 3_000; row += 2) crowded.vectors.set(rowOf(crowded, 0), row * DIMENSION);
    const { generation } = await build({ entries, vectors: crowded.vectors });
    const { nodes, strays } = await fingerprintOf(generation);
    expect(nodes).toBe(1_501);
    expect(strays).toEqual([]);
    const index = await open();
    const truth = createExactIndex({ fingerprint, entries, vectors: crowded.vectors, createdAt: new Date() });
    expect(await recallAtK(index, truth, crowded.queries, 5)).toBeGreaterThanOrEqual(0.995);
    expect(await index.nearest(rowOf(crowded, 0), 1_000)).toHaveLength(1_000);
    await index.close();
  });

  it('becomes empty and full again', async () => {
    const items = joinRows([{ sample, rows: range(0, 50) }]);
    const none = { entries: [], vectors: new Float32Array() };
    expect(await build(none)).toMatchObject({ kind: 'built', added: 0 });
    expect(await build(none)).toMatchObject({ kind: 'unchanged' });
    await build(items);
    expect(await build(none)).toMatchObject({ kind: 'built', removed: 50 });
    const index = await open();
    expect(index.size).toBe(0);
    await index.close();
    await build(items);
    await expectHolds(items);
  });

  it('finds outliers that hardly any link leads to', async () => {
    // Half of the items are nearly the same picture: hnswlib prunes the links of others in favour of them.
    const crowded = createSample(3_000, 32);
    for (let row = 0; row < 1_500; row++) {
      const near = rowOf(crowded, 2_999).map((value, at) => value + 1e-4 * Math.sin(row * 37 + at * at));
      crowded.vectors.set(near, row * 32);
    }
    const wide = sampleFingerprint(32);
    const { generation } = await buildIndex({
      folder,
      fingerprint: wide,
      entries: crowded.entries,
      vectors: crowded.vectors,
    });
    const { strays } = await fingerprintOf(generation);
    expect(strays.length).toBeGreaterThan(0);
    const index = await openHnswIndex({ folder, fingerprint: wide, logger: createLogger('silent') });
    for (let row = 1_500; row < 3_000; row++) {
      expect((await index?.nearest(rowOf(crowded, row), 1))?.[0]?.similarity).toBeGreaterThan(1 - 1e-6);
    }
    await index?.close();
  });

  describe('with items that look the same', () => {
    const near = (row: number, step: number): Float32Array => {
      const vector = rowOf(sample, row).map((value, at) => value + 0.004 * step * Math.sin(at * at + 1));
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    };
    const duplicateFrom = 0.9995;
    /** 300 items, the last of which are nearly item 7, or the picture of item 9 under another name. */
    const entries = joinRows([{ sample, rows: range(0, 305) }]).entries;
    const vectors = joinRows([{ sample, rows: range(0, 305) }]).vectors;
    for (const step of [1, 2, 3]) vectors.set(near(7, step), (299 + step) * DIMENSION);
    vectors.set(rowOf(sample, 9), 303 * DIMENSION);
    const id = (row: number): string => entries[row]?.id ?? '';

    async function duplicatesOf(row: number): Promise<readonly string[]> {
      const index = await open();
      const others = [...index.duplicatesOf(id(row))].sort();
      await index.close();
      return others;
    }

    it('finds the groups in a build from nothing, and tells every member of the others', async () => {
      await build({ entries, vectors }, { duplicateFrom });
      expect(await duplicatesOf(7)).toEqual([id(300), id(301), id(302)].sort());
      expect(await duplicatesOf(301)).toEqual([id(7), id(300), id(302)].sort());
      expect(await duplicatesOf(9)).toEqual([id(303)]);
      expect(await duplicatesOf(11)).toEqual([]);
      const index = await open();
      expect(index.duplicatesOf(id(7), { type: ['Type 0'] })).toEqual([id(300)]);
      await index.close();
    });

    it('finds them again when some are added and others removed', async () => {
      const rows = [...range(0, 300), 303];
      await build(pick(rows), { duplicateFrom });
      expect(await duplicatesOf(7)).toEqual([]);
      expect(await build(pick(range(0, 305)), { duplicateFrom })).toMatchObject({ kind: 'revised' });
      expect(await duplicatesOf(300)).toEqual([id(7), id(301), id(302)].sort());
      // Who held the group together leaves; the others still look the same.
      expect(await build(pick(range(0, 305).filter((row) => row !== 7)), { duplicateFrom })).toMatchObject({
        kind: 'revised',
      });
      expect(await duplicatesOf(300)).toEqual([id(301), id(302)].sort());
      expect(await build(pick(range(0, 301)), { duplicateFrom })).toMatchObject({ kind: 'revised' });
      expect(await duplicatesOf(7)).toEqual([id(300)]);
      expect(await duplicatesOf(9)).toEqual([]);
    });

    it('searches for them if an older version did not, or used another threshold', async () => {
      await build({ entries, vectors });
      expect(await duplicatesOf(7)).toEqual([]);
      expect(await build({ entries, vectors }, { duplicateFrom })).toMatchObject({ kind: 'revised' });
      expect(await duplicatesOf(7)).toHaveLength(3);
      expect(await build({ entries, vectors }, { duplicateFrom })).toMatchObject({ kind: 'unchanged' });
      expect(await build({ entries, vectors }, { duplicateFrom: 0.99999 })).toMatchObject({
        kind: 'revised',
      });
      expect(await duplicatesOf(7)).toEqual([]);
    });

    function pick(rows: readonly number[]): Items {
      const picked = new Float32Array(rows.length * DIMENSION);
      rows.forEach((row, at) => {
        picked.set(vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION), at * DIMENSION);
      });
      return { entries: rows.map((row) => entries[row]!), vectors: picked };
    }
  });

  it('says how far it is, to the end', async () => {
    const steps: { done: number; total: number }[] = [];
    await build(joinRows([{ sample, rows: range(0, 300) }]), { onProgress: (step) => steps.push(step) });
    expect(steps.at(-1)).toEqual({ done: 600, total: 600 });
    expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).toSorted((a, b) => a - b));
  });

  it('stops when it is asked to, and changes nothing', async () => {
    const items = joinRows([{ sample, rows: range(0, 200) }]);
    await build(items);
    const reason = new Error('enough');
    for (const stopAt of [0, 1, 5, 40]) {
      const stop = new AbortController();
      let steps = 0;
      if (stopAt === 0) stop.abort(reason);
      const running = build(other, {
        signal: stop.signal,
        onProgress: () => {
          if (++steps === stopAt) stop.abort(reason);
        },
      });
      await expect(running).rejects.toBe(reason);
      expect((await readdir(folder)).sort()).toEqual(['current', 'generation-1']);
    }
    await expectHolds(items);
  });

  it('removes what a killed build left behind', async () => {
    await build(joinRows([{ sample, rows: range(0, 100) }]));
    for (const name of ['generation-2', 'generation-9']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'vectors.f32'), 'half');
    }
    await writeFile(join(folder, 'current.partial'), 'genera');
    await writeFile(join(folder, 'notes.txt'), 'not ours');
    await build(joinRows([{ sample, rows: range(0, 110) }]));
    expect((await readdir(folder)).sort()).toEqual(['current', 'generation-2', 'notes.txt']);
  });

  it.each(['index.hnsw', 'vectors.f32', 'entries.jsonl', 'passport.json'])(
    'repairs a damaged %s',
    async (file) => {
      const items = joinRows([{ sample, rows: range(0, 100) }]);
      await build(items);
      const path = join(folder, 'generation-1', file);
      const bytes = await readFile(path);
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0x55;
      await writeFile(path, bytes);
      expect(await build(items)).toMatchObject({ kind: 'built', generation: 'generation-2' });
      await expectHolds(items);
    },
  );

  it.each(['', '../elsewhere', 'generation-77'])('repairs a current that says "%s"', async (text) => {
    const items = joinRows([{ sample, rows: range(0, 100) }]);
    await build(items);
    await writeFile(join(folder, 'current'), text);
    expect(await build(items)).toMatchObject({ kind: 'built' });
    await expectHolds(items);
  });

  it('builds from nothing for another model', async () => {
    const items = joinRows([{ sample, rows: range(0, 100) }]);
    await build(items, { fingerprint: { ...fingerprint, version: '0.9.0' } });
    expect(await build(items)).toMatchObject({ kind: 'built', added: 100 });
    await expectHolds(items);
  });

  it('refuses what cannot be indexed and leaves the folder alone', async () => {
    const items = joinRows([{ sample, rows: range(0, 20) }]);
    const spoilt = (from: number, value: number) => items.vectors.slice().fill(value, from, from + DIMENSION);
    await expect(build({ ...items, vectors: spoilt(48, NaN) })).rejects.toThrow(/"item-1-2"/);
    await expect(build({ ...items, vectors: spoilt(72, 0) })).rejects.toThrow(/"item-1-3"/);
    await expect(build({ ...items, vectors: items.vectors.subarray(1) })).rejects.toThrow(RangeError);
    await expect(build(joinRows([{ sample, rows: [1, 1] }]))).rejects.toThrow(/Two items have the id/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('uses shared vectors without a copy and brings them to length one', async () => {
    const { entries, vectors } = joinRows([{ sample, rows: range(0, 50) }]);
    for (let at = 0; at < vectors.length; at++) vectors[at] = (vectors[at] ?? 0) * 3;
    await buildIndex({ folder, fingerprint, entries, vectors });
    expect(Math.hypot(...vectors.subarray(0, DIMENSION))).toBeCloseTo(1, 6);
    await expectHolds({ entries, vectors });
  });

  it('says so when there is a file where the folder should be', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const items = joinRows([{ sample, rows: range(0, 20) }]);
    await expect(build(items, { folder: path })).rejects.toThrow(OperatorError);
    await expect(build(items, { folder: join(path, 'index') })).rejects.toThrow(/choose another DATA_DIR/);
  });

  describe.skipIf(!canMount)('on a small disk (needs root and mount, which are absent)', () => {
    const items = joinRows([{ sample, rows: range(0, 500) }]);

    it.each([
      ['the entries', 40],
      ['the vectors', 100],
      ['the graph', 200],
    ])('says so when it is full before %s are on it, and removes what it wrote', async (_, kilobytes) => {
      const disk = mountSmallDisk(folder, kilobytes);
      try {
        await expect(build(items, { folder: disk.path })).rejects.toThrow(
          /disk is full.*before is unchanged/,
        );
        expect(await readdir(disk.path)).toEqual([]);
      } finally {
        disk.unmount();
      }
    });

    it('keeps the index that was there', async () => {
      const disk = mountSmallDisk(folder, 420);
      try {
        const first = joinRows([{ sample, rows: range(0, 400) }]);
        await build(first, { folder: disk.path });
        await expect(build(items, { folder: disk.path })).rejects.toThrow(/disk is full/);
        expect((await readdir(disk.path)).sort()).toEqual(['current', 'generation-1']);
        const index = await openHnswIndex({ folder: disk.path, fingerprint, logger: createLogger('silent') });
        expect(index?.size).toBe(400);
        await index?.close();
      } finally {
        disk.unmount();
      }
    });

    it('says so when it is read-only', async () => {
      const disk = mountSmallDisk(folder, 64, 'ro');
      try {
        await expect(build(items, { folder: disk.path })).rejects.toThrow(
          /read-only.*choose another DATA_DIR/,
        );
      } finally {
        disk.unmount();
      }
    });
  });
});
