import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createBench,
  galleriesOf,
  handleOf,
  moderator,
  origin,
  photo,
  post,
  textOf,
  translations,
} from '../chat/chat-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const en = translations.for('en');

describe('the list of commands', () => {
  it('can be published on every platform in every language', async () => {
    const { conversation } = await createBench();
    const commands = conversation.commands();
    expect(commands.map(({ name }) => name)).toEqual([
      'find',
      'help',
      'status',
      'mode',
      'reindex',
      'privacy',
      'forget',
    ]);
    for (const { name, description, menu, options } of commands) {
      expect(name).toMatch(/^[a-z]{1,32}$/);
      for (const language of translations.languages) {
        expect(description[language]?.length, `${name} ${language}`).toBeGreaterThan(0);
        expect(description[language]?.length, `${name} ${language}`).toBeLessThanOrEqual(100);
        if (menu) expect(menu[language]?.length).toBeLessThanOrEqual(32);
        for (const option of options) {
          expect(option.name).toMatch(/^[a-z]{1,32}$/);
          expect(option.description[language]?.length).toBeLessThanOrEqual(100);
          expect(option.choices?.length ?? 0).toBeLessThanOrEqual(25);
          for (const { value, label } of option.choices ?? []) {
            expect(value.length).toBeLessThanOrEqual(100);
            expect((label[language] ?? label.en)?.length).toBeLessThanOrEqual(100);
          }
        }
      }
    }
  });

  it('says who may run each, where, and with which options', async () => {
    const { conversation } = await createBench();
    const byName = new Map(conversation.commands().map((command) => [command.name, command]));
    expect(
      [...byName.values()].filter(({ audience }) => audience === 'moderators').map(({ name }) => name),
    ).toEqual(['mode', 'reindex']);
    expect(byName.get('mode')?.where).toBe('communities');
    expect(byName.get('mode')?.options[0]?.choices?.map(({ value }) => value)).toEqual([
      'off',
      'ask',
      'auto',
    ]);
    const find = byName.get('find');
    expect(find?.menu?.ja).toBe('似た商品を探す');
    expect(find?.options.map(({ name, kind }) => [name, kind])).toEqual([
      ['photo', 'photo'],
      ['garment', 'garment'],
      ['type', 'filter'],
      ['colour', 'filter'],
      ['gender', 'filter'],
    ]);
    expect(find?.options[2]?.choices?.map(({ value }) => value)).toEqual(['Shirts', 'Dresses', 'Ties']);
  });

  it('follows the inventory when another index serves', async () => {
    const { index } = await createBench();
    const counts = new Map([
      [
        'type',
        new Map([
          ['Hats', 2],
          ['Gloves', 1],
        ]),
      ],
    ]);
    const next = { ...index, size: 3, labelCounts: () => counts as ReturnType<typeof index.labelCounts> };
    let serving: typeof index = index;
    const { conversation } = await createBench({ index: () => serving });
    const before = conversation.commands();
    expect(conversation.commands()).toBe(before);
    serving = next;
    const find = conversation.commands()[0];
    expect(find?.options.map(({ name }) => name)).toEqual(['photo', 'garment', 'type']);
    expect(find?.options[2]?.choices?.map(({ value }) => value)).toEqual(['Hats', 'Gloves']);
  });

  it('offers no filters before there is an inventory', async () => {
    const { conversation } = await createBench({ index: () => undefined });
    expect(conversation.commands()[0]?.options.map(({ name }) => name)).toEqual(['photo', 'garment']);
  });
});

describe('a command', () => {
  it('that does not exist gets a reply with those that the person can run here', async () => {
    const { conversation } = await createBench();
    const answer = async (from: ReturnType<typeof origin>) =>
      textOf(await conversation.command({ origin: from, name: 'reindexx' }));
    const exist = 'There is no such command. These exist:';
    expect(await answer(origin())).toBe(`${exist} /find, /help, /status, /privacy and /forget.`);
    expect(await answer(moderator())).toBe(
      `${exist} /find, /help, /status, /mode, /reindex, /privacy and /forget.`,
    );
    expect(await answer(moderator({ community: undefined }))).not.toContain('/mode');
  });

  it('that fails gives a code that is in the log', async () => {
    const { conversation, lines } = await createBench({
      status: () => {
        throw new Error('no status');
      },
    });
    const reply = await conversation.command({ origin: origin(), name: 'status' });
    const code = /[0-9a-f]{6}$/.exec(textOf(reply))?.[0];
    expect(lines.join('')).toContain(`"incident":"${code}"`);
    expect(lines.join('')).toContain('command status');
  });
});

describe('/find without a photo', () => {
  it('says how to ask, in words that fit the place', async () => {
    const { conversation } = await createBench();
    const inGroup = await conversation.command({ origin: origin(), name: 'find' });
    expect(textOf(inGroup)).toContain('attach one to /find');
    const direct = await conversation.command({ origin: origin({ community: undefined }), name: 'FIND' });
    expect(textOf(direct)).toContain('send a photo');
  });
});

describe('/help', () => {
  it('describes every command that the person can run here', async () => {
    const { conversation } = await createBench();
    const help = async (from: ReturnType<typeof origin>) =>
      textOf(await conversation.command({ origin: from, name: 'help' }));
    const member = await help(origin());
    expect(member).toContain('/find: Find the closest items to a photo');
    expect(member).toContain('Up to 4 photos at once: JPEG, PNG, WebP, GIF or AVIF, 12 MB each at most.');
    expect(member).toContain('mention me');
    expect(member).not.toContain('/mode');
    expect(member).not.toContain('/reindex');
    const mod = await help(moderator());
    expect(mod).toContain('/mode: ');
    expect(mod).toContain('/reindex: ');
    const direct = await help(moderator({ community: undefined }));
    expect(direct).not.toContain('/mode');
    expect(direct).toContain('/reindex: ');
    expect(direct).not.toContain('mention me');
    expect(await help(origin({ locale: 'fr' }))).toContain('/find: Trouver les articles');
  });
});

describe('/status', () => {
  it('shows everybody the model, the engine and the number of items', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.command({ origin: origin(), name: 'status' });
    expect(textOf(reply).split('\n')).toEqual([
      'Model: net 1, head pca',
      'Engine: onnx on cpu',
      'Inventory: 44,441 items, 80 types',
      `Indexed: ${en.moment(new Date(0))}`,
    ]);
    expect(reply.discreet).toBeUndefined();
  });

  it('shows moderators the sources, the engines that cannot be used, and the queue', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.command({ origin: moderator(), name: 'status' });
    expect(reply.discreet).toBe(true);
    expect(textOf(reply).split('\n')).toEqual([
      'Model: net 1, head pca',
      'Engine: onnx on cpu',
      'Inventory: 44,441 items, 80 types',
      `Indexed: ${en.moment(new Date(0))}`,
      'Not used: onnx on cuda: no library',
      `Sources: shop · 44,441 items · 12 hidden · ${en.moment(new Date(0))}`,
      'Most frequent: Shirts 40,000, Hats 4,441',
      'Recall: 100% of the 10 nearest items are found (measured with 50 items)',
      'Pictures waiting: from people: 1, from imports: 2',
      `Up for: ${en.duration(3725)}`,
    ]);
  });
});

describe('/mode', () => {
  const mode = { origin: moderator(), name: 'mode' };

  it('shows the mode of the place, and changes it for everybody to see', async () => {
    const { conversation } = await createBench();
    const before = await conversation.command(mode);
    expect(textOf(before)).toBe('Mode here is ask: I answer commands and when I am mentioned.');
    expect(before.discreet).toBe(true);
    const changed = await conversation.command({ ...mode, argument: ' Auto ' });
    expect(textOf(changed)).toContain('auto: I also answer every photo');
    expect(changed.discreet).toBeUndefined();
    expect(textOf(await conversation.command(mode))).toContain('auto');
  });

  it('survives a restart', async () => {
    const bench = await createBench();
    await bench.conversation.command({ ...mode, argument: 'off' });
    const { conversation } = await bench.restarted();
    expect(textOf(await conversation.command(mode))).toContain('off');
  });

  it('is for moderators', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.command({ origin: origin(), name: 'mode', argument: 'auto' });
    expect(textOf(reply)).toBe('Only moderators can do this.');
    expect(reply.discreet).toBe(true);
    expect(textOf(await conversation.command(mode))).toContain('ask');
  });

  it('lists the modes when it does not know one', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.command({ ...mode, argument: 'loud' });
    expect(textOf(reply).split('\n')).toHaveLength(4);
    expect(textOf(await conversation.command(mode))).toContain('ask');
  });

  it.each([
    ['message-content', 'Message Content Intent'],
    ['privacy-mode', '/setprivacy'],
  ] as const)('explains what to switch when auto cannot work for %s', async (autoUnavailable, advice) => {
    const { conversation } = await createBench();
    const reply = await conversation.command({ ...mode, argument: 'auto', autoUnavailable });
    expect(textOf(reply)).toContain(advice);
    expect(textOf(await conversation.command(mode))).toContain('ask');
    expect(textOf(await conversation.command({ ...mode, argument: 'off', autoUnavailable }))).toContain(
      'off',
    );
  });

  it('has nothing to set in a direct message', async () => {
    const { conversation } = await createBench();
    const direct = moderator({ community: undefined });
    expect(textOf(await conversation.command({ ...mode, origin: direct, argument: 'off' }))).toContain(
      'In a direct message I answer every photo',
    );
  });
});

describe('/privacy', () => {
  it('says what is kept, how long, and how to delete it', async () => {
    const { conversation } = await createBench();
    const text = textOf(await conversation.command({ origin: origin(), name: 'privacy' }));
    for (const part of ['gone after the answer', 'For an hour', 'For a day', '/forget']) {
      expect(text).toContain(part);
    }
  });
});

describe('/forget', () => {
  const forget = { origin: origin(), name: 'forget' };

  it('deletes all records of the person who asks, lists them, and keeps those of others', async () => {
    const { conversation, store, embedder } = await createBench();
    const mine = await post();
    const reply = await conversation.post(mine);
    const like = await conversation.click({ origin: origin(), handle: handleOf(reply, 'Like 1') });
    const bob = origin({ person: 'bob' });
    const other = await conversation.post(await post({ origin: bob, photos: [await photo('#18f018')] }));

    const forgotten = await conversation.command(forget);
    expect(textOf(forgotten).split('\n')).toEqual([
      'Deleted:',
      'the numbers of 2 searches',
      'the buttons of 2 answers, which no longer work',
      'the id of 1 answered message',
    ]);
    expect(forgotten.discreet).toBe(true);

    for (const handle of [
      handleOf(reply, 'More'),
      handleOf(like.kind === 'reply' ? like.reply : undefined, 'More'),
    ]) {
      expect((await conversation.click({ origin: origin(), handle })).kind).toBe('notice');
    }
    expect((await conversation.click({ origin: bob, handle: handleOf(other, 'More') })).kind).toBe('reply');
    expect(await conversation.admit(mine)).toBeDefined();
    const left = JSON.stringify([
      ...(store.namespace('chat-buttons').store as Map<string, string>),
      ...(store.namespace('chat-answered').store as Map<string, string>),
    ]);
    expect(left).not.toContain('ada');
    expect(left).toContain('bob');
    expect((store.namespace('galleries').store as Map<string, string>).size).toBe(1);
    // The cache has forgotten the picture, too.
    expect(embedder.embedded).toBe(2);
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    expect(embedder.embedded).toBe(3);
  });

  it('keeps the gallery of the person who sent the same picture first', async () => {
    const { conversation } = await createBench();
    const first = await conversation.post(await post({ origin: origin({ person: 'bob' }) }));
    await conversation.post(await post());
    const text = textOf(await conversation.command(forget));
    expect(text).not.toContain('search');
    expect(text).toContain('the buttons of 1 answer');
    const pressed = await conversation.click({ origin: origin(), handle: handleOf(first, 'More') });
    expect(pressed.kind).toBe('reply');
  });

  it('says so when nothing was stored', async () => {
    const { conversation } = await createBench();
    expect(textOf(await conversation.command(forget))).toBe('Nothing was stored about you.');
  });
});
