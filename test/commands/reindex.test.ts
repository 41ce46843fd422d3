import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UPDATE_INTERVAL_MS } from '../../src/chat/follow-reindex.ts';
import { BUTTONS_LIFETIME_MS } from '../../src/chat/buttons.ts';
import type { Reply } from '../../src/chat/reply.ts';
import { ClosedError, OperatorError } from '../../src/util/errors.ts';
import type { RunOptions } from '../../src/reindex/inventory.ts';
import { ShrinkGuardError } from '../../src/reindex/shrink-guard.ts';
import type { ReindexPlan } from '../../src/reindex/reindex-plan.ts';
import type { ReindexSummary } from '../../src/reindex/reindex-summary.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { createServingIndex } from '../../src/search/serving-index.ts';
import { openDataFolder } from '../../src/store/data-folder.ts';
import { createLogger } from '../../src/util/logger.ts';
import { COLOUR_FINGERPRINT, createColourEmbedder } from '../fakes/colour-embedder.ts';
import {
  createBench,
  galleriesOf,
  handleOf,
  labelsOf,
  moderator,
  origin,
  post,
  textOf,
  translations,
} from '../chat/chat-fixture.ts';
import { settled } from '../test-clock.ts';
import { openInventory } from '../../src/reindex/open-inventory.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const en = translations.for('en');

const SUMMARY: ReindexSummary = {
  added: 1200,
  changed: 2,
  removed: 3,
  unchanged: 4,
  embedded: 5,
  rejected: [],
  total: 1209,
  hidden: 0,
  hiddenBySource: {},
  seconds: 75,
};

const PLAN: ReindexPlan = {
  added: 1000,
  changed: 2,
  removed: 90,
  unchanged: 10,
  rejected: [{ where: 'coats.csv line 7', reason: 'no picture' }],
  toEmbed: 1001,
  total: 1012,
  hidden: 0,
  seconds: 3,
  losses: [{ source: 'boots', before: 100, removed: 90 }],
  sources: [
    {
      name: 'boots',
      before: 100,
      added: 0,
      changed: 2,
      removed: 90,
      unchanged: 10,
      rejected: [],
      toEmbed: 1,
    },
    {
      name: 'coats',
      before: 0,
      added: 1000,
      changed: 0,
      removed: 0,
      unchanged: 0,
      rejected: [{ where: 'coats.csv line 7', reason: 'no picture' }],
      toEmbed: 1000,
    },
  ],
};

interface ScriptedRun {
  readonly options: RunOptions & { readonly full?: boolean | undefined };
  readonly kind: 'reindex' | 'plan';
  readonly finish: (result: ReindexSummary | ReindexPlan) => void;
  readonly fail: (error: Error) => void;
}

/** An inventory whose reindex goes as the test says. */
function createScript() {
  const runs: ScriptedRun[] = [];
  const begun =
    <Result extends ReindexSummary | ReindexPlan>(kind: ScriptedRun['kind']) =>
    (options: ScriptedRun['options'] = {}) =>
      new Promise<Result>((finish, fail) => {
        runs.push({ kind, options, finish: finish as ScriptedRun['finish'], fail });
        options.signal?.addEventListener('abort', () => {
          fail(options.signal?.reason as Error);
        });
      });
  return {
    runs,
    get last() {
      const run = runs.at(-1);
      if (!run) throw new Error('No reindex was started.');
      return run;
    },
    inventory: { reindex: begun<ReindexSummary>('reindex'), plan: begun<ReindexPlan>('plan') },
  };
}

/** Reads a message's updates as a door does; what came so far is at hand. */
function follow(reply: Reply) {
  const seen: Reply[] = [];
  const done = (async () => {
    for await (const update of reply.updates ?? []) seen.push(update);
  })();
  return { seen, done };
}

const call = { origin: moderator(), name: 'reindex' };

describe('/reindex', () => {
  it('is for moderators only, checked when it runs, and refused discreetly', async () => {
    const { inventory, runs } = createScript();
    const { conversation } = await createBench({ inventory });
    const reply = await conversation.command({ ...call, origin: origin() });
    expect(reply).toEqual({
      blocks: [{ kind: 'text', text: 'Only moderators can do this.' }],
      discreet: true,
    });
    expect(runs).toEqual([]);
  });

  it('shows its progress every 5 s while it changes, and last the result', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command(call);
    expect(textOf(reply)).toContain('The old one keeps answering');
    expect(labelsOf(reply)).toEqual(['Pause', 'Cancel']);
    const { seen, done } = follow(reply);

    script.last.options.onProgress?.({ phase: 'embed', done: 10, total: 1210 });
    script.last.options.onProgress?.({ phase: 'embed', done: 605, total: 1210 });
    await clock.advance(UPDATE_INTERVAL_MS - 1);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen.map(textOf)).toEqual([expect.stringContaining('Items: 605 of 1,210 (50%)')]);
    expect(labelsOf(seen[0])).toEqual(['Pause', 'Cancel']);
    expect(seen[0]?.buttons).toEqual(reply.buttons);
    await clock.advance(UPDATE_INTERVAL_MS);
    expect(seen).toHaveLength(1); // nothing new

    script.last.options.onProgress?.({ phase: 'index', done: 1209, total: 1210 });
    await clock.advance(UPDATE_INTERVAL_MS);
    expect(textOf(seen[1])).toContain('Building the index: 1,209 of 1,210 (99%)');
    script.last.finish(SUMMARY);
    await settled();
    expect(seen).toHaveLength(2);
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(textOf(seen[2]).split('\n')).toEqual([
      `Reindex finished in ${en.duration(75)}.`,
      'Added: 1,200',
      'Changed: 2',
      'Removed: 3',
      'Unchanged: 4',
      'Not usable: 0',
      'Searchable items: 1,209',
    ]);
    expect(labelsOf(seen[2])).toEqual([]);
  });

  it('names up to five of the records that could not be used', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const { seen, done } = follow(await conversation.command(call));
    const rejected = Array.from({ length: 7 }, (_, n) => ({ where: `row ${n}`, reason: 'x'.repeat(500) }));
    script.last.finish({ ...SUMMARY, rejected });
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    const list = seen[0]?.blocks.find((block) => block.kind === 'list');
    expect(list?.items).toHaveLength(6);
    expect(list?.items[0]).toMatch(/^row 0: x{100,192}…$/);
    expect(list?.items[5]).toBe('and 2 more');
    expect(textOf(seen[0])).toContain('Not usable: 7');
  });

  it('runs once at a time: a second one follows the first', async () => {
    const script = createScript();
    const { conversation, clock, audit } = await createBench({ inventory: script.inventory });
    const { done } = follow(await conversation.command(call));
    script.last.options.onProgress?.({ phase: 'embed', done: 1, total: 4 });
    const second = await conversation.command({ ...call, origin: moderator({ locale: 'de' }) });
    expect(textOf(second)).toMatch(
      /^Es läuft bereits eine Neuindizierung\.\n.*\nArtikel: 1 von 4 \(25\s%\)$/,
    );
    expect(labelsOf(second)).toEqual(['Anhalten', 'Abbrechen']);
    expect(second.discreet).toBeUndefined();
    const joined = follow(second);
    expect(script.runs).toHaveLength(1);
    expect(audit.entries.map(({ outcome }) => outcome)).toEqual(['started', 'already-running']);
    script.last.finish(SUMMARY);
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await joined.done;
    expect(textOf(joined.seen.at(-1))).toMatch(/^Neuindizierung nach .* fertig/);
    expect(labelsOf(joined.seen.at(-1))).toEqual([]);
    expect(labelsOf(await conversation.command(call))).toEqual(['Pause', 'Cancel']);
    expect(script.runs).toHaveLength(2);
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
  });

  it('is cancelled by a click of a moderator, and says so', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command(call);
    const handle = handleOf(reply, 'Cancel');
    const { seen, done } = follow(reply);
    const member = await conversation.click({ origin: origin(), handle });
    expect(member).toEqual({ kind: 'notice', text: 'Only moderators can do this.' });
    const demoted = moderator({ isModerator: () => Promise.resolve(false) });
    expect((await conversation.click({ origin: demoted, handle })).kind).toBe('notice');
    expect(script.last.options.signal?.aborted).toBe(false);

    await clock.advance(UPDATE_INTERVAL_MS);
    // Another moderator may cancel it, too.
    const other = moderator({ person: 'mod-2' });
    expect(await conversation.click({ origin: other, handle })).toEqual({
      kind: 'notice',
      text: 'The reindex is being cancelled.',
    });
    expect(script.last.options.signal?.aborted).toBe(true);
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(textOf(seen.at(-1))).toContain(
      `Reindex cancelled after ${en.duration(5)}. The old inventory keeps answering`,
    );
    expect(await conversation.click({ origin: other, handle })).toEqual({
      kind: 'notice',
      text: 'This reindex is over.',
    });
  });

  it('is paused and resumed as often as a moderator wants', async () => {
    const script = createScript();
    const { conversation, clock, audit } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command(call);
    const { seen, done } = follow(reply);
    const { pause, onProgress } = script.last.options;
    onProgress?.({ phase: 'embed', done: 1, total: 4 });
    await clock.advance(UPDATE_INTERVAL_MS);
    const press = (label: string, by = moderator()) =>
      conversation.click({ origin: by, handle: handleOf(seen.at(-1), label) });

    expect(await press('Pause', origin())).toEqual({ kind: 'notice', text: 'Only moderators can do this.' });
    await expect(pause?.wait()).resolves.toBeUndefined();
    expect(await press('Pause')).toEqual({ kind: 'notice', text: 'The reindex is paused.' });
    let went = false;
    void pause?.wait().then(() => (went = true));
    await clock.advance(UPDATE_INTERVAL_MS);
    expect(went).toBe(false);
    expect(textOf(seen.at(-1))).toMatch(/^The reindex is paused.*\nItems: 1 of 4/);
    expect(labelsOf(seen.at(-1))).toEqual(['Resume', 'Cancel']);
    const before = seen.length;
    await clock.advance(10 * UPDATE_INTERVAL_MS);
    expect(seen).toHaveLength(before); // nothing to tell, so nothing is edited

    expect(await press('Resume')).toEqual({ kind: 'notice', text: 'The reindex goes on.' });
    await settled();
    expect(went).toBe(true);
    onProgress?.({ phase: 'index', done: 1, total: 4 });
    await clock.advance(UPDATE_INTERVAL_MS);
    expect(labelsOf(seen.at(-1))).toEqual(['Cancel']);
    const late = await conversation.click({ origin: moderator(), handle: handleOf(reply, 'Pause') });
    expect(late).toEqual({
      kind: 'notice',
      text: 'It is nearly finished and can no longer be paused or cancelled.',
    });
    script.last.finish(SUMMARY);
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(audit.entries.map(({ person, argument, outcome }) => [person, argument, outcome])).toEqual([
      ['mod', undefined, 'started'],
      ['ada', 'pause', 'refused'],
      ['mod', 'pause', 'done'],
      ['mod', 'resume', 'done'],
      ['mod', 'pause', 'too-late'],
      ['mod', undefined, 'finished'],
    ]);
  });

  it('can be cancelled while it is paused', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command(call);
    const { seen, done } = follow(reply);
    await conversation.click({ origin: moderator(), handle: handleOf(reply, 'Pause') });
    const waiting = script.last.options.pause?.wait(script.last.options.signal);
    await conversation.click({ origin: moderator(), handle: handleOf(reply, 'Cancel') });
    await expect(waiting).rejects.toThrow('cancelled');
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(textOf(seen.at(-1))).toContain('Reindex cancelled');
  });

  it('says with "plan" what would change, source by source, and changes nothing', async () => {
    const script = createScript();
    const { conversation, clock, audit } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command({ ...call, argument: ' Plan ' });
    expect(script.last.kind).toBe('plan');
    expect(textOf(reply)).toBe('Checking what a reindex would change. Nothing is changed.');
    const { seen, done } = follow(reply);
    script.last.options.onProgress?.({ phase: 'plan', done: 2, total: 8 });
    await clock.advance(UPDATE_INTERVAL_MS);
    expect(textOf(seen[0])).toContain('Items: 2 of 8 (25%)');
    script.last.finish(PLAN);
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(textOf(seen.at(-1)).split('\n')).toEqual([
      `This is what a reindex would do (checked in ${en.duration(3)}). Nothing was changed.`,
      '1,001 pictures would be read for the first time.',
      'boots would lose 90 of its 100 items.',
      'A reindex will ask you to confirm that.',
      'Added: 1,000',
      'Changed: 2',
      'Removed: 90',
      'Unchanged: 10',
      'Not usable: 1',
      'Searchable items afterwards: 1,012',
      'By source:',
      'boots: 0 added, 2 changed, 90 removed, 10 unchanged, 0 not usable',
      'coats: 1,000 added, 0 changed, 0 removed, 0 unchanged, 1 not usable',
      'Not usable, with the reasons:',
      'coats.csv line 7: no picture',
    ]);
    expect(labelsOf(seen.at(-1))).toEqual([]);
    expect(audit.entries).toMatchObject([
      {
        door: 'discord',
        person: 'mod',
        place: 'outfits',
        action: 'reindex',
        argument: 'plan',
        outcome: 'started',
      },
      { argument: 'plan', outcome: 'planned' },
    ]);
  });

  it('reads every picture again with "full"', async () => {
    const script = createScript();
    const { conversation } = await createBench({ inventory: script.inventory });
    await conversation.command({ ...call, argument: 'full' });
    expect(script.last.options).toMatchObject({ full: true, confirmed: [], who: 'discord' });
  });

  it('starts nothing for an unknown word, and keeps that word out of the audit log', async () => {
    const script = createScript();
    const { conversation, audit } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command({ ...call, argument: 'my secret' });
    expect(textOf(reply).split('\n')).toHaveLength(4);
    expect(reply.discreet).toBe(true);
    await conversation.command({ ...call, origin: origin(), argument: 'my secret' });
    await conversation.command({ ...call, origin: origin(), argument: 'full' });
    expect(script.runs).toEqual([]);
    expect(audit.entries.map(({ person, argument, outcome }) => [person, argument, outcome])).toEqual([
      ['ada', undefined, 'refused'],
      ['ada', 'full', 'refused'],
    ]);
  });

  it('asks a moderator before a large loss, and only a moderator can confirm it, once', async () => {
    const script = createScript();
    const { conversation, clock, audit } = await createBench({ inventory: script.inventory });
    const { seen, done } = follow(await conversation.command({ ...call, argument: 'full' }));
    script.last.fail(new ShrinkGuardError(PLAN));
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    const asked = seen.at(-1);
    expect(textOf(asked)).toContain('boots would lose 90 of its 100 items.');
    expect(textOf(asked)).toContain('Removed: 90');
    expect(labelsOf(asked)).toEqual(['Cancel', 'Confirm']);
    const handle = handleOf(asked, 'Confirm');

    const member = await conversation.click({ origin: origin(), handle });
    expect(member).toEqual({ kind: 'notice', text: 'Only moderators can do this.' });
    const demoted = moderator({ isModerator: () => Promise.resolve(false) });
    expect((await conversation.click({ origin: demoted, handle })).kind).toBe('notice');
    expect(script.runs).toHaveLength(1);

    const confirmed = await conversation.click({ origin: moderator({ person: 'mod-2' }), handle });
    if (confirmed.kind !== 'replace') throw new Error(`Got ${confirmed.kind}.`);
    expect(labelsOf(confirmed.reply)).toEqual(['Pause', 'Cancel']);
    expect(script.last.options).toMatchObject({ full: true, confirmed: PLAN.losses });
    const second = follow(confirmed.reply);
    script.last.finish(SUMMARY);
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await second.done;
    expect(textOf(second.seen.at(-1))).toContain('Reindex finished');

    expect(await conversation.click({ origin: moderator(), handle })).toMatchObject({
      text: 'This button has expired. Send the photo again.',
    });
    expect(script.runs).toHaveLength(2);
    expect(audit.entries.map(({ person, argument, outcome }) => [person, argument, outcome])).toEqual([
      ['mod', 'full', 'started'],
      ['mod', 'full', 'needs-confirmation'],
      ['ada', 'confirmed', 'refused'],
      ['mod', 'confirmed', 'refused'],
      ['mod-2', 'full confirmed', 'started'],
      ['mod-2', 'full confirmed', 'finished'],
    ]);
  });

  it('asks again when the confirmed run finds a larger loss, and the new button confirms that one', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const asked = async (reply: Reply, losses: ReindexPlan['losses']) => {
      const { seen, done } = follow(reply);
      script.last.fail(new ShrinkGuardError({ ...PLAN, losses }));
      await settled();
      await clock.advance(UPDATE_INTERVAL_MS);
      await done;
      return seen.at(-1);
    };
    const confirm = async (reply: Reply | undefined) => {
      const outcome = await conversation.click({ origin: moderator(), handle: handleOf(reply, 'Confirm') });
      if (outcome.kind !== 'replace') throw new Error(`Got ${outcome.kind}.`);
      return outcome.reply;
    };
    const first = await asked(await conversation.command(call), PLAN.losses);
    const larger = [{ source: 'boots', before: 100, removed: 95 }];
    const second = await asked(await confirm(first), larger);
    expect(script.last.options).toMatchObject({ confirmed: PLAN.losses });
    expect(textOf(second)).toContain('boots would lose 95 of its 100 items.');
    await confirm(second);
    expect(script.last.options).toMatchObject({ confirmed: larger });
  });

  it('leaves everything as it was when the loss is not confirmed, or not within the hour', async () => {
    const script = createScript();
    const { conversation, clock, audit } = await createBench({ inventory: script.inventory });
    const ask = async () => {
      const { seen, done } = follow(await conversation.command(call));
      script.last.fail(new ShrinkGuardError(PLAN));
      await settled();
      await clock.advance(UPDATE_INTERVAL_MS);
      await done;
      return seen.at(-1);
    };
    const declined = await ask();
    const outcome = await conversation.click({ origin: moderator(), handle: handleOf(declined, 'Cancel') });
    expect(outcome).toEqual({
      kind: 'replace',
      reply: { blocks: [{ kind: 'text', text: 'Left as it was. The old inventory keeps answering.' }] },
    });
    expect(
      (await conversation.click({ origin: moderator(), handle: handleOf(declined, 'Confirm') })).kind,
    ).toBe('notice');
    expect(audit.entries.at(-1)).toMatchObject({ argument: 'declined', outcome: 'done' });

    const late = await ask();
    await clock.advance(BUTTONS_LIFETIME_MS + 1);
    const pressed = await conversation.click({ origin: moderator(), handle: handleOf(late, 'Confirm') });
    expect(pressed).toMatchObject({ kind: 'notice', text: expect.stringContaining('expired') as string });
    expect(script.runs).toHaveLength(2);
  });

  it('does not confirm a loss while something else is running', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const { seen, done } = follow(await conversation.command(call));
    script.last.fail(new ShrinkGuardError(PLAN));
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    await conversation.command({ ...call, argument: 'plan' });
    const handle = handleOf(seen.at(-1), 'Confirm');
    expect(await conversation.click({ origin: moderator(), handle })).toEqual({
      kind: 'notice',
      text: 'A reindex is already running.',
    });
    script.last.finish(PLAN);
    await settled();
    expect((await conversation.click({ origin: moderator(), handle })).kind).toBe('replace');
  });

  it('cannot be cancelled by the button of an earlier run', async () => {
    const script = createScript();
    const { conversation } = await createBench({ inventory: script.inventory });
    const first = await conversation.command(call);
    script.last.finish(SUMMARY);
    await settled();
    await conversation.command(call);
    const pressed = await conversation.click({ origin: moderator(), handle: handleOf(first, 'Cancel') });
    expect(pressed).toEqual({ kind: 'notice', text: 'This reindex is over.' });
    expect(script.last.options.signal?.aborted).toBe(false);
  });

  it('can be cancelled after more than the hour that other buttons live', async () => {
    const script = createScript();
    const { conversation, clock } = await createBench({ inventory: script.inventory });
    const reply = await conversation.command(call);
    await clock.advance(5 * 60 * 60 * 1000);
    const pressed = await conversation.click({ origin: moderator(), handle: handleOf(reply, 'Cancel') });
    expect(pressed).toMatchObject({ text: 'The reindex is being cancelled.' });
  });

  it('says why it failed', async () => {
    const script = createScript();
    const { conversation, clock, lines } = await createBench({ inventory: script.inventory });
    const { seen, done } = follow(await conversation.command(call));
    script.last.fail(new OperatorError('There is no source to read again.'));
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await done;
    expect(textOf(seen[0])).toMatch(/^Reindex failed after .*\nThere is no source to read again\.$/);
    expect(lines).toEqual([]);

    const again = follow(await conversation.command(call));
    script.last.fail(new TypeError('x is not a function'));
    await settled();
    await clock.advance(UPDATE_INTERVAL_MS);
    await again.done;
    expect(textOf(again.seen[0])).not.toContain('not a function');
    expect(lines.join('')).toContain('not a function');
  });

  it('names the shutdown as the reason as soon as it has stopped', async () => {
    let unwind: () => void = () => undefined;
    const reindex = () =>
      new Promise<never>((_, fail) => {
        unwind = () => {
          fail(new Error('aborted'));
        };
      });
    const inventory = { reindex, plan: reindex };
    const { conversation } = await createBench({ inventory });
    const { seen, done } = follow(await conversation.command(call));
    const closing = conversation.close();
    await settled();
    expect(seen).toEqual([]);
    unwind();
    await closing;
    await done;
    expect(seen).toHaveLength(1);
    expect(textOf(seen.at(-1))).toMatch(/^Reindex stopped after .* because the bot is shutting down/);
  });

  it('is stopped before it begins when it is started during the shutdown', async () => {
    const script = createScript();
    const { conversation } = await createBench({ inventory: script.inventory });
    let stopped: () => void = () => undefined;
    const closing = conversation.close(new Promise<void>((resolve) => (stopped = resolve)));
    const reply = await conversation.command(call);
    const { seen, done } = follow(reply);
    await done;
    expect(textOf([reply, ...seen].at(-1))).toContain('shutting down');
    stopped();
    await closing;
    await expect(conversation.command(call)).rejects.toThrow(ClosedError);
  });

  it('goes on when nobody follows it', async () => {
    const script = createScript();
    const { conversation } = await createBench({ inventory: script.inventory });
    await conversation.command(call);
    script.last.finish(SUMMARY);
    await settled();
    await conversation.command(call);
    expect(script.runs).toHaveLength(2);
    await conversation.close();
  });

  it('lets photos be answered meanwhile', async () => {
    const script = createScript();
    const { conversation } = await createBench({ inventory: script.inventory });
    await conversation.command(call);
    expect(galleriesOf(await conversation.post(await post()))).toHaveLength(1);
    await conversation.close();
  });

  it('reads a real folder again and counts what changed', async () => {
    const path = await mkdtemp(join(tmpdir(), 'reindex-command-'));
    const folder = await openDataFolder(join(path, 'data'), 'a test');
    const shop = join(path, 'shop');
    await mkdir(shop);
    const put = async (name: string, background: string) => {
      const image = sharp({ create: { width: 60, height: 80, channels: 3, background } });
      await writeFile(join(shop, name), await image.jpeg().toBuffer());
    };
    await put('red.jpg', '#f00');
    await put('green.jpg', '#0f0');
    const serving = createServingIndex();
    const logger = createLogger('silent');
    const { inventory } = await openInventory({
      folder,
      embedder: createColourEmbedder(),
      decoder: createPhotoDecoder(),
      serving,
      duplicateFrom: 0.9999,
      openIndex: () => openHnswIndex({ folder: folder.indexFolder, fingerprint: COLOUR_FINGERPRINT, logger }),
      logger,
    });
    await inventory.import(shop);
    await put('red.jpg', '#e00');
    await put('blue.jpg', '#00f');
    await writeFile(join(shop, 'broken.jpg'), 'this is no picture');

    const { conversation, clock } = await createBench({ inventory });
    const { seen, done } = follow(await conversation.command(call));
    await vi.waitFor(async () => {
      await clock.advance(UPDATE_INTERVAL_MS);
      expect(textOf(seen.at(-1))).toContain('finished');
    }, 20_000);
    await done;
    const text = textOf(seen.at(-1));
    for (const fact of ['Added: 1', 'Changed: 1', 'Unchanged: 1', 'Not usable: 1', 'Searchable items: 3']) {
      expect(text).toContain(fact);
    }
    expect(text).toContain('broken.jpg: ');
    await serving.close();
    await folder.close();
  });
});
