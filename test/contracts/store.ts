/** The contract that every implementation of `Store` must fulfil. */

import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ClosedError } from '../../src/util/errors.ts';
import { entriesOf, type Store } from '../../src/store/store.ts';

export interface StoreContract {
  /** Opens the same records each time. */
  readonly open: () => Promise<Store>;
  /** Whether records survive `close()`, and use after `close()` is refused. */
  readonly durable: boolean;
}

const AWKWARD_KEYS = [
  'Überwurf, rot',
  '連衣裙 42',
  '👗👠',
  'one:a',
  'one',
  'one::a',
  ':a',
  'two:one:a',
  'a*b?c[d]',
  '100%_\\',
  '../../etc/passwd',
  '__proto__',
  "Robert'); DROP TABLE fashion_bot;--",
  'x'.repeat(200),
  '服'.repeat(200),
  '👗'.repeat(100),
];

export function describeStore({ open, durable }: StoreContract): void {
  let store: Store;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await store.namespace('one').clear();
    await store.namespace('two').clear();
  });
  afterAll(async () => {
    await store.close();
  });

  it('returns what was set, and undefined for other keys', async () => {
    const records = store.namespace('one');
    await records.set('a', { n: 1 });
    expect(await records.get('a')).toEqual({ n: 1 });
    expect(await records.get('b')).toBeUndefined();
    expect(await records.has('a')).toBe(true);
    expect(await records.has('b')).toBe(false);
  });

  it('returns many values in the order of the keys', async () => {
    const records = store.namespace<number>('one');
    await records.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]);
    expect(await records.getMany(['b', 'nothing', 'a', 'b'])).toEqual([2, undefined, 1, 2]);
    expect(await records.getMany([])).toEqual([]);
  });

  it('replaces values, and keeps the last value of a key that is set twice in one call', async () => {
    const records = store.namespace<number>('one');
    await records.set('a', 1);
    await records.setMany([
      { key: 'a', value: 2 },
      { key: 'a', value: 3 },
    ]);
    expect(await records.get('a')).toBe(3);
  });

  it('deletes one or many records, and returns whether any existed', async () => {
    const records = store.namespace<number>('one');
    for (const key of ['a', 'b', 'c']) await records.set(key, 1);
    expect(await records.delete('a')).toBe(true);
    expect(await records.delete('a')).toBe(false);
    expect(await records.deleteMany(['b', 'c'])).toBe(true);
    expect(await records.deleteMany(['b', 'c'])).toBe(false);
    expect(await collect(store, 'one')).toEqual(new Map());
  });

  it('keeps namespaces separate, also when one is cleared or listed', async () => {
    const one = store.namespace<string>('one');
    const two = store.namespace<string>('two');
    await one.set('a', 'from one');
    await two.set('a', 'from two');
    expect(await collect(store, 'one')).toEqual(new Map([['a', 'from one']]));
    await one.clear();
    expect(await one.get('a')).toBeUndefined();
    expect(await two.get('a')).toBe('from two');
    expect(await collect(store, 'two')).toEqual(new Map([['a', 'from two']]));
  });

  it('keeps awkward keys separate in every kind of call', async () => {
    const records = store.namespace<string>('one');
    const expected = new Map(AWKWARD_KEYS.map((key) => [key, `value of ${key}`]));
    await records.set('a', 'plain');
    await records.setMany([...expected].map(([key, value]) => ({ key, value })));
    for (const [key, value] of expected) expect(await records.get(key)).toBe(value);
    expect(await records.getMany(AWKWARD_KEYS)).toEqual([...expected.values()]);
    expect(await collect(store, 'one')).toEqual(new Map([...expected, ['a', 'plain']]));
    expect(await records.deleteMany(AWKWARD_KEYS)).toBe(true);
    expect(await collect(store, 'one')).toEqual(new Map([['a', 'plain']]));
  });

  it('returns values unchanged', async () => {
    const records = store.namespace('one');
    const values = [
      ':base64:not really',
      '',
      0,
      false,
      [1, [2, { three: 'drei ä 服 👗' }]],
      Buffer.from([0, 255, 128, 10]),
      'with \u0000 inside',
    ];
    for (const [place, value] of values.entries()) await records.set(`v${place}`, value);
    expect(await records.getMany(values.map((_, place) => `v${place}`))).toEqual(values);
  });

  it('lists more records than fit into one page', async () => {
    const records = store.namespace<number>('one');
    const all = new Map(Array.from({ length: 2_345 }, (_, n) => [`key ${n}`, n]));
    await records.setMany([...all].map(([key, value]) => ({ key, value })));
    expect(await collect(store, 'one')).toEqual(all);
    expect(await records.getMany([...all.keys()])).toEqual([...all.values()]);
    await records.deleteMany([...all.keys()]);
    expect(await collect(store, 'one')).toEqual(new Map());
  });

  it('drops expired records', async () => {
    const records = store.namespace<string>('one');
    await records.set('short', 'a', 30);
    await records.set('long', 'b', 60_000);
    await vi.waitFor(async () => {
      expect(await records.has('short')).toBe(false);
    }, 20_000);
    expect(await records.getMany(['short', 'long'])).toEqual([undefined, 'b']);
    await records.set('short', 'a', 30);
    await vi.waitFor(async () => {
      expect(await collect(store, 'one')).toEqual(new Map([['long', 'b']]));
    }, 20_000);
  });

  it.runIf(durable)('refuses a name that could not be kept separate from others', () => {
    expect(() => store.namespace('One:Two')).toThrow(RangeError);
  });

  it.runIf(durable)('keeps its records until it is opened again, and refuses use after close', async () => {
    const records = store.namespace<string>('one');
    await records.set('a', 'kept');
    await store.close();
    await store.close();
    await expect(records.get('a')).rejects.toThrow(ClosedError);
    await expect(records.set('a', 'lost')).rejects.toThrow(ClosedError);
    await expect(collectFrom(entriesOf(records))).rejects.toThrow(ClosedError);

    store = await open();
    expect(await store.namespace<string>('one').get('a')).toBe('kept');
  });
}

function collect(store: Store, namespace: string): Promise<Map<string, unknown>> {
  return collectFrom(entriesOf(store.namespace(namespace)));
}

async function collectFrom(entries: AsyncIterable<[string, unknown]>): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>();
  for await (const [key, value] of entries) {
    expect(all.has(key)).toBe(false);
    all.set(key, value);
  }
  return all;
}
