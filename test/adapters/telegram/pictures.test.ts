import { describe, expect, it } from 'vitest';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { photo, useBenches } from './telegram-fixture.ts';

const openBench = useBenches();

describe('pictures of items', () => {
  it('are uploaded once and then sent by file_id, also after a restart', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    const reused = async (n: number): Promise<boolean[]> => {
      await driver.post(ada, 'direct', [await photo()]);
      await driver.answer('direct', ada, n);
      const albums = driver.fake.bot
        .messagesIn(driver.chatOf('direct', ada))
        .filter(({ kind }) => kind === 'album');
      return albums[n - 1]!.pictures.map((picture) => picture.reused);
    };
    expect(await reused(1)).toEqual([false, false, false, false, false]);
    expect(await reused(2)).toEqual([true, true, true, true, true]);
    await driver.crash();
    await driver.start();
    expect(await reused(3)).toEqual([true, true, true, true, true]);
  });

  it('are uploaded again in the same reply when Telegram does not know a file_id any more', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    const first = await driver.answer('direct', ada, 1);
    driver.fake.files.invalidateAll();
    await driver.post(ada, 'direct', [await photo()]);
    const second = await driver.answer('direct', ada, 2);
    expect(second.pictures.map(({ bytes }) => bytes)).toEqual(first.pictures.map(({ bytes }) => bytes));
    const albums = driver.fake.callsOf('sendMediaGroup').map(({ status }) => status);
    expect(albums).toEqual([200, 400, 200]);
    await driver.post(ada, 'direct', [await photo()]);
    await driver.answer('direct', ada, 3);
    expect(driver.fake.callsOf('sendMediaGroup').map(({ status }) => status)).toEqual([200, 400, 200, 200]);
  });

  it('change with the filters of an answer', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    const answer = await driver.answer('direct', ada, 1);
    await driver.choose(ada, answer, 'Type', 'Ties');
    await driver.until(() => driver.answers('direct', ada)[0]?.pictures.length === 2, 'the two ties');
    await driver.choose(ada, driver.answers('direct', ada)[0]!, 'For', 'Men');
    await driver.until(
      () => driver.answers('direct', ada)[0]?.text.includes('Nothing in the inventory') === true,
      'none',
    );
    await driver.choose(ada, driver.answers('direct', ada)[0]!, 'Type: Ties', 'Any type');
    await driver.until(() => driver.answers('direct', ada)[0]?.pictures.length === 5, 'five again');
  });

  it('are left out where the group does not allow photos, and the text is sent', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    driver.group.setBot('member', { mayNot: ['photos'] });
    await driver.post(ada, 'group', [await photo()], { mention: true });
    const answer = await driver.answer('group', ada, 1);
    expect(answer.pictures).toEqual([]);
    expect(answer.text).toContain('Item <red-1> & more');
    expect(answer.buttons).toContain('Like 5');
  });

  it('are left out when they are missing from the store, and the text still names the item', async () => {
    const { driver, bot } = await openBench();
    const ada = driver.person('Ada');
    const item = await bot.catalogue.get('red-1');
    await bot.pictures.delete(item!.picture);
    await driver.post(ada, 'direct', [await photo()]);
    const answer = await driver.answer('direct', ada, 1);
    expect(answer.pictures.map(({ text }) => text.slice(0, 2)).sort()).not.toContain(undefined);
    expect(answer.pictures).toHaveLength(4);
    expect(answer.text).toContain('<red-1>');
  });

  it('are deleted with their answer', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo(COLOURS.alsoNear)]);
    const answer = await driver.answer('direct', ada, 1);
    await driver.click(ada, answer, 'Delete');
    const messages = () => driver.fake.bot.messagesIn(driver.chatOf('direct', ada));
    await driver.until(
      () => messages().every(({ posts }) => posts.every(({ deleted }) => deleted)),
      'all of it gone',
    );
    expect(messages().map(({ kind }) => kind)).toEqual(['album', 'text']);
  });
});

describe('the buttons of an answer', () => {
  it('unfold a list below the clicked button, fold it again, and show one list at a time', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    const answer = await driver.answer('direct', ada, 1);
    const rows = () =>
      driver.fake.bot
        .messagesIn(driver.chatOf('direct', ada))
        .at(-1)!
        .keyboard.map((row) => row.map(({ text }) => text));
    const closed = rows();
    expect(closed).toEqual([
      ['More'],
      ['Like 1', 'Like 2', 'Like 3', 'Like 4', 'Like 5'],
      ['Type ▾', 'Colour ▾', 'For ▾'],
      ['Delete'],
    ]);
    await driver.click(ada, answer, 'Type ▾');
    await driver.until(() => rows().length > 4, 'the types');
    expect(rows()[3]).toEqual(['✓ Any type', 'Shirts', 'Dresses']);
    await driver.click(ada, answer, 'Colour ▾');
    await driver.until(() => rows()[3]?.[0] === '✓ Any colour', 'the colours');
    expect(rows().flat()).not.toContain('✓ Any type');
    await driver.click(ada, answer, 'Colour ▾');
    await driver.until(() => rows().length === 4, 'the folded list');
    expect(rows()).toEqual(closed);
  });

  it('have callback data of at most 64 bytes and without state', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    const answer = await driver.answer('direct', ada, 1);
    await driver.click(ada, answer, 'Colour ▾');
    const buttons = () => driver.fake.bot.messagesIn(driver.chatOf('direct', ada)).at(-1)!.keyboard.flat();
    await driver.until(() => buttons().length > 10, 'the colours');
    for (const { data } of buttons()) expect(data).toMatch(/^[\w-]{13}(?:\.[\w-]{1,4})?$/);
  });

  it('are answered when their data is forged, and when their message is inaccessible', async () => {
    const { driver } = await openBench();
    const person = driver.person('Ada');
    const ada = driver.userOf(person);
    await driver.post(person, 'direct', [await photo()]);
    await driver.answer('direct', person, 1);
    const post = driver.fake.bot.messagesIn(ada.privateChat).at(-1)!.posts[0]!;
    for (const data of ['x', '.', '../../etc', 'A'.repeat(64), '/reindex.now', '/nonsense']) {
      const click = ada.click(post, data, { forged: true });
      await driver.fake.waitFor(() => click.answer, `an answer to ${data}`);
    }
    const click = ada.click(post, 'Like 1', { inaccessible: true });
    await driver.fake.waitFor(() => click.answer, 'an answer to the old one');
  });

  it('are answered before the messages that they cause are sent', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    const answer = await driver.answer('direct', ada, 1);
    await driver.click(ada, answer, 'More');
    await driver.answer('direct', ada, 2);
    const calls = driver.fake.calls.map(({ method }) => method);
    const click = calls.indexOf('answerCallbackQuery');
    expect(calls.slice(click).filter((method) => method === 'sendMediaGroup')).toHaveLength(1);
  });
});
