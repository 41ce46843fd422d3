import { afterEach, describe, expect, it } from 'vitest';
import type { Classifier, Predictions } from '../../src/embed/classifier.ts';
import type { Manifest } from '../../src/embed/model.ts';
import type { Labels } from '../../src/catalogue/item.ts';
import type { Source } from '../../src/sources/source.ts';
import { closeFixtures, source, openFixture } from '../reindex/reindex-fixture.ts';

afterEach(closeFixtures);

/** Tells reds from the rest: the first number of a colour's embedding is the larger, the redder it is. */
const classifier: Classifier = {
  labels: ['colour', 'usage'],
  classify: (embedding) => ({
    colour: { value: embedding[0]! > embedding[2]! ? 'Red' : 'Blue', probability: 0.9 },
    usage: { value: 'Casual', probability: 0.4 },
  }),
};

/** The same with labels that its records carry. */
function labelled(plain: Source, labels: Readonly<Record<string, Labels>>): Source {
  return {
    ...plain,
    async *records(...options) {
      for await (const record of plain.records(...options)) {
        yield record.kind === 'item'
          ? { ...record, item: { ...record.item, labels: labels[record.item.id] ?? {} } }
          : record;
      }
    },
  };
}

describe('labels that a source does not give', () => {
  const shop = () => source('shop', { a: '#e01020', b: '#1020e0' });

  it('are filled in and marked as predicted, those alone that are probable, and can be filtered by', async () => {
    const { reindexer, catalogue, serving } = await openFixture({ classifier });
    await reindexer.run([labelled(shop(), { b: { colour: 'Navy Blue' } })]);
    expect(await catalogue.get('a')).toMatchObject({
      labels: {},
      predicted: { colour: { value: 'Red', probability: 0.9 } },
    });
    expect((await catalogue.get('a'))?.predicted).not.toHaveProperty('usage');
    // What a source says is never doubted.
    expect(await catalogue.get('b')).not.toHaveProperty('predicted');
    expect(await catalogue.get('b')).toMatchObject({ labels: { colour: 'Navy Blue' } });
    const index = serving.current()!;
    const vector = (await index.vector('b'))!;
    expect((await index.nearest(vector, 5, { colour: ['Red'] })).map(({ id }) => id)).toEqual(['a']);
    expect(index.labelCounts().get('colour')).toEqual(
      new Map([
        ['Red', 1],
        ['Navy Blue', 1],
      ]),
    );
  });

  it('are no change of the source, and give way to what it says later', async () => {
    const { reindexer, catalogue } = await openFixture({ classifier });
    await reindexer.run([shop()]);
    expect(await reindexer.plan([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect(await reindexer.run([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect((await catalogue.get('a'))?.predicted).toEqual({ colour: { value: 'Red', probability: 0.9 } });
    const told = labelled(shop(), { a: { colour: 'Maroon' } });
    expect(await reindexer.run([told])).toMatchObject({ changed: 1, unchanged: 1 });
    expect(await catalogue.get('a')).toMatchObject({ labels: { colour: 'Maroon' } });
    expect(await catalogue.get('a')).not.toHaveProperty('predicted');
  });

  it('are not predicted again while picture and labels are the same, but all are in a full reindex', async () => {
    let told = 0;
    const counting: Classifier = {
      ...classifier,
      classify(embedding) {
        told++;
        return classifier.classify(embedding);
      },
    };
    const { reindexer } = await openFixture({ classifier: counting });
    await reindexer.run([shop()]);
    expect(told).toBe(2);
    await reindexer.run([shop()]);
    expect(told).toBe(2);
    await reindexer.run([source('shop', { a: '#e01020', b: '#20e010' })]);
    expect(told).toBe(3);
    await reindexer.run([shop()], { full: true });
    expect(told).toBe(5);
  });

  it('are added by a model that can tell them to what another left without, with no change counted', async () => {
    const before = await openFixture();
    await before.reindexer.run([shop()]);
    const { path } = before.folder;
    await closeFixtures();
    const after = await openFixture({ path, classifier });
    expect(await after.reindexer.run([shop()])).toMatchObject({ changed: 0, unchanged: 2 });
    expect((await after.catalogue.get('b'))?.predicted).toEqual({
      colour: { value: 'Blue', probability: 0.9 },
    });
  });

  describe('after the classifiers were calibrated', () => {
    const at = (temperature: number): Manifest['labels'] => ({
      colour: { output: 'label.colour', classes: ['Red', 'Blue'], temperature },
    });
    /** Less sure of the colour, and sure of the usage. */
    const calibrated = (calls: Predictions[] = []): Classifier => ({
      ...classifier,
      classify(embedding) {
        const colour = { ...classifier.classify(embedding).colour!, probability: 0.6 };
        const told = { colour, usage: { value: 'Casual', probability: 0.7 } };
        calls.push(told);
        return told;
      },
    });
    const before = async () => {
      const { folder, reindexer } = await openFixture({ classifier, labels: at(1) });
      await reindexer.run([shop(), source('other', { c: '#10e020' })]);
      return folder;
    };

    it('are predicted again once, for kept sources too, without embedding anything or counting a change', async () => {
      const { path } = await before();
      await closeFixtures();
      const calls: Predictions[] = [];
      const after = await openFixture({ path, classifier: calibrated(calls), labels: at(2) });
      const keep = { keep: ['other'] };
      expect(await after.reindexer.run([shop()], keep)).toMatchObject({
        changed: 0,
        unchanged: 2,
        embedded: 0,
        total: 3,
      });
      expect(calls).toHaveLength(3);
      for (const id of ['a', 'b', 'c']) {
        expect((await after.catalogue.get(id))?.predicted).toMatchObject({
          colour: { probability: 0.6 },
          usage: { value: 'Casual' },
        });
      }
      expect(after.serving.current()!.labelCounts().get('usage')).toEqual(new Map([['Casual', 3]]));
      await after.reindexer.run([shop()], keep);
      expect(calls).toHaveLength(3);
    });

    it('are predicted again once if no record says which classifier predicted them', async () => {
      const folder = await before();
      const { path } = folder;
      await folder.store.namespace('predictions').delete('items');
      await closeFixtures();
      const calls: Predictions[] = [];
      const after = await openFixture({ path, classifier: calibrated(calls), labels: at(1) });
      await after.reindexer.run([shop()], { keep: ['other'] });
      await after.reindexer.run([shop()], { keep: ['other'] });
      expect(calls).toHaveLength(3);
    });

    it('are not predicted a third time if the process died before it recorded that they were predicted again', async () => {
      const { path } = await before();
      await closeFixtures();
      let opened = 0;
      const dying = await openFixture({
        path,
        classifier: calibrated(),
        labels: at(2),
        beforeOpen() {
          if (++opened === 2) throw new Error('died here');
        },
      });
      const both = () => [shop(), source('other', { c: '#10e020' })];
      await expect(dying.reindexer.run(both())).rejects.toThrow('died here');
      await closeFixtures();
      const calls: Predictions[] = [];
      const after = await openFixture({ path, classifier: calibrated(calls), labels: at(2) });
      await after.reindexer.run(both());
      expect(calls).toEqual([]);
      expect((await after.catalogue.get('c'))?.predicted).toMatchObject({ usage: { value: 'Casual' } });
    });
  });
});
