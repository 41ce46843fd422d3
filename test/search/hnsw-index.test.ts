import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { buildIndex } from '../../src/search/index-builder.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { recallAtK } from '../../src/search/recall.ts';
import { describeItemIndex } from '../contracts/item-index.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';
import { createSample, joinRows, range, sampleFingerprint } from './sample-items.ts';

const DIMENSION = 16;
const fingerprint = sampleFingerprint(DIMENSION);

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hnsw-index-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('hnsw index', () => {
  describeItemIndex({
    async open(entries, vectors, dimension) {
      const folder = await mkdtemp(join(root, 'contract-'));
      const options = { folder, fingerprint: sampleFingerprint(dimension), logger: createLogger('silent') };
      await buildIndex({ ...options, entries, vectors });
      const index = await openHnswIndex(options);
      if (!index) throw new Error('There is no index.');
      return index;
    },
  });

  it('finds nearly all true neighbours in a wide search, with and without a filter', async () => {
    const folder = await mkdtemp(join(root, 'wide-'));
    const sample = createSample(12_000, DIMENSION);
    await buildIndex({ folder, fingerprint, ...sample });
    const index = await openHnswIndex({ folder, fingerprint, logger: createLogger('silent') });
    const truth = createExactIndex({ fingerprint, ...sample, createdAt: new Date() });
    if (!index) throw new Error('There is no index.');
    expect(await recallAtK(index, truth, sample.queries, 5)).toBeGreaterThanOrEqual(0.995);
    expect(await recallAtK(index, truth, sample.queries, 100)).toBeGreaterThanOrEqual(0.995);
    // 8,000 items pass: more than are compared one by one.
    const filter = { gender: ['Women'] };
    const women = (all: ItemIndex): ItemIndex => ({
      ...all,
      nearest: (vector, k) => all.nearest(vector, k, filter),
    });
    expect(await recallAtK(women(index), women(truth), sample.queries, 5)).toBeGreaterThanOrEqual(0.995);
    const ids = new Set(sample.entries.filter(({ labels }) => labels.gender === 'Women').map(({ id }) => id));
    for (const query of sample.queries) {
      for (const { id } of await index.nearest(query, 20, filter)) expect(ids.has(id)).toBe(true);
    }
    await index.close();
  });
});

describe('openHnswIndex', () => {
  const sample = createSample(400, DIMENSION);
  let whole: string;
  let folder: string;
  let generation: string;
  let warnings: { reason: string; msg: string }[];

  const open = (
    options: Partial<Parameters<typeof openHnswIndex>[0]> = {},
  ): Promise<ItemIndex | undefined> => {
    const lines = new Writable({
      write(chunk: Buffer, _encoding, done) {
        warnings.push(JSON.parse(chunk.toString()) as { reason: string; msg: string });
        done();
      },
    });
    return openHnswIndex({ folder, fingerprint, logger: pino({ level: 'warn' }, lines), ...options });
  };

  beforeAll(async () => {
    whole = await mkdtemp(join(root, 'whole-'));
    // Built, then revised: a graph with deleted nodes, 10 of them.
    const rows = range(0, 400);
    const first = joinRows([{ sample, rows: rows.slice(0, 390) }]);
    await buildIndex({ folder: whole, fingerprint, ...first });
    await buildIndex({ folder: whole, fingerprint, ...joinRows([{ sample, rows: rows.slice(10) }]) });
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(root, 'copy-'));
    await cp(whole, folder, { recursive: true });
    generation = join(folder, 'generation-2');
    warnings = [];
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function expectServes(index: ItemIndex | undefined): Promise<void> {
    if (!index) throw new Error('There is no index.');
    const items = joinRows([{ sample, rows: range(10, 400) }]);
    const truth = createExactIndex({ fingerprint, ...items, createdAt: new Date() });
    expect(index.size).toBe(390);
    expect([...index.entries()].map(({ id }) => id).sort()).toEqual(items.entries.map(({ id }) => id).sort());
    expect(await recallAtK(index, truth, sample.queries, 5)).toBe(1);
    await index.close();
  }

  /** Rewrites a file, and its facts in the fingerprint so that only its content is wrong. */
  async function forge(file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
    const bytes = change(await readFile(join(generation, file)));
    await writeFile(join(generation, file), bytes);
    const path = join(generation, 'passport.json');
    const fingerprint = JSON.parse(await readFile(path, 'utf8')) as { files: Record<string, unknown> };
    fingerprint.files[file] = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    await writeFile(path, JSON.stringify(fingerprint));
  }

  it('opens a complete index without a warning', async () => {
    await expectServes(await open());
    expect(warnings).toEqual([]);
  });

  it('returns undefined where no index was made yet', async () => {
    expect(await open({ folder: join(folder, 'nowhere') })).toBeUndefined();
    await mkdir(join(folder, 'empty'));
    expect(await open({ folder: join(folder, 'empty') })).toBeUndefined();
  });

  it('refuses an index of another model with the differences and the repair', async () => {
    const opening = open({ fingerprint: { ...fingerprint, version: '2.0.0', preprocessing: 'squash' } });
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(/version: 2\.0\.0 -> 1\.0\.0/);
    await expect(opening).rejects.toThrow(/preprocessing: squash -> none/);
    await expect(opening).rejects.toThrow(/npm run inventory -- reindex/);
    await expect(open({ fingerprint: sampleFingerprint(32) })).rejects.toThrow(/dimension: 32 -> 16/);
  });

  const flipped = (bytes: Buffer, at: number): Buffer => {
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    return bytes;
  };

  describe('with a damaged graph', () => {
    it.each<[string, (bytes: Buffer) => Buffer]>([
      ['that is empty', () => Buffer.alloc(0)],
      ['that is cut short', (bytes) => bytes.subarray(0, -1)],
      ['that is longer', (bytes) => Buffer.concat([bytes, bytes])],
      ['with a changed header, which crashes hnswlib', (bytes) => flipped(bytes, 49)],
      ['with a changed body, which hnswlib does not notice', (bytes) => flipped(bytes, bytes.length >> 1)],
      ['of zeros', (bytes) => Buffer.alloc(bytes.length)],
    ])('rebuilds one %s from the stored vectors', async (_, change) => {
      const path = join(generation, 'index.hnsw');
      await writeFile(path, change(await readFile(path)));
      await expectServes(await open());
      expect(warnings).toEqual([
        expect.objectContaining({ msg: expect.stringMatching(/graph is damaged/) as string }),
      ]);
      expect(warnings[0]?.reason).toContain(path);
      warnings = [];
      await expectServes(await open());
      expect(warnings).toEqual([]);
      expect((await readdir(folder)).sort()).toEqual(['current', 'generation-3']);
    });

    it('builds a missing one again', async () => {
      await rm(join(generation, 'index.hnsw'));
      await expectServes(await open());
      expect(warnings).toHaveLength(1);
    });

    it('notices one that is not the one meant, even where fingerprint and digest agree', async () => {
      const other = createSample(400, 32, 3);
      const elsewhere = join(folder, 'other');
      await buildIndex({ folder: elsewhere, fingerprint: sampleFingerprint(32), ...other });
      const bytes = await readFile(join(elsewhere, 'generation-1', 'index.hnsw'));
      await forge('index.hnsw', () => bytes);
      await expectServes(await open());
      expect(warnings[0]?.reason).toMatch(/its header says/);
    });

    it.skipIf(!canMount)(
      'searches by brute force where a new one cannot be stored (needs root and mount)',
      async () => {
        const disk = mountSmallDisk(root, 400);
        try {
          await cp(folder, disk.path, { recursive: true });
          await truncate(join(disk.path, 'generation-2', 'index.hnsw'), 1_000);
          await writeFile(join(disk.path, 'filler'), Buffer.alloc(380_000)).catch(() => undefined);
          const files = await readdir(disk.path);
          await expectServes(await open({ folder: disk.path }));
          expect(warnings.map(({ msg }) => msg)).toEqual([
            expect.stringMatching(/graph is damaged/),
            expect.stringMatching(/brute force instead/),
          ]);
          expect(await readdir(disk.path)).toEqual(files);
        } finally {
          disk.unmount();
        }
      },
    );
  });

  describe('refuses with the repair', () => {
    afterEach(async () => {
      await expect(open()).rejects.toThrow(OperatorError);
      await expect(open()).rejects.toThrow(/npm run inventory -- reindex/);
      // Refused again, so nothing was repaired or removed behind anybody's back.
      expect(await readdir(folder)).toContain('current');
    });

    it.each(['vectors.f32', 'entries.jsonl'])('a %s that is missing', async (file) => {
      await rm(join(generation, file));
    });
    it.each(['vectors.f32', 'entries.jsonl', 'passport.json'])('a %s that is cut short', async (file) => {
      await truncate(join(generation, file), 100);
    });
    it.each(['vectors.f32', 'entries.jsonl'])('a %s with one changed byte', async (file) => {
      await writeFile(join(generation, file), flipped(await readFile(join(generation, file)), 500));
    });
    it('entries that are no JSON although their digest is right', async () => {
      await forge('entries.jsonl', (bytes) => Buffer.from(bytes.toString().replace('{', '[')));
    });
    it('entries that are fewer than the vectors', async () => {
      await forge('entries.jsonl', (bytes) => bytes.subarray(bytes.indexOf(10) + 1));
    });
    it('an entry that comes twice', async () => {
      await forge('entries.jsonl', (bytes) =>
        Buffer.from(bytes.toString().replace('"item-1-20"', '"item-1-21"')),
      );
    });
    it('vectors of another number', async () => {
      await forge('vectors.f32', (bytes) => bytes.subarray(0, -4));
    });
    it('a fingerprint of another format', async () => {
      const path = join(generation, 'passport.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"format": 1', '"format": 2'));
    });
    it.each(['', 'generation-2/../generation-2', '/etc', 'generation-x'])(
      'a current that says "%s"',
      async (text) => {
        await writeFile(join(folder, 'current'), text);
      },
    );
    it('a generation that is gone', async () => {
      await rm(generation, { recursive: true });
    });
  });

  it('opens a complete index at any moment while others are being built', async () => {
    const builds = new AbortController();
    const built = (async () => {
      try {
        for (const from of [20, 0, 30, 10]) {
          await buildIndex({ folder, fingerprint, ...joinRows([{ sample, rows: range(from, 400) }]) });
        }
      } finally {
        builds.abort();
      }
    })();
    const sizes: number[] = [];
    while (!builds.signal.aborted) {
      const index = await open();
      sizes.push(index?.size ?? 0);
      await index?.close();
      await delay(10); // leaves the builds the processor
    }
    await built;
    expect(sizes.length).toBeGreaterThan(4);
    expect(warnings).toEqual([]);
    for (const size of sizes) expect([370, 380, 390, 400]).toContain(size);
    await expectServes(await open());
  });
});
