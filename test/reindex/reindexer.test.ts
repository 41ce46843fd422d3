import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { createPauseSwitch } from '../../src/reindex/pause-gate.ts';
import { ShrinkGuardError } from '../../src/reindex/shrink-guard.ts';
import type { ReindexProgress } from '../../src/reindex/reindex-options.ts';
import type { Source, SourceRecord } from '../../src/sources/source.ts';
import { createColourEmbedder } from '../fakes/colour-embedder.ts';
import { closeFixtures, source, openFixture } from './reindex-fixture.ts';

afterEach(closeFixtures);

/** Tests take out more than a fifth of four items: any loss of the shop. */
const CONFIRMED = { confirmed: [{ source: 'shop', before: 0, removed: Infinity }] };
const COLOURS = { r: '#e01010', g: '#10e010', b: '#1010e0', y: '#e0e010' };

describe('a reindex', () => {
  it('makes every usable item findable and lists the rest with reasons', async () => {
    const { reindexer, nearest, pictures, catalogue } = await openFixture();
    const broken = Buffer.from('not a picture at all');
    const rejected: SourceRecord[] = [{ kind: 'rejected', where: 'row 7', reason: 'no picture column' }];
    const summary = await reindexer.run([source('shop', { ...COLOURS, broken }, rejected)]);
    expect(summary).toMatchObject({ added: 4, changed: 0, removed: 0, unchanged: 0, embedded: 4, total: 4 });
    expect(summary.rejected.map(({ where }) => where).sort()).toEqual(['row 7', 'shop broken']);
    expect(summary.rejected.every(({ reason }) => reason.length > 10)).toBe(true);
    expect(await nearest('#f02020')).toBe('r');
    expect(await nearest('#2020f0')).toBe('b');
    const item = await catalogue.get('r');
    expect(item).toMatchObject({ title: 'Item r', source: 'shop' });
    expect(await pictures.has(item!.picture)).toBe(true);
  });

  it('counts the items while it builds the index, from few to all', async () => {
    const { reindexer } = await openFixture();
    const many = Object.fromEntries(
      Array.from({ length: 150 }, (_, n) => [`n${n}`, `rgb(${n}, ${200 - n}, 77)`]),
    );
    const steps: ReindexProgress[] = [];
    await reindexer.run([source('shop', many)], { onProgress: (progress) => steps.push(progress) });
    const building = steps.filter(({ phase }) => phase === 'index');
    expect(building.map(({ total }) => total)).toEqual(building.map(() => 150));
    const done = building.map((progress) => progress.done);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(done[0]).toBeLessThan(75);
    expect(done.at(-1)).toBe(150);
  });

  it('that fails has written its last tile by then, as its folder may be closed', async () => {
    const embed = () => Promise.reject(new Error('The engine died.'));
    const { reindexer, folder } = await openFixture({ embedder: { ...createColourEmbedder(), embed } });
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`n${n}`, `rgb(${n}, 99, 77)`]));
    await expect(reindexer.run([source('shop', many)])).rejects.toThrow('The engine died.');
    const tiles = () => readdir(folder.picturesFolder, { recursive: true });
    const left = await tiles();
    await delay(300);
    expect(await tiles()).toEqual(left);
  });

  it('does nothing the second time', async () => {
    const { reindexer, embedder, folder } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const before = await readFile(join(folder.indexFolder, 'current'), 'utf8');
    const summary = await reindexer.run([source('shop', COLOURS)]);
    expect(summary).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 4, embedded: 0, total: 4 });
    expect(embedder.embedded).toBe(4);
    expect(await readFile(join(folder.indexFolder, 'current'), 'utf8')).toBe(before);
  });

  it('embeds only what changed, and deletes removed items with their pictures', async () => {
    const { reindexer, nearest, catalogue, pictures } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const [gone, before] = [(await catalogue.get('g'))!, (await catalogue.get('b'))!];
    const summary = await reindexer.run(
      [source('shop', { r: COLOURS.r, b: '#10e0e0', y: COLOURS.y, w: '#ffffff' })],
      CONFIRMED,
    );
    expect(summary).toMatchObject({ added: 1, changed: 1, removed: 1, unchanged: 2, embedded: 2, total: 4 });
    expect(await catalogue.get('g')).toBeUndefined();
    expect(await pictures.has(gone.picture)).toBe(false);
    expect(await pictures.has(before.picture)).toBe(false);
    expect(await nearest('#10e0e0')).toBe('b');
    expect(await nearest('#ffffff')).toBe('w');
    expect(await nearest(COLOURS.g)).not.toBe('g');
  });

  it('keeps the items of other sources, and an id stays with who had it first', async () => {
    const { reindexer, nearest } = await openFixture();
    await reindexer.run([source('shop', { r: COLOURS.r, g: COLOURS.g })]);
    const summary = await reindexer.run([source('annex', { r: COLOURS.y, b: COLOURS.b })], {
      keep: ['shop'],
    });
    expect(summary).toMatchObject({ added: 1, embedded: 1, total: 3 });
    expect(summary.rejected).toEqual([
      {
        where: 'annex r',
        reason: 'id "r" is already taken by source "shop"',
        source: 'annex',
        id: 'r',
        title: expect.any(String) as string,
      },
    ]);
    expect(await nearest(COLOURS.g)).toBe('g');
    const dropped = await reindexer.run([], { keep: ['annex'] });
    expect(dropped).toMatchObject({ removed: 2, total: 1 });
    expect(await nearest(COLOURS.g)).toBe('b');
  });

  it('that is stopped leaves the old index serving, and continues where it stopped', async () => {
    const { reindexer, embedder, nearest, serving } = await openFixture();
    await reindexer.run([source('shop', { r: COLOURS.r })]);
    const old = serving.current();
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`n${n}`, `rgb(${n}, ${200 - n}, 77)`]),
    );
    const stopping = new AbortController();
    const run = reindexer.run([source('shop', many)], {
      ...CONFIRMED,
      signal: stopping.signal,
      onProgress: ({ done }) => {
        if (done === 20) stopping.abort(new Error('stopped by a test'));
      },
    });
    await expect(run).rejects.toThrow('stopped by a test');
    expect(serving.current()).toBe(old);
    expect(await nearest(COLOURS.r)).toBe('r');
    const before = embedder.embedded;
    const summary = await reindexer.run([source('shop', many)], CONFIRMED);
    expect(summary).toMatchObject({ added: 60, removed: 1, total: 60 });
    // 1 of the first run, 1 of the query; what was embedded before the stop is not embedded again.
    expect(summary.embedded).toBeLessThanOrEqual(42);
    expect(embedder.embedded - before).toBe(summary.embedded);
  });

  it('answers from the old index until the new one is complete', async () => {
    const { reindexer, nearest } = await openFixture();
    await reindexer.run([source('shop', { r: COLOURS.r })]);
    const during: (string | undefined)[] = [];
    const asking: Promise<unknown>[] = [];
    await reindexer.run([source('shop', { g: COLOURS.g, b: COLOURS.b })], {
      ...CONFIRMED,
      onProgress: () => asking.push(nearest(COLOURS.g).then((id) => during.push(id))),
    });
    await Promise.all(asking);
    expect(during[0]).toBe('r');
    expect(await nearest(COLOURS.g)).toBe('g');
  });

  it('hides what is out of stock and shows it again without embedding anything', async () => {
    const { reindexer, nearest, catalogue, pictures } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const hiding = source('shop', COLOURS);
    const hidden: Source = {
      ...hiding,
      async *records() {
        for await (const record of hiding.records()) {
          if (record.kind !== 'item' || record.item.id === 'r') yield record;
          else yield { ...record, item: { ...record.item, availability: 'out of stock', hidden: true } };
        }
      },
    };
    const summary = await reindexer.run([hidden]);
    expect(summary).toMatchObject({ changed: 3, removed: 0, embedded: 0, total: 1, hidden: 3 });
    expect(await nearest(COLOURS.g)).toBe('r');
    const item = await catalogue.get('g');
    expect(item).toMatchObject({ availability: 'out of stock', hidden: true });
    expect(await pictures.has(item!.picture)).toBe(true);
    // A source that is merely kept stays hidden.
    const beside = await reindexer.run([source('annex', { w: '#ffffff' })], { keep: ['shop'] });
    expect(beside).toMatchObject({ embedded: 1, total: 2, hidden: 3 });
    expect(await nearest(COLOURS.g)).not.toBe('g');
    const shown = await reindexer.run([source('shop', COLOURS)], { keep: ['annex'] });
    expect(shown).toMatchObject({ changed: 3, embedded: 0, total: 5, hidden: 0 });
    expect(await nearest(COLOURS.g)).toBe('g');
  });

  it('refuses to hide everything', async () => {
    const { reindexer, nearest } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const all = source('shop', COLOURS);
    const hidden: Source = {
      ...all,
      async *records() {
        for await (const record of all.records())
          yield record.kind === 'item' ? { ...record, item: { ...record.item, hidden: true } } : record;
      },
    };
    await expect(reindexer.run([hidden])).rejects.toThrow(/All 4 items are out of stock/);
    expect(await nearest(COLOURS.g)).toBe('g');
  });

  it('does without the bytes of a picture only while it has embedding and tile', async () => {
    const { reindexer, embedder, nearest, catalogue, pictures } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const asked: string[] = [];
    const knowing = source('shop', COLOURS);
    const { picture: tileless } = (await catalogue.get('b'))!;
    await pictures.delete(tileless);
    const shop: Source = {
      ...knowing,
      async *records() {
        for await (const record of knowing.records()) {
          if (record.kind !== 'item') continue;
          yield {
            ...record,
            async readIfChanged(isKnown) {
              const { picture: digest } = (await catalogue.get(record.item.id))!;
              if (await isKnown(digest)) return { digest };
              asked.push(record.item.id);
              return record.read();
            },
          };
        }
      },
    };
    const before = embedder.embedded;
    expect(await reindexer.run([shop])).toMatchObject({ unchanged: 4, embedded: 0 });
    expect(asked).toEqual(['b']);
    expect(await pictures.has(tileless)).toBe(true);
    expect(await reindexer.run([shop], { full: true })).toMatchObject({ unchanged: 4, embedded: 4 });
    expect(embedder.embedded - before).toBe(4);
    expect(asked.sort()).toEqual(['b', 'b', 'g', 'r', 'y']);
    expect(await nearest(COLOURS.b)).toBe('b');
  });

  it('refuses a second run meanwhile', async () => {
    const { reindexer } = await openFixture();
    const first = reindexer.run([source('shop', COLOURS)]);
    await expect(reindexer.run([source('annex', COLOURS)])).rejects.toThrow(/already running/);
    expect(await first).toMatchObject({ total: 4 });
  });

  it('leaves everything as it is when nothing could be used', async () => {
    const { reindexer, nearest, catalogue } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const failing = reindexer.run([source('shop', { r: Buffer.from('x') })]);
    await expect(failing).rejects.toThrow(OperatorError);
    await expect(failing).rejects.toThrow(/No usable item in 1 record\b[^]*shop r: /);
    expect(await nearest(COLOURS.r)).toBe('r');
    expect(await catalogue.get('g')).toBeDefined();
  });

  it('is found again by the next process', async () => {
    const first = await openFixture();
    await first.reindexer.run([source('shop', COLOURS)]);
    await closeFixtures();
    const second = await openFixture({ path: first.folder.path });
    expect(await second.nearest(COLOURS.y)).toBe('y');
    expect(await second.reindexer.run([source('shop', COLOURS)])).toMatchObject({
      unchanged: 4,
      embedded: 0,
    });
    expect(await readdir(second.folder.indexFolder)).toHaveLength(2);
  });

  it('changes what answers read when the new index serves, not before', async () => {
    const { reindexer, catalogue, serving, nearest } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const old = serving.current();
    const titles: (string | undefined)[] = [];
    const looking: Promise<unknown>[] = [];
    const look = async (): Promise<void> => {
      const items = await catalogue.getMany(['r', 'g', 'w']);
      if (serving.current() === old) titles.push(...items.map((item) => item?.title));
    };
    const renamed = retitled(source('shop', { r: COLOURS.r, b: '#10e0e0', y: COLOURS.y, w: '#ffffff' }));
    await reindexer.run([renamed], { ...CONFIRMED, onProgress: () => looking.push(look()) });
    await Promise.all(looking);
    expect(new Set(titles)).toEqual(new Set(['Item r', 'Item g', undefined]));
    expect(titles.filter((title) => title === 'Item g')).toHaveLength(titles.length / 3);
    const now = await catalogue.getMany(['r', 'g', 'w']);
    expect(now.map((item) => item?.title)).toEqual(['New r', undefined, 'New w']);
    expect(await nearest(COLOURS.g)).not.toBe('g');
  });

  it('that dies after the new index became current is completed by the next process', async () => {
    let opened = 0;
    const first = await openFixture({
      beforeOpen: () => {
        // At the start, after the first run, after the second one.
        if (++opened === 3) throw new Error('the process died here');
      },
    });
    await first.reindexer.run([source('shop', COLOURS)]);
    const next = retitled(source('shop', { r: COLOURS.r, b: COLOURS.b, y: COLOURS.y, w: '#ffffff' }));
    await expect(first.reindexer.run([next], CONFIRMED)).rejects.toThrow('the process died here');
    expect(await first.nearest(COLOURS.g)).toBe('g');
    expect((await first.catalogue.get('r'))?.title).toBe('Item r');
    await closeFixtures();

    const second = await openFixture({ path: first.folder.path });
    expect(await second.nearest('#ffffff')).toBe('w');
    const items = await second.catalogue.getMany(['r', 'g', 'w']);
    expect(items.map((item) => item?.title)).toEqual(['New r', undefined, 'New w']);
    expect(await second.reindexer.run([next])).toMatchObject({ unchanged: 4, embedded: 0 });
  });

  it('embeds a picture once that many new items share', async () => {
    const { reindexer, embedder } = await openFixture();
    const shared = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`n${n}`, '#808080']));
    expect(await reindexer.run([source('shop', shared)])).toMatchObject({ added: 40, embedded: 1 });
    expect(embedder.embedded).toBe(1);
  });
});

describe('a full reindex', () => {
  it('embeds every picture again', async () => {
    const { reindexer, embedder, folder } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const before = await readFile(join(folder.indexFolder, 'current'), 'utf8');
    for (const times of [2, 3]) {
      const summary = await reindexer.run([source('shop', COLOURS)], { full: true });
      expect(summary).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 4, embedded: 4 });
      expect(embedder.embedded).toBe(4 * times);
    }
    expect(await readFile(join(folder.indexFolder, 'current'), 'utf8')).not.toBe(before);
  });

  it('continues where it was interrupted', async () => {
    const first = await openFixture();
    const many = manyColours(60);
    await first.reindexer.run([source('shop', many)]);
    const stopping = new AbortController();
    const run = first.reindexer.run([source('shop', many)], {
      full: true,
      signal: stopping.signal,
      onProgress: ({ done }) => {
        if (done === 30) stopping.abort(new Error('stopped by a test'));
      },
    });
    await expect(run).rejects.toThrow('stopped by a test');
    await closeFixtures();
    const second = await openFixture({ path: first.folder.path });
    const summary = await second.reindexer.run([source('shop', many)], { full: true });
    expect(summary.embedded).toBeLessThanOrEqual(30);
    expect(summary.embedded).toBe(second.embedder.embedded);
  });
});

describe('a plan', () => {
  it('says what the reindex then does, and writes nothing', async () => {
    const { reindexer, embedder, folder, catalogue, pictures } = await openFixture();
    await reindexer.run([source('shop', { ...manyColours(20), ...COLOURS })]);
    const current = await readFile(join(folder.indexFolder, 'current'), 'utf8');
    const tiles = await readdir(folder.picturesFolder, { recursive: true });
    const rejected: SourceRecord[] = [{ kind: 'rejected', where: 'row 7', reason: 'no picture column' }];
    const broken = Buffer.from('not a picture at all');
    const items = { ...manyColours(20), r: COLOURS.r, b: '#10e0e0', w: '#ffffff', v: '#ffffff', broken };
    const next = (): Source[] => [source('shop', items, rejected), source('annex', { k: '#000000' })];

    const plan = await reindexer.plan(next());
    expect(plan).toMatchObject({ added: 3, changed: 1, removed: 2, unchanged: 21, toEmbed: 3, total: 25 });
    expect(plan.sources).toMatchObject([
      { name: 'shop', before: 24, added: 2, changed: 1, removed: 2, unchanged: 21, toEmbed: 2 },
      { name: 'annex', before: 0, added: 1, changed: 0, removed: 0, unchanged: 0, toEmbed: 1 },
    ]);
    expect(plan.losses).toEqual([]);
    expect(embedder.embedded).toBe(24);
    expect(await catalogue.get('w')).toBeUndefined();
    expect(await pictures.has((await catalogue.get('g'))!.picture)).toBe(true);
    expect(await readdir(folder.picturesFolder, { recursive: true })).toEqual(tiles);
    expect(await readFile(join(folder.indexFolder, 'current'), 'utf8')).toBe(current);

    const { toEmbed, added, changed, removed, unchanged, total } = plan;
    const summary = await reindexer.run(next());
    expect(summary).toMatchObject({ added, changed, removed, unchanged, total, embedded: toEmbed });
    const byPlace = (list: readonly { where: string }[]) =>
      [...list].sort((a, b) => (a.where < b.where ? -1 : 1));
    expect(byPlace(summary.rejected)).toEqual(byPlace(plan.rejected));
    expect(summary.rejected).toHaveLength(2);
  });

  it('finds nothing to do where nothing changed', async () => {
    const { reindexer } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const plan = await reindexer.plan([source('shop', COLOURS)]);
    expect(plan).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 4, toEmbed: 0, total: 4 });
  });
});

describe('a source that lost more than a fifth of its items', () => {
  it('is left as it was until that is confirmed', async () => {
    const { reindexer, catalogue, nearest } = await openFixture();
    await reindexer.run([source('shop', manyColours(10)), source('annex', { r: COLOURS.r, g: COLOURS.g })]);
    const annex = source('annex', { r: COLOURS.r, g: COLOURS.g });
    expect(await reindexer.run([source('shop', manyColours(8)), annex])).toMatchObject({ removed: 2 });

    const less = { ...manyColours(6), w: '#ffffff' };
    const refused: unknown = await reindexer
      .run([source('shop', less), annex])
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ShrinkGuardError);
    const { plan, message } = refused as ShrinkGuardError;
    expect(message).toContain('"shop" would lose 2 of its 8 items. Nothing was changed.');
    expect(plan.losses).toEqual([{ source: 'shop', before: 8, removed: 2 }]);
    expect(plan).toMatchObject({ added: 1, removed: 2, unchanged: 8, total: 9 });
    expect(await catalogue.get('n7')).toBeDefined();
    expect(await catalogue.get('w')).toBeUndefined();
    expect(await nearest('#ffffff')).not.toBe('w');

    const confirmed = await reindexer.run([source('shop', less), annex], { confirmed: plan.losses });
    expect(confirmed).toMatchObject({ added: 1, removed: 2, embedded: 0 });
    expect(await catalogue.get('n7')).toBeUndefined();
  });

  it('has to be confirmed again when more items are missing than were confirmed, or another source lost many', async () => {
    const { reindexer, nearest } = await openFixture();
    const annex = source('annex', { r: COLOURS.r, g: COLOURS.g });
    await reindexer.run([source('shop', manyColours(10)), annex]);
    const lossesOf = async (run: Promise<unknown>) =>
      ((await run.catch((error: unknown) => error)) as ShrinkGuardError).plan.losses;

    const shown = await lossesOf(reindexer.run([source('shop', manyColours(7)), annex]));
    expect(shown).toEqual([{ source: 'shop', before: 10, removed: 3 }]);
    const more = [source('shop', manyColours(6)), annex];
    const larger = await lossesOf(reindexer.run(more, { confirmed: shown }));
    expect(larger).toEqual([{ source: 'shop', before: 10, removed: 4 }]);

    const another = [source('shop', manyColours(7)), source('annex', { r: COLOURS.r })];
    const both = await lossesOf(reindexer.run(another, { confirmed: shown }));
    expect(both.map(({ source }) => source).sort()).toEqual(['annex', 'shop']);
    expect(await nearest(COLOURS.g)).toBe('g');

    // What came back meanwhile needs no new question.
    const fewer = [source('shop', manyColours(7)), annex];
    expect(await reindexer.run(fewer, { confirmed: larger })).toMatchObject({ removed: 3 });
    // Of what is left, as many would be another loss.
    expect(
      await lossesOf(reindexer.run([source('shop', manyColours(4)), annex], { confirmed: shown })),
    ).toEqual([{ source: 'shop', before: 7, removed: 3 }]);
  });

  it('has not lost what another source brings now', async () => {
    const { reindexer } = await openFixture();
    await reindexer.run([source('shop', COLOURS)]);
    const moved = [
      source('shop', { r: COLOURS.r }),
      source('annex', { g: COLOURS.g, b: COLOURS.b, y: COLOURS.y }),
    ];
    expect(await reindexer.run(moved)).toMatchObject({ changed: 3, removed: 0, unchanged: 1 });
  });
});

describe('a paused reindex', () => {
  it('starts no record until it is resumed, and ends at once when it is cancelled', async () => {
    const { reindexer, embedder } = await openFixture();
    const pause = createPauseSwitch();
    let waiting = 0;
    const gate = {
      async wait(signal?: AbortSignal) {
        waiting++;
        await pause.wait(signal);
        waiting--;
      },
    };
    const run = reindexer.run([source('shop', manyColours(100))], {
      pause: gate,
      onProgress: ({ done }) => {
        if (done === 10) pause.pause();
      },
    });
    // What was in work when the pause began is finished; then every place is held back.
    await expect.poll(() => waiting).toBe(16);
    expect(embedder.embedded).toBeGreaterThanOrEqual(10);
    expect(embedder.embedded).toBeLessThanOrEqual(26);
    expect(pause.paused).toBe(true);
    pause.resume();
    expect(await run).toMatchObject({ added: 100 });

    const stopping = new AbortController();
    pause.pause();
    const cancelled = reindexer.run([source('shop', COLOURS)], { pause, signal: stopping.signal });
    stopping.abort(new Error('cancelled by a test'));
    await expect(cancelled).rejects.toThrow('cancelled by a test');
  });
});

// --- Internal helpers ---

function manyColours(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `n${n}`,
      `rgb(${(n * 37) % 256}, ${200 - n}, ${(n * 91) % 256})`,
    ]),
  );
}

/** The same pictures under new titles. */
function retitled(from: Source): Source {
  return {
    ...from,
    async *records() {
      for await (const record of from.records()) {
        yield record.kind === 'item'
          ? { ...record, item: { ...record.item, title: `New ${record.item.id}` } }
          : record;
      }
    },
  };
}
