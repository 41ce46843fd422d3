import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUTTONS_LIFETIME_MS } from '../../src/chat/buttons.ts';
import type { ClickOutcome } from '../../src/chat/conversation.ts';
import { limitSchema } from '../../src/config/rate-limits.ts';
import type { Reply } from '../../src/chat/reply.ts';
import {
  choiceOf,
  createBench,
  galleriesOf,
  handleOf,
  labelsOf,
  moderator,
  origin,
  photo,
  post,
  textOf,
} from './chat-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const bob = origin({ person: 'bob' });

function replyOf(outcome: ClickOutcome, kind: 'reply' | 'replace'): Reply {
  expect(outcome.kind).toBe(kind);
  if (outcome.kind !== 'reply' && outcome.kind !== 'replace') throw new Error(outcome.kind);
  return outcome.reply;
}

function noticeOf(outcome: ClickOutcome): string {
  if (outcome.kind !== 'notice') throw new Error(`Expected a notice, got ${outcome.kind}.`);
  expect(outcome.text.length).toBeLessThanOrEqual(200);
  return outcome.text;
}

describe('more', () => {
  it('shows the next page to anybody, until the last one', async () => {
    const { conversation } = await createBench();
    const first = await conversation.post(await post());
    const second = replyOf(
      await conversation.click({ origin: bob, handle: handleOf(first, 'More') }),
      'reply',
    );
    expect(textOf(second)).toMatch(/^Ranks 6 to 10\n/);
    expect(galleriesOf(second)[0]?.items.map(({ rank }) => rank)).toEqual([6, 7, 8, 9, 10]);
    expect(labelsOf(second)).toContain('Like 10');
    let last = second;
    for (let pages = 0; labelsOf(last).includes('More') && pages < 9; pages++) {
      last = replyOf(await conversation.click({ origin: bob, handle: handleOf(last, 'More') }), 'reply');
    }
    expect(galleriesOf(last)[0]?.more).toBe(false);
    expect(textOf(last)).toMatch(/^Ranks 16 to 18\n/);
  });

  it('of one photo among several sends the gallery of that photo alone, with all its buttons', async () => {
    const { conversation } = await createBench();
    const photos = [await photo('#f01818'), await photo('#18f018')];
    const reply = await conversation.post(await post({ photos }));
    const more = await conversation.click({ origin: bob, handle: handleOf(reply, 'Photo 2: more') });
    expect(galleriesOf(replyOf(more, 'reply'))[0]?.items[0]?.rank).toBe(6);
    const refine = await conversation.click({ origin: bob, handle: handleOf(reply, 'Photo 2: refine') });
    const alone = replyOf(refine, 'reply');
    expect(galleriesOf(alone)).toEqual([galleriesOf(reply)[1]]);
    expect(labelsOf(alone)).toContain('Like 1');
    expect(alone.choices).toHaveLength(3);
  });

  it('of a weak gallery among several is a new message', async () => {
    const { conversation } = await createBench();
    const photos = [await photo('#f01818'), await photo('#1818f0')];
    const reply = await conversation.post(await post({ photos }));
    const handle = handleOf(reply, 'Photo 2: show the nearest anyway');
    expect(galleriesOf(replyOf(await conversation.click({ origin: bob, handle }), 'reply'))).toHaveLength(1);
  });

  it('stays hidden behind a spoiler', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(
      await post({ photos: [await photo('#f01818', { spoiler: true })] }),
    );
    for (const label of ['More', 'Like 1']) {
      const outcome = await conversation.click({ origin: bob, handle: handleOf(reply, label) });
      expect(replyOf(outcome, 'reply').spoiler).toBe(true);
    }
  });
});

describe('like', () => {
  it('finds items like that one, without it, and names it', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const item = galleriesOf(reply)[0]?.items[2];
    const alike = replyOf(
      await conversation.click({ origin: bob, handle: handleOf(reply, 'Like 3') }),
      'reply',
    );
    expect(textOf(alike)).toContain(`More like “${item?.title ?? ''}”`);
    const ids = galleriesOf(alike)[0]?.items.map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(ids).not.toContain(item?.id);
    // Narrowed down, it still says so.
    const colour = choiceOf(alike, 'Colour');
    const narrowed = await conversation.click({
      origin: bob,
      handle: colour.handle,
      value: colour.valueOf('Maroon'),
    });
    expect(textOf(replyOf(narrowed, 'replace'))).toContain('More like “');
  });
});

describe('a choice', () => {
  it('narrows the gallery in place, shows what is chosen, and can be undone', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const colour = choiceOf(reply, 'Colour');
    const maroon = replyOf(
      await conversation.click({ origin: bob, handle: colour.handle, value: colour.valueOf('Maroon') }),
      'replace',
    );
    const colours = (of: Reply) => new Set(galleriesOf(of)[0]?.items.map(({ labels }) => labels.colour));
    expect(colours(maroon)).toEqual(new Set(['Maroon']));
    const selected = (of: Reply, label: string) =>
      choiceOf(of, label)
        .options.filter((option) => option.selected)
        .map((option) => option.label);
    expect(selected(maroon, 'Colour')).toEqual(['Maroon']);
    expect(selected(maroon, 'For')).toEqual(['For anybody']);

    const gender = choiceOf(maroon, 'For');
    const women = replyOf(
      await conversation.click({ origin: bob, handle: gender.handle, value: gender.valueOf('Women') }),
      'replace',
    );
    for (const { labels } of galleriesOf(women)[0]?.items ?? []) {
      expect(labels).toMatchObject({ colour: 'Maroon', gender: 'Women' });
    }
    // The next page keeps it.
    expect(galleriesOf(women)[0]?.filter).toMatchObject({ colour: ['Maroon'], gender: ['Women'] });

    const any = choiceOf(women, 'Colour');
    const back = replyOf(
      await conversation.click({ origin: bob, handle: any.handle, value: any.valueOf('Any colour') }),
      'replace',
    );
    expect(colours(back).size).toBe(2);
  });

  it('keeps the owner of the message and the language of that owner', async () => {
    const { conversation } = await createBench();
    const ada = origin({ locale: 'de' });
    const reply = await conversation.post(await post({ origin: ada }));
    const type = choiceOf(reply, 'Art');
    const narrowed = replyOf(
      await conversation.click({ origin: bob, handle: type.handle, value: type.valueOf('Ties') }),
      'replace',
    );
    const handle = handleOf(narrowed, 'Löschen');
    expect(noticeOf(await conversation.click({ origin: bob, handle }))).toContain(
      'Only the person who asked',
    );
    expect(await conversation.click({ origin: ada, handle })).toEqual({ kind: 'delete' });
  });

  it('that is clicked without a value offers its options', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const { handle, label, options } = choiceOf(reply, 'Type');
    const outcome = await conversation.click({ origin: bob, handle });
    expect(outcome).toEqual({ kind: 'choose', choice: { handle, label, options } });
  });

  it('refuses an option that was never offered', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const { handle } = choiceOf(reply, 'Type');
    for (const value of ['', '99', '-1', 'Shirts', '__proto__']) {
      expect(noticeOf(await conversation.click({ origin: bob, handle, value }))).toContain('expired');
    }
  });

  it('has at most 25 short options', async () => {
    const { index } = await createBench();
    const counts = new Map([
      ['type', new Map(Array.from({ length: 80 }, (_, n) => [`${'x'.repeat(120)}${n}`, 1]))],
    ]);
    const many = {
      ...index,
      size: index.size,
      labelCounts: () => counts as ReturnType<typeof index.labelCounts>,
    };
    const { conversation } = await createBench({ index: () => many });
    const { options } = choiceOf(await conversation.post(await post()), 'Type');
    expect(options).toHaveLength(25);
    for (const { label, value } of options) {
      expect(label.length).toBeLessThanOrEqual(100);
      expect(value).toMatch(/^[\w-]{1,4}$/);
    }
  });
});

describe('delete', () => {
  it('is for the owner and for moderators, checked at each click', async () => {
    const { conversation, audit } = await createBench();
    const reply = await conversation.post(await post());
    const handle = handleOf(reply, 'Delete');
    expect(reply?.buttons?.at(-1)?.danger).toBe(true);
    expect(noticeOf(await conversation.click({ origin: bob, handle }))).toBe(
      'Only the person who asked or a moderator can delete this.',
    );
    // The same name at another door is another person.
    const other = origin({ door: 'telegram' });
    expect((await conversation.click({ origin: other, handle })).kind).toBe('notice');
    expect(await conversation.click({ origin: moderator(), handle })).toEqual({ kind: 'delete' });
    const demoted = moderator({ isModerator: () => Promise.resolve(false) });
    expect((await conversation.click({ origin: demoted, handle })).kind).toBe('notice');
    expect(await conversation.click({ origin: origin(), handle })).toEqual({ kind: 'delete' });
    // What concerns an answer of one's own is nobody's business.
    expect(audit.entries.map(({ door, action, outcome }) => [door, action, outcome])).toEqual([
      ['discord', 'delete', 'refused'],
      ['telegram', 'delete', 'refused'],
      ['discord', 'delete', 'done'],
      ['discord', 'delete', 'refused'],
    ]);
  });
});

describe('a handle', () => {
  it('that is unknown or expired gets a polite notice in the language of the person who clicked', async () => {
    const { conversation, clock } = await createBench();
    const reply = await conversation.post(await post());
    const handle = handleOf(reply, 'More');
    for (const unknown of [
      '',
      'x',
      'A'.repeat(13),
      `${handle.slice(0, 12)}z`,
      `${handle}0`,
      'é'.repeat(13),
    ]) {
      expect(noticeOf(await conversation.click({ origin: bob, handle: unknown }))).toContain('expired');
    }
    await clock.advance(BUTTONS_LIFETIME_MS - 1000);
    expect((await conversation.click({ origin: bob, handle })).kind).toBe('reply');
    await clock.advance(2000);
    const spanish = origin({ locale: 'es-419' });
    expect(noticeOf(await conversation.click({ origin: spanish, handle }))).toContain('ha caducado');
  });

  it('that is clicked twice at once is run once', async () => {
    const { conversation } = await createBench();
    const handle = handleOf(await conversation.post(await post()), 'More');
    const outcomes = await Promise.all([
      conversation.click({ origin: bob, handle }),
      conversation.click({ origin: origin(), handle }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['reply', 'notice']);
    expect(noticeOf(outcomes[1])).toBe('Already on it.');
    expect((await conversation.click({ origin: bob, handle })).kind).toBe('reply');
  });

  it('whose gallery or item no longer exists says so', async () => {
    const { conversation, store } = await createBench();
    const reply = await conversation.post(await post());
    await store.namespace('galleries').clear();
    expect(noticeOf(await conversation.click({ origin: bob, handle: handleOf(reply, 'More') }))).toContain(
      'more than an hour old',
    );
  });

  it('that fails unexpectedly gives a code', async () => {
    const { conversation, lines } = await createBench();
    const reply = await conversation.post(await post());
    const broken = origin({ person: 'cyd', isModerator: () => Promise.reject(new Error('no such guild')) });
    const text = noticeOf(await conversation.click({ origin: broken, handle: handleOf(reply, 'Delete') }));
    const code = /[0-9a-f]{6}$/.exec(text)?.[0];
    expect(lines.join('')).toContain(`"incident":"${code}"`);
  });

  it('may be clicked up to the limit, and delete always', async () => {
    const limits = { person: undefined, community: undefined, presses: limitSchema.parse('2/60') };
    const { conversation, clock } = await createBench({ limits });
    const reply = await conversation.post(await post());
    const press = (label: string, from = origin()) =>
      conversation.click({ origin: from, handle: handleOf(reply, label) });
    expect((await press('More')).kind).toBe('reply');
    expect((await press('Like 1')).kind).toBe('reply');
    expect(noticeOf(await press('Like 2'))).toBe('That was a lot of clicks. Try again in 60 seconds.');
    expect((await press('Like 2', bob)).kind).toBe('reply');
    expect((await press('Delete')).kind).toBe('delete');
    await clock.advance(61_000);
    expect((await press('Like 2')).kind).toBe('reply');
  });
});
