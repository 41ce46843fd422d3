import { afterEach, describe, expect, it } from 'vitest';
import { folderOf } from '../sources/fixtures.ts';
import { closeFixtures, picture, source, openFixture } from './reindex-fixture.ts';

afterEach(closeFixtures);

/** A folder of its own with a picture of each colour. */
async function shop(name: string, ...colours: string[]): Promise<string> {
  const files = await Promise.all(
    colours.map(async (colour, n) => [`${name}${n}.jpg`, await picture(colour)] as const),
  );
  return folderOf(Object.fromEntries(files), name);
}

/** @param dying which opening of an index, from 1, comes to its death: after the new one counts, before it serves. */
const dyingFixture = (dying: number) => {
  let opened = 0;
  return openFixture({
    beforeOpen() {
      if (++opened === dying) throw new Error('the process died here');
    },
  });
};

describe('a run that dies after its index became current and before it is recorded', () => {
  it('is finished by the next process, with what it did and what is known of its sources', async () => {
    const first = await dyingFixture(3);
    await first.inventory.import(await shop('demo', '#ff0000'), { name: 'demo' });
    const own = await shop('own', '#00ff00', '#0000ff');
    await expect(first.inventory.import(own)).rejects.toThrow('died here');
    expect(await first.inventory.runs()).toMatchObject([{ outcome: 'failed' }, { outcome: 'finished' }]);
    await closeFixtures();

    const next = await openFixture({ path: first.folder.path });
    const [run] = await next.inventory.runs();
    expect(run).toMatchObject({ id: '2', kind: 'import', outcome: 'finished' });
    expect(run).toMatchObject({ counts: { added: 2, removed: 1, embedded: 2, total: 2 } });
    expect(run).not.toHaveProperty('reason');
    expect(run!.seconds).toBeGreaterThan(0);
    const sources = await next.inventory.sources();
    expect([...sources.keys()]).toEqual(['own']);
    expect(sources.get('own')).toMatchObject({ path: own, readAt: expect.any(String) as string });
    expect(await next.inventory.reindex()).toMatchObject({ unchanged: 2, added: 0, removed: 0 });
  });

  it('is finished by the next run of the same process, which keeps what it brought', async () => {
    const { inventory, serving } = await dyingFixture(3);
    await inventory.import(await shop('one', '#ff0000'));
    await expect(inventory.import(await shop('two', '#00ff00'))).rejects.toThrow('died here');
    expect(await inventory.import(await shop('three', '#0000ff'))).toMatchObject({ added: 1, removed: 0 });
    expect([...(await inventory.sources()).keys()]).toEqual(['one', 'three', 'two']);
    expect(serving.current()!.size).toBe(3);
    expect((await inventory.runs()).map(({ outcome }) => outcome)).toEqual(Array(3).fill('finished'));
  });

  it('is completed before a plan reads the known sources', async () => {
    const { inventory } = await dyingFixture(3);
    await inventory.import(await shop('demo', '#ff0000'), { name: 'demo' });
    await expect(inventory.import(await shop('own', '#00ff00', '#0000ff'))).rejects.toThrow('died here');
    expect(await inventory.plan()).toMatchObject({ added: 0, removed: 0, unchanged: 2, total: 2 });
  });

  it('shows old items beside the old index for as long as the new one cannot be opened', async () => {
    let opened = 0;
    const { reindexer, catalogue } = await openFixture({
      beforeOpen() {
        if ([3, 4].includes(++opened)) throw new Error('the disk does not answer');
      },
    });
    await reindexer.run([source('shop', { a: '#ff0000' })]);
    const next = source('shop', { a: '#00ff00', b: '#0000ff' });
    const before = await catalogue.get('a');
    for (let time = 0; time < 2; time++) {
      await expect(reindexer.run([next])).rejects.toThrow('does not answer');
      expect(await catalogue.getMany(['a', 'b'])).toEqual([before, undefined]);
    }
    await reindexer.recover();
    const [a, b] = await catalogue.getMany(['a', 'b']);
    expect(a!.picture).not.toBe(before!.picture);
    expect(b).toBeDefined();
  });

  it('leaves an age of embeddings that came to its end behind it', async () => {
    const first = await dyingFixture(3);
    await first.inventory.import(await shop('one', '#ff0000'));
    await expect(first.inventory.reindex({ full: true })).rejects.toThrow('died here');
    await closeFixtures();
    const next = await openFixture({ path: first.folder.path });
    expect(await next.inventory.reindex({ full: true })).toMatchObject({ embedded: 1 });
  });
});
