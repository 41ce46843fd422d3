import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBatchingEmbedder } from '../../src/embed/batching-embedder.ts';
import { OperatorError } from '../../src/util/errors.ts';
import type { ItemRecord, Source, SourceRecord } from '../../src/sources/source.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import { runScript } from '../scripts/run-script.ts';
import { shippedModel } from '../shipped-model.ts';
import { canMount, mountSmallDisk } from '../small-disk.ts';
import { folderOf } from '../sources/fixtures.ts';
import { closeFixtures, picture, source, openFixture, type FixtureOptions } from './reindex-fixture.ts';

afterEach(closeFixtures);

const OLD = { r: '#e01010', g: '#10e010', b: '#1010e0' };
const NEW = {
  ...OLD,
  ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`n${n}`, `rgb(${4 * n},99,0)`])),
};

/** A fixture whose index holds the old items, and a check that this is still so. */
async function establish(options: FixtureOptions = {}) {
  const before = await openFixture(options.path === undefined ? {} : { path: options.path });
  await before.reindexer.run([source('shop', OLD)]);
  await closeFixtures();
  const made = await openFixture({ ...options, path: before.folder.path });
  const expectUntouched = async (): Promise<void> => {
    expect(made.serving.current()?.size).toBe(3);
    expect(await made.nearest(OLD.g)).toBe('g');
    expect(await made.catalogue.get('n1')).toBeUndefined();
    await closeFixtures();
    const next = await openFixture({ path: before.folder.path });
    expect(next.serving.current()?.size).toBe(3);
    expect(await next.nearest(OLD.g)).toBe('g');
    expect(await next.catalogue.get('n1')).toBeUndefined();
  };
  return { ...made, expectUntouched };
}

async function failureOf(run: Promise<unknown>): Promise<Error> {
  const error: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe('a source that hangs', () => {
  /** Its tenth record, or the picture of it, never comes. */
  function hanging(what: 'record' | 'picture'): Source {
    const whole = source('shop', NEW);
    return {
      ...whole,
      async *records() {
        let place = 0;
        for await (const record of whole.records()) {
          if (++place === 10 && what === 'record') await new Promise(() => undefined);
          yield place === 10 ? hangingPicture(record) : record;
        }
      },
    };
  }

  function hangingPicture(record: SourceRecord): SourceRecord {
    return { ...(record as ItemRecord), read: () => new Promise(() => undefined) };
  }

  it.each([
    ['between two records', 'record', /"shop" did not answer for 0\.2 s, at the record after shop n5/],
    ['with a picture half read', 'picture', /"shop" did not answer for 0\.2 s, at shop n6/],
  ] as const)('%s is named, and the old index stays', async (_, what, message) => {
    const { reindexer, expectUntouched } = await establish({ patienceMs: 200 });
    const error = await failureOf(reindexer.run([hanging(what)]));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error.message).toMatch(message);
    await expectUntouched();
  });

  it('does not hold up who cancels', async () => {
    const { reindexer, expectUntouched, embedder } = await establish();
    const stopping = new AbortController();
    const run = reindexer.run([hanging('picture')], { signal: stopping.signal });
    await expect.poll(() => embedder.embedded).toBeGreaterThanOrEqual(15);
    stopping.abort(new Error('cancelled by a test'));
    await expect(run).rejects.toThrow('cancelled by a test');
    await expectUntouched();
  });
});

describe('a source that fails halfway', () => {
  it('ends the run, and the old index stays', async () => {
    const { reindexer, expectUntouched } = await establish();
    const whole = source('shop', NEW);
    const failing: Source = {
      ...whole,
      async *records() {
        let place = 0;
        for await (const record of whole.records()) {
          if (++place === 30) throw new OperatorError('The server hung up.');
          yield record;
        }
      },
    };
    await expect(reindexer.run([failing])).rejects.toThrow('The server hung up.');
    await expectUntouched();
  });
});

describe('an unreadable picture', () => {
  it('is rejected with its reason, and everything else continues', async () => {
    const { reindexer } = await establish();
    const unreadable = { ...OLD, x: Buffer.from('no picture'), y: Buffer.alloc(0) };
    const summary = await reindexer.run([source('shop', unreadable)]);
    expect(summary).toMatchObject({ unchanged: 3, removed: 0, total: 3 });
    expect(summary.rejected.map(({ where }) => where).sort()).toEqual(['shop x', 'shop y']);
  });
});

describe('an engine whose workers die', () => {
  it('ends the run instead of losing items, and the next one embeds only the rest', async () => {
    const colours = createColourEmbedder();
    let left = 20;
    const embedder = createBatchingEmbedder({
      engine: {
        name: 'dying',
        device: 'none',
        parallelism: 2,
        maxBatch: 4,
        async run(batch) {
          if (--left < 0) throw new Error('An engine worker ended with code 134.');
          return Promise.all(
            batch.map(async (pixels) => ({ embedding: await colours.embed(pixels, { priority: 'bulk' }) })),
          );
        },
        isAlive: () => true,
        close: () => Promise.resolve(),
      },
      skipped: [],
      model: {
        manifest: { ...shippedModel.manifest, input: colours.input },
        fingerprint: COLOUR_FINGERPRINT,
      },
    });
    const { folder, reindexer, expectUntouched } = await establish({ embedder });
    const error = await failureOf(reindexer.run([source('shop', NEW)]));
    expect(error.message).toContain('An engine worker ended with code 134.');
    await expectUntouched();
    await closeFixtures();
    const next = await openFixture({ path: folder.path });
    const summary = await next.reindexer.run([source('shop', NEW)]);
    expect(summary).toMatchObject({ added: 60, rejected: [], total: 63 });
    expect(summary.embedded).toBeLessThanOrEqual(60 - 20);
  });
});

describe.skipIf(!canMount)('on a bad disk (needs root and mount, which are absent)', () => {
  let parent: string;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'bad-disk-'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it('that is full is reported by the run, leaves the old index, and with more space the run continues', async () => {
    const disk = mountSmallDisk(parent, 2_000);
    try {
      const { reindexer, expectUntouched } = await establish({ path: disk.path });
      await writeFile(join(disk.path, 'somebody-elses-file'), Buffer.alloc(1_600_000));
      const many = Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [`n${n}`, `rgb(${n % 256},${n % 7},${n % 11})`]),
      );
      const next = source('shop', { ...OLD, ...many });
      const error = await failureOf(reindexer.run([next]));
      expect(error).toBeInstanceOf(OperatorError);
      expect(error.message).toMatch(/disk .*full/);
      await rm(join(disk.path, 'somebody-elses-file'));
      await expectUntouched();
      execFileSync('mount', ['-o', 'remount,size=20m', disk.path]);
      await closeFixtures();
      const roomy = await openFixture({ path: disk.path });
      expect(await roomy.reindexer.run([next])).toMatchObject({ added: 300, total: 303 });
    } finally {
      await closeFixtures();
      disk.unmount();
    }
  });

  it('that is full, the record of the run says that it failed', async () => {
    const disk = mountSmallDisk(parent, 2_000);
    try {
      const { inventory } = await openFixture({ path: disk.path });
      await inventory.import(folderOf({ 'old.jpg': await picture('#ff0000') }, 'old'));
      const many = Array.from(
        { length: 200 },
        async (_, n) => [`n${n}.jpg`, await picture(`rgb(${n},${n % 7},${n % 11})`)] as const,
      );
      const shop = folderOf(Object.fromEntries(await Promise.all(many)), 'many');
      await writeFile(join(disk.path, 'somebody-elses-file'), Buffer.alloc(1_600_000));
      expect((await failureOf(inventory.import(shop))).message).toMatch(/disk .*full/);
      const failed = { outcome: 'failed', reason: expect.stringMatching(/disk .*full/) as string };
      expect((await inventory.runs())[0]).toMatchObject(failed);

      await rm(join(disk.path, 'somebody-elses-file'));
      execFileSync('mount', ['-o', 'remount,size=20m', disk.path]);
      await closeFixtures();
      const roomy = await openFixture({ path: disk.path });
      await roomy.inventory.import(shop);
      const [latest, before] = await roomy.inventory.runs();
      expect(latest).toMatchObject({ outcome: 'finished' });
      expect(['failed', 'interrupted']).toContain(before!.outcome);
    } finally {
      await closeFixtures();
      disk.unmount();
    }
  });

  it.each(['indexFolder', 'picturesFolder'] as const)(
    'that became read-only under the %s, a run says so and the old index stays',
    async (part) => {
      const disk = mountSmallDisk(parent, 2_000);
      try {
        const elsewhere = { [part]: disk.path };
        const { reindexer, folder, serving, nearest } = await openFixture({ elsewhere });
        await reindexer.run([source('shop', OLD)]);
        execFileSync('mount', ['-o', 'remount,ro', disk.path]);
        const error = await failureOf(reindexer.run([source('shop', NEW)]));
        expect(error).toBeInstanceOf(OperatorError);
        expect(error.message).toMatch(/read-only/);
        expect(serving.current()?.size).toBe(3);
        expect(await nearest(OLD.g)).toBe('g');
        await closeFixtures();
        const next = await openFixture({ path: folder.path, elsewhere });
        expect(await next.nearest(OLD.g)).toBe('g');
        expect(await next.catalogue.get('n1')).toBeUndefined();
      } finally {
        await closeFixtures();
        disk.unmount();
      }
    },
  );
});

describe('a worker thread that dies in a real process', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dying-worker-'));
    await mkdir(join(folder, 'shop'));
    await put(0, 20);
    const first = await runScript('scripts/inventory.ts', ['import', join(folder, 'shop')], environment());
    expect(first.code).toBe(0);
    await put(20, 60);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const environment = (more: Record<string, string> = {}) => ({ DATA_DIR: join(folder, 'data'), ...more });

  async function put(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      const background = { r: (n * 67) % 256, g: (n * 131) % 256, b: (n * 29) % 256 };
      const picture = sharp({ create: { width: 60, height: 80, channels: 3, background } });
      await picture.jpeg().toFile(join(folder, 'shop', `${n}.jpg`));
    }
  }

  it.each([
    [
      'embeds',
      // Each of them at its third batch, between two computations.
      `if (workerData?.weightsPath) { let seen = 0; parentPort.on('message', () => { if (++seen === 3) process.exit(3); }); }`,
      /engine worker ended with code 3/,
    ],
    [
      'builds the graph',
      // At its second word of progress.
      `if (workerData?.parameters) { let said = 0; const { postMessage } = parentPort;
       parentPort.postMessage = (...words) => { postMessage.apply(parentPort, words); if (++said === 2) process.exit(3); }; }`,
      /worker that builds the search graph ended without a result/,
    ],
  ])('while it %s ends the run as failed, and the old index serves', async (_, deed, message) => {
    const preload = join(folder, 'preload.cjs');
    await writeFile(
      preload,
      `const { isMainThread, parentPort, workerData } = require('node:worker_threads'); if (!isMainThread) { ${deed} }`,
    );
    const run = await runScript(
      'scripts/inventory.ts',
      ['reindex'],
      environment({ NODE_OPTIONS: `--require=${preload}` }),
    );
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(1);
    const status = await runScript('scripts/inventory.ts', ['status'], environment());
    expect(status.stdout).toMatch(/^Index +20 items/m);
    expect(status.stdout).toMatch(
      new RegExp(`^Run .*reindex by npm run inventory: failed\\. .*${message.source}`, 'm'),
    );
  });

  it('does not hinder the next run', async () => {
    const next = await runScript('scripts/inventory.ts', ['reindex'], environment());
    expect(next.stdout).toContain('60 items can be found now: 40 added');
    expect(Number(/\((\d+) pictures embedded\)/.exec(next.stdout)?.[1])).toBeLessThan(
      availableParallelism() > 4 ? 41 : 40,
    );
  });
});
