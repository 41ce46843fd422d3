import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REMEMBERED_MS } from '../../src/chat/answered-posts.ts';
import { PHOTO_LIMIT_MS } from '../../src/chat/answer-photos.ts';
import { limitSchema } from '../../src/config/rate-limits.ts';
import { CACHED_MS, createPhotoCache } from '../../src/chat/photo-cache.ts';
import { BusyError, ClosedError, InputError, OperatorError } from '../../src/util/errors.ts';
import { createGallerySessions, SESSION_LIFETIME_MS } from '../../src/recommend/gallery-sessions.ts';
import { COLOUR_FINGERPRINT } from '../fakes/colour-embedder.ts';
import {
  createBench,
  choiceOf,
  galleriesOf,
  handleOf,
  labelsOf,
  moderator,
  origin,
  photo,
  photoOf,
  post,
  textOf,
} from './chat-fixture.ts';
import { settled } from '../test-clock.ts';
import { WHOLE_PHOTO } from '../whole-photo.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the reply to a photo', () => {
  it('is one gallery of five items with details, the agreed type, and all buttons', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const [gallery] = galleriesOf(reply);
    expect(gallery?.items.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect(textOf(reply)).toMatch(/^Looks like: Shirts\nnearly identical \(1\.00\)\n/);
    expect(textOf(reply)).toContain('nearly identical (0.99) · ₹1,299');
    expect(labelsOf(reply)).toEqual(['More', 'Like 1', 'Like 2', 'Like 3', 'Like 4', 'Like 5', 'Delete']);
    expect(reply?.choices?.map(({ label }) => label)).toEqual(['Type', 'Colour', 'For']);
    const type = choiceOf(reply, 'Type');
    expect(type.options.map(({ label }) => label)).toEqual(['Any type', 'Shirts', 'Dresses', 'Ties']);
    expect(type.options.map(({ selected }) => selected)).toEqual([true, false, false, false]);
    const handles = [...(reply?.buttons ?? []), ...(reply?.choices ?? [])].map(({ handle }) => handle);
    expect(new Set(handles).size).toBe(10);
    for (const handle of handles) expect(handle).toMatch(/^[\w-]{1,40}$/);
    expect(reply?.spoiler).toBeUndefined();
  });

  it('mentions the availability of an item only when it is not in stock', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post());
    const items = galleriesOf(reply)[0]?.items.map(({ id }) => id) ?? [];
    const lines = textOf(reply).split('\n').slice(1);
    const about = Object.fromEntries(
      items.map((id, place) => [id, lines[place]?.replace(/^[^(]*\([0-9.]+\)/, '')]),
    );
    expect(about).toEqual({
      'red-1': ' · ₹1,299 · out of stock',
      'red-2': '',
      'red-3': '',
      'red-4': ' · pre-order',
      'red-5': ' · back-order',
    });
    const german = await conversation.post(await post({ origin: origin({ locale: 'de' }) }));
    expect(textOf(german)).toContain(' · vorbestellbar\n');
  });

  it('is in the language of the person who asked', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post({ origin: origin({ locale: 'de-AT' }) }));
    expect(textOf(reply)).toMatch(/^Sieht aus wie: Shirts\nnahezu identisch \((1,00|0,99)\)/);
    expect(labelsOf(reply)).toContain('Löschen');
  });

  it('says when the match is weak, and shows the gallery only after a click', async () => {
    const { conversation } = await createBench();
    const reply = await conversation.post(await post({ photos: [await photo('#1010f0')] }));
    expect(galleriesOf(reply)).toEqual([]);
    expect(textOf(reply)).toBe('Weak match: nothing really close was found.');
    expect(labelsOf(reply)).toEqual(['Show the nearest anyway', 'Delete']);
    const pressed = await conversation.click({
      origin: origin({ person: 'bob' }),
      handle: handleOf(reply, 'Show the nearest anyway'),
    });
    if (pressed.kind !== 'replace') throw new Error(pressed.kind);
    expect(galleriesOf(pressed.reply)[0]?.items).toHaveLength(5);
    expect(textOf(pressed.reply)).toContain('Weak match');
    expect(labelsOf(pressed.reply)).toContain('Like 1');
  });

  it('is searched with the filter of the post, and says when nothing matches', async () => {
    const { conversation } = await createBench();
    const dresses = await conversation.post(await post({ filter: { type: ['Dresses'] } }));
    expect(labelsOf(dresses)).toContain('Show the nearest anyway');
    const none = await conversation.post(await post({ filter: { type: ['Kurtas'] } }));
    expect(textOf(none)).toBe('Nothing in the inventory matches this choice.');
    expect(choiceOf(none, 'Type').options.find(({ selected }) => selected)?.label).toBe('Kurtas');
  });

  it('hides its pictures when any photo was hidden', async () => {
    const { conversation } = await createBench();
    const photos = [await photo('#f01818'), await photo('#18f018', { spoiler: true })];
    expect((await conversation.post(await post({ photos })))?.spoiler).toBe(true);
  });

  it('covers four photos of a post and names the others as left out', async () => {
    const { conversation, embedder } = await createBench();
    const colours = ['#f01818', '#18f018', '#1818f0', '#e02828', '#d03838', '#c04848'];
    const photos = await Promise.all(colours.map((colour) => photo(colour)));
    const reply = await conversation.post(await post({ photos }));
    expect(embedder.embedded).toBe(4);
    expect(galleriesOf(reply)).toHaveLength(3);
    const text = textOf(reply);
    expect(text).toContain('Photo 2\nLooks like: Dresses');
    expect(text).toContain('Photo 3\nWeak match');
    expect(text).toContain('Photos 5 and 6 were left out: I answer up to 4 at once.');
    expect(labelsOf(reply)).toEqual([
      'Photo 1: more',
      'Photo 1: refine',
      'Photo 2: more',
      'Photo 2: refine',
      'Photo 3: show the nearest anyway',
      'Photo 4: more',
      'Photo 4: refine',
      'Delete',
    ]);
    expect(reply?.choices).toEqual([]);
  });

  it('names one photo as left out in the singular', async () => {
    const { conversation } = await createBench();
    const photos = await Promise.all(['#f00', '#e00', '#d00', '#c00', '#b00'].map((colour) => photo(colour)));
    expect(textOf(await conversation.post(await post({ photos })))).toContain('Photo 5 was left out');
  });

  it('gives a photo that fails among several a line of its own', async () => {
    const { conversation } = await createBench();
    const photos = [await photo('#f01818'), photoOf(() => Promise.resolve(Buffer.from('just text')))];
    const reply = await conversation.post(await post({ photos }));
    expect(galleriesOf(reply)).toHaveLength(1);
    expect(textOf(reply)).toMatch(/\nPhoto 2: This is not a picture I can read\./);
  });

  it('gives the reasons when every photo fails', async () => {
    const { conversation } = await createBench();
    const tooLarge = photoOf(() => Promise.reject(new InputError('photo-too-large', 'secret details')));
    const one = await conversation.post(await post({ photos: [tooLarge] }));
    expect(textOf(one)).toBe('This file is too large: 12 MB at most. Send a smaller version.');
    const two = await conversation.post(
      await post({ photos: [tooLarge, photoOf(() => Promise.resolve(new Uint8Array()))] }),
    );
    expect(textOf(two).split('\n')).toHaveLength(2);
    expect(labelsOf(two)).toEqual([]);
  });
});

describe('asking', () => {
  it('without a photo gets a reply that says how to ask, and a posted message gets none', async () => {
    const { conversation } = await createBench();
    expect(textOf(await conversation.post(await post({ photos: [] })))).toContain('mention me');
    const direct = origin({ community: undefined });
    expect(
      textOf(await conversation.post(await post({ photos: [], trigger: 'command', origin: direct }))),
    ).toContain('send a photo');
    await conversation.command({ origin: moderator(), name: 'mode', argument: 'auto' });
    expect(await conversation.post(await post({ photos: [], trigger: 'posted' }))).toBeUndefined();
  });

  it.each([
    ['off', { command: true, mention: false, posted: false }],
    ['ask', { command: true, mention: true, posted: false }],
    ['auto', { command: true, mention: true, posted: true }],
  ] as const)('in mode %s is heard by trigger', async (mode, heard) => {
    const { conversation } = await createBench();
    await conversation.command({ origin: moderator(), name: 'mode', argument: mode });
    for (const trigger of ['command', 'mention', 'posted'] as const) {
      const asked = await post({ trigger });
      expect((await conversation.admit(asked)) !== undefined).toBe(heard[trigger]);
      expect((await conversation.post(asked)) !== undefined).toBe(heard[trigger]);
    }
  });

  it('answers no posted photo by default, and a mode holds for one place alone', async () => {
    const { conversation } = await createBench();
    expect(await conversation.post(await post({ trigger: 'posted' }))).toBeUndefined();
    await conversation.command({ origin: moderator(), name: 'mode', argument: 'auto' });
    const elsewhere = await post({ trigger: 'posted', origin: origin({ place: 'general' }) });
    expect(await conversation.post(elsewhere)).toBeUndefined();
    expect(await conversation.post(await post({ trigger: 'posted' }))).toBeDefined();
  });

  it('keeps the mode of a place that got another id', async () => {
    const { conversation } = await createBench();
    await conversation.command({ origin: moderator(), name: 'mode', argument: 'auto' });
    await conversation.moved('discord', 'outfits', 'outfits-2');
    expect(await conversation.admit(await post({ trigger: 'posted' }))).toBeUndefined();
    const moved = origin({ place: 'outfits-2' });
    expect(await conversation.admit(await post({ trigger: 'posted', origin: moved }))).toBeDefined();
    await conversation.moved('discord', 'no-such-place', 'outfits-2');
    expect(await conversation.admit(await post({ trigger: 'posted', origin: moved }))).toBeDefined();
  });

  it('downloads no photo that is not answered', async () => {
    const { conversation } = await createBench();
    const read = vi.fn(() => Promise.reject(new Error('must not be read')));
    await conversation.post(await post({ trigger: 'posted', photos: [photoOf(read)] }));
    expect(read).not.toHaveBeenCalled();
  });
});

describe('a post that is delivered again', () => {
  it('is answered again when the adapter knows that no reply was sent', async () => {
    const before = await createBench();
    const asked = await post({ message: 'cut off' });
    expect(await before.conversation.post(asked)).toBeDefined();
    const { conversation } = await before.restarted();
    expect(await conversation.admit(asked)).toBeUndefined();
    expect(await conversation.post(asked)).toBeUndefined();
    expect(await conversation.admit({ ...asked, again: true })).toBeDefined();
    expect(galleriesOf(await conversation.post({ ...asked, again: true }))).toHaveLength(1);
    expect(await conversation.post({ ...asked, again: false })).toBeUndefined();
  });

  it('gets one reply when both deliveries arrive at the same moment', async () => {
    const { conversation } = await createBench();
    const twice = await post();
    const replies = await Promise.all([conversation.post(twice), conversation.post(twice)]);
    expect(replies.filter((reply) => reply !== undefined)).toHaveLength(1);
    expect(await conversation.admit(twice)).toBeUndefined();
    expect(await conversation.post(twice)).toBeUndefined();
  });

  it('gets no second reply after a restart, and its buttons still work', async () => {
    const bench = await createBench();
    const asked = await post();
    const reply = await bench.conversation.post(asked);
    const { conversation } = await bench.restarted();
    expect(await conversation.admit(asked)).toBeUndefined();
    expect(await conversation.post(asked)).toBeUndefined();
    const more = await conversation.click({ origin: origin(), handle: handleOf(reply, 'More') });
    expect(more.kind === 'reply' && galleriesOf(more.reply)[0]?.items[0]?.rank).toBe(6);
  });

  it('is answered after a restart when the first process died before it had a reply', async () => {
    const bench = await createBench();
    const asked = await post();
    const stuck = { ...asked, photos: [photoOf(() => new Promise<never>(() => undefined))] };
    void bench.conversation.post(stuck);
    await settled();
    expect(await bench.conversation.post(asked)).toBeUndefined();
    const { conversation } = await bench.restarted();
    expect(galleriesOf(await conversation.post(asked))).toHaveLength(1);
  });

  it('is identified by platform, place and message id', async () => {
    const { conversation } = await createBench();
    const origins = [origin(), origin({ place: 'general' }), origin({ door: 'telegram' })];
    for (const from of origins) {
      expect(await conversation.post(await post({ message: '7', origin: from }))).toBeDefined();
    }
  });

  it('is forgotten after a day', async () => {
    const { conversation, clock } = await createBench();
    const asked = await post();
    await conversation.post(asked);
    await clock.advance(REMEMBERED_MS - 1);
    expect(await conversation.admit(asked)).toBeUndefined();
    await clock.advance(2);
    expect(await conversation.admit(asked)).toBeDefined();
  });
});

describe('an admission', () => {
  it('spares the reply all further reads of the mode and of the record', async () => {
    const { conversation, store } = await createBench();
    await conversation.command({ origin: moderator(), name: 'mode', argument: 'auto' });
    const reads = ['chat-modes', 'chat-answered'].map((name) => vi.spyOn(store.namespace(name), 'get'));
    const counts = () => reads.map(({ mock }) => mock.calls.length);
    const posted = await post({ trigger: 'posted' });
    const admission = await conversation.admit(posted);
    expect(counts()).toEqual([1, 1]);
    expect(galleriesOf(await conversation.post(posted, admission))).toHaveLength(1);
    expect(counts()).toEqual([1, 1]);
  });

  it('is good for one reply, and another admission of the same post for none', async () => {
    const { conversation } = await createBench();
    const asked = await post();
    const admissions = [await conversation.admit(asked), await conversation.admit(asked)];
    expect(admissions).not.toContain(undefined);
    expect(await conversation.post(asked, admissions[0])).toBeDefined();
    expect(await conversation.post(asked, admissions[0])).toBeUndefined();
    expect(await conversation.post(asked, admissions[1])).toBeUndefined();
  });

  it('that is never used leaves the post to the next delivery', async () => {
    const { conversation } = await createBench();
    const asked = await post();
    expect(await conversation.admit(asked)).toBeDefined();
    const admission = await conversation.admit(asked);
    expect(await conversation.post(asked, admission)).toBeDefined();
  });

  it('is checked against the store again when a thousand others were answered since', async () => {
    const { conversation, store } = await createBench();
    const early = await post();
    const admission = await conversation.admit(early);
    expect(await conversation.post(early)).toBeDefined();
    for (let n = 0; n < 1000; n++) await conversation.post(await post({ photos: [] }));
    const reads = vi.spyOn(store.namespace('chat-answered'), 'get');
    expect(await conversation.post(early, admission)).toBeUndefined();
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('after the records were deleted on request holds, although the post was answered before', async () => {
    const { conversation } = await createBench();
    const asked = await post();
    await conversation.post(asked);
    await conversation.command({ origin: origin(), name: 'forget' });
    const admission = await conversation.admit(asked);
    expect(await conversation.post(asked, admission)).toBeDefined();
  });
});

describe('many posts at once', () => {
  it('each get a reply', async () => {
    const { conversation } = await createBench();
    const colours = Array.from({ length: 20 }, (_, n) => `rgb(${200 + n}, ${n}, 10)`);
    const posts = await Promise.all(
      colours.map(async (colour, n) =>
        post({ origin: origin({ person: `p${n}` }), photos: [await photo(colour)] }),
      ),
    );
    const replies = await Promise.all(posts.map((asked) => conversation.post(asked)));
    for (const reply of replies) expect(galleriesOf(reply)).toHaveLength(1);
    const handles = replies.flatMap((reply) => reply?.buttons?.map(({ handle }) => handle) ?? []);
    expect(new Set(handles).size).toBe(20 * 7);
  });

  it('are refused with a time to wait when too many photos are waiting', async () => {
    const { conversation, clock } = await createBench();
    const stuck = photoOf(() => new Promise<never>(() => undefined));
    const waiting = Array.from({ length: 36 }, async (_, n) =>
      conversation.post(await post({ message: `stuck-${n}`, photos: [stuck, stuck, stuck, stuck] })),
    );
    await settled();
    const reply = await conversation.post(await post());
    expect(textOf(reply)).toBe('Too many photos are waiting just now. Try again in 1 second.');
    await clock.advance(PHOTO_LIMIT_MS);
    const late = await Promise.all(waiting);
    expect(late).toHaveLength(36);
    for (const one of late) expect(textOf(one)).toContain('took too long');
    // Nothing is left behind: the next photo is answered.
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
  });
});

describe('an engine that hangs', () => {
  it('blocks neither people nor the slots for photos for ever', async () => {
    const recommend = vi.fn(() => new Promise<never>(() => undefined));
    const never = (): never => {
      throw new Error('nobody asks');
    };
    const recommender = { recommend, page: never, similar: never };
    const { conversation, clock } = await createBench({ recommender });
    const photos = (n: number) =>
      [0, 1, 2, 3].map((k) => photoOf(() => Promise.resolve(Uint8Array.of(n, k))));
    for (let turn = 0; turn < 2; turn++) {
      const posts = Array.from({ length: 4 }, async (_, n) =>
        conversation.post(await post({ message: `hangs-${turn}-${n}`, photos: photos(4 * turn + n) })),
      );
      await settled();
      await clock.advance(PHOTO_LIMIT_MS);
      for (const reply of await Promise.all(posts)) expect(textOf(reply)).toContain('took too long');
    }
    expect(recommend).toHaveBeenCalledTimes(32);
  });
});

describe('expired records', () => {
  it('are deleted within ten minutes, even when nobody posts a photo', async () => {
    const records = new Map<string, unknown>();
    const galleries = createGallerySessions(new Keyv({ store: records }), COLOUR_FINGERPRINT);
    const { clock, conversation } = await createBench({ galleries });
    await galleries.open({ embedding: Float32Array.of(1) });
    await clock.advance(SESSION_LIFETIME_MS - 1);
    expect(records.size).toBe(1);
    await clock.advance(10 * 60 * 1000);
    expect(records.size).toBe(0);
    await conversation.close();
  });
});

describe('an adapter whose download is aborted', () => {
  it('may throw an error of its own: the person reads that the photo took too long', async () => {
    const { conversation, clock } = await createBench();
    const download = photoOf(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('fetch failed'));
          });
        }),
    );
    const reply = conversation.post(await post({ photos: [download] }));
    await settled();
    await clock.advance(PHOTO_LIMIT_MS);
    expect(textOf(await reply)).toContain('took too long');
  });
});

describe('the same picture', () => {
  it('is embedded once in ten minutes, whoever sends it', async () => {
    const { conversation, clock, embedder } = await createBench();
    const first = await conversation.post(await post());
    const second = await conversation.post(await post({ origin: origin({ person: 'bob' }) }));
    expect(embedder.embedded).toBe(1);
    expect(galleriesOf(second)).toEqual(galleriesOf(first));
    const filtered = await conversation.post(await post({ filter: { type: ['Ties'] } }));
    expect(galleriesOf(filtered)[0]?.items.map(({ labels }) => labels.type)).toEqual(['Ties', 'Ties']);
    expect(embedder.embedded).toBe(1);
    await clock.advance(CACHED_MS + 1);
    await conversation.post(await post());
    expect(embedder.embedded).toBe(2);
  });

  it('is embedded once when it is sent several times at once', async () => {
    const { conversation, embedder } = await createBench();
    const same = await photo('#f01818');
    const reply = await conversation.post(await post({ photos: [same, same, same] }));
    expect(galleriesOf(reply)).toHaveLength(3);
    expect(embedder.embedded).toBe(1);
  });

  it('is embedded again when its gallery no longer exists or the first search failed', async () => {
    const { conversation, store, embedder } = await createBench();
    await conversation.post(await post());
    await store.namespace('galleries').clear();
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    expect(embedder.embedded).toBe(2);
    const broken = photoOf(() => Promise.resolve(Buffer.from('no picture')));
    for (let n = 0; n < 2; n++) {
      expect(textOf(await conversation.post(await post({ photos: [broken] })))).toContain('not a picture');
    }
  });
});

describe('the cache of pictures', () => {
  it('deletes the entries of one person', async () => {
    const galleries = ['one', 'two', 'three'];
    const gallery = (id: string) => ({ id, items: [], weak: false, more: false, filter: {}, ...WHOLE_PHOTO });
    const recommender = {
      recommend: () => Promise.resolve(gallery(galleries.shift() ?? '')),
      page: (id: string) => Promise.resolve(gallery(id)),
      similar: () => Promise.reject(new Error('not asked for')),
    };
    const cache = createPhotoCache(recommender, { now: () => 0 });
    const send = (person: string, byte: number) =>
      cache.galleryOf({
        photo: Uint8Array.of(byte),
        filter: undefined,
        person,
        signal: new AbortController().signal,
      });
    await send('ada', 1);
    await send('bob', 2);
    expect(await cache.forget('ada')).toEqual(['one']);
    expect(await cache.forget('ada')).toEqual([]);
    expect(await send('cyd', 1)).toMatchObject({ opened: ['three'], gallery: { id: 'three' } });
    expect(await send('ada', 2)).toMatchObject({ opened: [], gallery: { id: 'two' } });
  });
});

describe('fair use', () => {
  const limit = (text: string) => limitSchema.parse(text);

  it('answers a person again after the time it names, and names it once', async () => {
    const limits = { person: limit('2/300'), community: undefined, presses: undefined };
    const { conversation, clock } = await createBench({ limits });
    await conversation.post(await post());
    await clock.advance(60_000);
    await conversation.post(await post());
    const asked = await post();
    expect(await conversation.admit(asked)).toBeDefined();
    const refused = await conversation.post(asked);
    expect(textOf(refused)).toMatch(/^You have sent many photos\. I answer your next one in 4 minutes/);
    expect(refused?.discreet).toBe(true);
    const again = await post();
    expect(await conversation.admit(again)).toBeUndefined();
    expect(await conversation.post(again)).toBeUndefined();
    // A platform that waits for an answer to a command gets one each time.
    for (let n = 0; n < 2; n++) {
      const command = await post({ trigger: 'command' });
      expect(await conversation.admit(command)).toBeDefined();
      expect(textOf(await conversation.post(command))).toContain('many photos');
    }
    expect(await conversation.admit(await post({ origin: origin({ person: 'bob' }) }))).toBeDefined();
    await clock.advance(241_000);
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
  });

  it('notifies each person once when the limit of a community is reached', async () => {
    const limits = { person: undefined, community: limit('1/600'), presses: undefined };
    const { conversation } = await createBench({ limits });
    await conversation.post(await post());
    for (const person of ['bob', 'cyd']) {
      const from = origin({ person });
      expect(textOf(await conversation.post(await post({ origin: from })))).toContain(
        'Many photos were sent here. I answer the next one in 10 minutes',
      );
      expect(await conversation.post(await post({ origin: from }))).toBeUndefined();
    }
    expect(
      galleriesOf(await conversation.post(await post({ origin: origin({ community: 'other' }) }))),
    ).toHaveLength(1);
    expect(
      galleriesOf(await conversation.post(await post({ origin: origin({ community: undefined }) }))),
    ).toHaveLength(1);
  });

  it('reads limits in the form of the settings', () => {
    expect(limit('6/300')).toEqual({ count: 6, seconds: 300 });
    expect(limit('0')).toBeUndefined();
    for (const bad of ['', '6', '0/300', '6/0', '-1/5', '6/300 ', '1e3/5', '6/9999999']) {
      expect(limitSchema.safeParse(bad).success, bad).toBe(false);
    }
  });
});

describe('when something goes wrong', () => {
  it('apologises with a code that the log has beside the error, without URLs', async () => {
    const { conversation, lines } = await createBench();
    const failing = photoOf(() =>
      Promise.reject(
        new Error('GET https://cdn.example/a.jpg?hm=secret failed', { cause: new Error('ECONNRESET') }),
      ),
    );
    const reply = await conversation.post(await post({ photos: [failing] }));
    const code = /: ([0-9a-f]{6})$/.exec(textOf(reply))?.[1];
    expect(code).toBeDefined();
    const log = lines.join('');
    expect(log).toContain(`"incident":"${code}"`);
    expect(log).toContain('ECONNRESET');
    expect(log).not.toContain('secret');
    expect(log).not.toContain('cdn.example');
  });

  it('says when to try again', async () => {
    const { conversation } = await createBench();
    const busy = photoOf(() => Promise.reject(new BusyError('full', 7)));
    expect(textOf(await conversation.post(await post({ photos: [busy] })))).toContain(
      'Try again in 7 seconds.',
    );
  });

  it('says that there is nothing to search, before any photo is read', async () => {
    const { conversation } = await createBench({ index: () => undefined });
    const read = vi.fn(() => Promise.reject(new Error('must not be read')));
    expect(textOf(await conversation.post(await post({ photos: [photoOf(read)] })))).toContain(
      'nothing to search yet',
    );
    expect(read).not.toHaveBeenCalled();
  });

  it('still replies when the store fails', async () => {
    const { conversation, store, lines } = await createBench();
    const full = () => Promise.reject(new OperatorError('the disk is full'));
    store.namespace('chat-answered').set = full;
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    expect(lines.join('')).toContain('the disk is full');
    store.namespace('chat-answered').get = full;
    store.namespace('chat-modes').get = full;
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    expect(await conversation.admit(await post())).toBeDefined();
    expect(await conversation.post(await post({ trigger: 'posted' }))).toBeUndefined();
    store.namespace('chat-buttons').set = full;
    expect(textOf(await conversation.post(await post()))).toContain('something went wrong');
  });

  it('refuses new work after close, and finishes what was accepted', async () => {
    const { conversation } = await createBench();
    let arrive: (bytes: Uint8Array) => void = () => undefined;
    const slow = photoOf(() => new Promise((resolve) => (arrive = resolve)));
    const accepted = conversation.post(await post({ photos: [slow] }));
    await settled();
    let closed = false;
    const closing = conversation.close().then(() => (closed = true));
    await settled();
    expect(closed).toBe(false);
    await expect(conversation.post(await post())).rejects.toThrow(ClosedError);
    await expect(conversation.click({ origin: origin(), handle: 'x' })).rejects.toThrow(ClosedError);
    await expect(conversation.command({ origin: origin(), name: 'help' })).rejects.toThrow(ClosedError);
    arrive(await (await photo('#f01818')).read(new AbortController().signal));
    expect(galleriesOf(await accepted)).toHaveLength(1);
    await closing;
    await conversation.close();
  });

  it('accepts work until the adapters have stopped', async () => {
    const { conversation } = await createBench();
    let stopped: () => void = () => undefined;
    const closing = conversation.close(new Promise<void>((resolve) => (stopped = resolve)));
    await settled();
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    stopped();
    await closing;
    await expect(conversation.post(await post())).rejects.toThrow(ClosedError);
  });

  it('leaves a post unanswered for its next delivery when the bot closes during the work', async () => {
    const bench = await createBench();
    const asked = await post();
    const closed = photoOf(() => Promise.reject(new ClosedError('closed')));
    await expect(bench.conversation.post({ ...asked, photos: [closed] })).rejects.toThrow(ClosedError);
    expect(await bench.conversation.post(asked)).toBeDefined();
  });
});

describe('expired records', () => {
  it('are deleted from the store while new posts arrive', async () => {
    const { conversation, store, clock } = await createBench();
    await conversation.post(await post());
    const keyv = store.namespace('chat-answered');
    const records = keyv.store as Map<string, unknown>;
    expect(records.size).toBe(1);
    await clock.advance(REMEMBERED_MS + 1);
    await conversation.post(await post());
    await settled();
    expect(records.size).toBe(1);
  });
});
