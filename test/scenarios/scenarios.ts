/** What every chat platform's door must do, written once. Names follow section C.5 of the research on chat platforms. */

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import type { Answer, DoorDriver, OpenDoor, Person, Photo, Where } from './door-driver.ts';
import { COLOURS, colourPhoto, createScenarioBot, type ScenarioBot } from './scenario-bot.ts';

/** Runs every scenario, each over a bot and a platform of its own. */
export function describeScenarios(door: string, openDoor: OpenDoor): void {
  describe(`the ${door} door`, () => {
    let bot: ScenarioBot;
    let driver: DoorDriver;
    let ada: Person;

    beforeEach(async () => {
      bot = await createScenarioBot();
      driver = await openDoor(bot);
      ada = driver.person('Ada');
    });
    afterEach(async () => {
      await driver.close();
      await bot.close();
    });

    /** Stops the door, so that nothing can come any more, and counts. */
    async function settledAnswers(where: Where, author: Person): Promise<readonly Answer[]> {
      await driver.stop();
      return driver.answers(where, author);
    }

    async function askedInGroup(photo?: Photo, author = ada): Promise<Answer> {
      const before = driver.answers('group', author).length;
      await driver.post(author, 'group', [photo ?? (await jpeg())], { mention: true });
      return driver.answer('group', author, before + 1);
    }

    describe('asked', () => {
      beforeEach(() => driver.start());

      it('answers a photo with five items, each with picture, rank, title and similarity', async () => {
        await driver.post(ada, 'direct', [await jpeg()]);
        const answer = await driver.answer('direct', ada, 1);
        expect(answer.pictures).toHaveLength(5);
        const shown = await Promise.all(answer.pictures.map(({ bytes }) => sharp(bytes).metadata()));
        expect(shown.map(({ format }) => format)).toEqual(Array(5).fill('jpeg'));
        answer.pictures.forEach(({ text }, place) => {
          expect(text).toContain(`${place + 1}`);
        });
        expect(answer.text).toContain('Item <red-1> & more');
        expect(answer.text).toMatch(/nearly identical \(0\.99\)|nearly identical \(1\.00\)/);
        expect(answer.buttons).toEqual(['More', 'Like 1', 'Like 2', 'Like 3', 'Like 4', 'Like 5', 'Delete']);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('says which items are not in stock, beside their similarity', async () => {
        await driver.post(ada, 'direct', [await jpeg()]);
        const { text } = await driver.answer('direct', ada, 1);
        const about = [1, 2, 3, 4].map((n) => lineAfter(text, `Item <red-${n}> & more`));
        expect(about.map((line) => /\d\)(.*)$/.exec(line)?.[1])).toEqual([
          '',
          ' · out of stock',
          ' · pre-order',
          '',
        ]);
      });

      it('shows at once that it is working', async () => {
        const release = bot.hold('interactive');
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.acknowledged('direct', ada);
        expect(driver.answers('direct', ada)).toEqual([]);
        release();
        await driver.answer('direct', ada, 1);
      });

      it('answers a post of three photos with one reply', async () => {
        const photos = [await jpeg(), await jpeg(COLOURS.alsoNear), await jpeg('#e01060')];
        await driver.post(ada, 'direct', photos);
        const answer = await driver.answer('direct', ada, 1);
        for (const photo of ['Photo 1', 'Photo 2', 'Photo 3']) expect(answer.text).toContain(photo);
        expect(answer.pictures.length).toBeGreaterThanOrEqual(6);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('answers four photos of a post and names the others as left out', async () => {
        await driver.post(
          ada,
          'direct',
          await Promise.all(['#f01818', '#e81820', '#e01828', '#d81830', '#d01838', '#c81840'].map(jpeg)),
        );
        const { text } = await driver.answer('direct', ada, 1);
        expect(text).toContain('Photo 4');
        expect(text).toContain('Photos 5 and 6 were left out');
      });

      it('answers a photo that was sent as a file', async () => {
        await driver.post(ada, 'direct', [await jpeg()], { asFiles: true });
        expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
      });

      it('answers a forwarded photo', async () => {
        await driver.post(ada, 'direct', [await jpeg()], { forwarded: true });
        expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
      });

      it('answers a spoilered photo with spoilered pictures, and another one openly', async () => {
        await driver.post(ada, 'direct', [await jpeg()], { spoiler: true });
        const hidden = await driver.answer('direct', ada, 1);
        expect(hidden.pictures.map(({ spoiler }) => spoiler)).toEqual(Array(5).fill(true));
        await driver.post(ada, 'direct', [await jpeg(COLOURS.alsoNear)]);
        const open = await driver.answer('direct', ada, 2);
        expect(open.pictures.map(({ spoiler }) => spoiler)).toEqual(Array(5).fill(false));
      });

      it('refuses HEIC, files that are too large, and text, each with the reason and what to do', async () => {
        await driver.post(ada, 'direct', [heic()], { asFiles: true });
        expect((await driver.answer('direct', ada, 1)).text).toMatch(/HEIC.*JPEG, PNG, WebP/);
        await driver.post(ada, 'direct', [{ ...heic(), bytes: Buffer.alloc(13_000_000, 7) }], {
          asFiles: true,
        });
        expect((await driver.answer('direct', ada, 2)).text).toMatch(/too large: 12 MB/);
        const text = { name: 'notes.txt', type: 'text/plain', bytes: Buffer.from('not a picture') };
        await driver.post(ada, 'direct', [text], { asFiles: true });
        expect((await driver.answer('direct', ada, 3)).text).toMatch(/not a picture I can read/);
        expect(await settledAnswers('direct', ada)).toHaveLength(3);
      });

      it('says how to ask to somebody who writes without a photo', async () => {
        await driver.say(ada, 'direct', 'hello there');
        expect((await driver.answer('direct', ada, 1)).text).toContain('send a photo of an outfit');
      });
    });

    describe('in a group', () => {
      let bob: Person;
      let mia: Person;
      beforeEach(async () => {
        bob = driver.person('Bob');
        mia = driver.person('Mia', { moderator: true });
        await driver.start();
      });

      it('answers about the photo that a command points at', async () => {
        const posted = await driver.post(bob, 'group', [await jpeg()]);
        await driver.find(ada, posted);
        expect((await driver.answer('group', ada, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('group', ada)).toHaveLength(1);
      });

      it('answers about the photo of the message that a mention replies to', async () => {
        const posted = await driver.post(bob, 'group', [await jpeg()]);
        await driver.mentionInReply(ada, posted);
        expect((await driver.answer('group', ada, 1)).pictures).toHaveLength(5);
      });

      it('does not answer posted photos until a moderator sets the mode to auto', async () => {
        await driver.post(ada, 'group', [await jpeg()]);
        await driver.command(mia, 'group', 'mode', 'auto');
        const told = await driver.answer('group', mia, 1);
        expect(told.text).toContain('auto: I also answer every photo that is posted');
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)]);
        expect((await driver.answer('group', ada, 2)).text).toContain('Item <green-1> & more');
        expect(await settledAnswers('group', ada)).toHaveLength(2);
      });

      it('reads the mode of the place and the record of the post once each for a posted photo', async () => {
        await driver.command(mia, 'group', 'mode', 'auto');
        await driver.answer('group', mia, 1);
        const reads = ['chat-modes', 'chat-answered'].map((name) =>
          vi.spyOn(bot.store.namespace(name), 'get'),
        );
        await driver.post(ada, 'group', [await jpeg()]);
        await driver.answer('group', ada, 2);
        expect(reads.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
      });

      it('does not answer its own pictures, even where it answers every photo', async () => {
        await driver.command(mia, 'group', 'mode', 'auto');
        await driver.answer('group', mia, 1);
        await driver.post(ada, 'group', [await jpeg()]);
        await driver.answer('group', ada, 2);
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)]);
        await driver.answer('group', ada, 3);
        expect(await settledAnswers('group', ada)).toHaveLength(3);
      });

      it('lets only moderators set the mode', async () => {
        await driver.command(bob, 'group', 'mode', 'auto');
        await driver.until(() => said(driver.answers('group', bob), 'Only moderators'), 'a refusal');
        await driver.post(ada, 'group', [await jpeg()]);
        await driver.command(ada, 'group', 'help');
        const answers = await settledAnswers('group', ada);
        expect(answers.flatMap(({ pictures }) => pictures)).toEqual([]);
      });

      it('deletes an answer for its owner or a moderator only', async () => {
        const first = await askedInGroup();
        expect((await driver.press(bob, first, 'Delete')).notice).toContain('Only the person who asked');
        expect(driver.answers('group', ada)).toHaveLength(1);
        await driver.press(ada, first, 'Delete');
        await driver.until(() => driver.answers('group', ada).length === 0, 'the deletion by its owner');
        const second = await askedInGroup();
        await driver.press(mia, second, 'Delete');
        await driver.until(() => driver.answers('group', ada).length === 0, 'the deletion by a moderator');
      });

      it('answers although the message it replies to is gone', async () => {
        const release = bot.hold('interactive');
        const asked = await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.until(() => bot.held === 1, 'the photo in the engine');
        await driver.remove(asked);
        release();
        expect((await driver.answer('group', ada, 1)).pictures).toHaveLength(5);
      });

      it('keeps answering elsewhere when a group does not let it send messages', async () => {
        driver.silenceBot();
        await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)], { mention: true });
        await driver.post(bob, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', bob, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('group', ada)).toEqual([]);
        const told = driver.logLines.filter((line) => line.includes('an answer could not be sent'));
        expect(told).toHaveLength(1);
      });
    });

    describe('clicked', () => {
      beforeEach(() => driver.start());

      async function asked(photo?: Photo): Promise<Answer> {
        await driver.post(ada, 'direct', [photo ?? (await jpeg())]);
        return driver.answer('direct', ada, 1);
      }

      it('hides a weak match behind a button', async () => {
        const answer = await asked(await jpeg(COLOURS.weak));
        expect(answer.text).toContain('Weak match');
        expect(answer.pictures).toEqual([]);
        await driver.press(ada, answer, 'Show the nearest anyway');
        await driver.until(() => shows(driver.answers('direct', ada), 5), 'the hidden pictures');
        const [shown] = driver.answers('direct', ada);
        expect(shown?.text).toContain('Weak match');
        expect(shown?.text).toContain('loosely similar');
      });

      it('shows the next five items, and then five like the second', async () => {
        const answer = await asked();
        await driver.press(ada, answer, 'More');
        const more = await driver.answer('direct', ada, 2);
        expect(more.text).toContain('Ranks 6 to 10');
        expect(more.pictures).toHaveLength(5);
        await driver.press(ada, more, 'Like 7');
        const alike = await driver.answer('direct', ada, 3);
        expect(alike.text).toContain('More like “Item <');
        expect(alike.pictures).toHaveLength(5);
        expect(await settledAnswers('direct', ada)).toHaveLength(3);
      });

      it('narrows an answer in place', async () => {
        const answer = await asked();
        await driver.choose(ada, answer, 'Type', 'Dresses');
        await driver.until(() => {
          const answers = driver.answers('direct', ada);
          return answers.length === 1 && answers[0]?.text.includes('Item <green-6> & more') === true;
        }, 'the dresses instead');
        expect(driver.answers('direct', ada)[0]?.text).not.toContain('<red-1>');
      });

      it('says politely that a button has expired', async () => {
        const answer = await asked();
        await bot.expireButtons();
        expect((await driver.press(ada, answer, 'More')).notice).toContain('has expired');
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('runs a button once that is clicked twice at once', async () => {
        const answer = await asked();
        const pressed = await driver.pressTwice(ada, answer, 'More');
        await driver.answer('direct', ada, 2);
        expect(pressed.map(({ notice }) => notice).filter((notice) => notice !== undefined)).toEqual([
          'Already on it.',
        ]);
        expect(await settledAnswers('direct', ada)).toHaveLength(2);
      });
    });

    describe('reindexing', () => {
      let mia: Person;
      beforeEach(async () => {
        mia = driver.person('Mia', { moderator: true });
        await driver.start();
      });

      it('refuses a member, and shows a moderator the result', async () => {
        await driver.command(ada, 'group', 'reindex');
        await driver.until(() => said(driver.answers('group', ada), 'Only moderators'), 'the refusal');
        await bot.addPicture('blue', COLOURS.weak);
        await driver.command(mia, 'group', 'reindex');
        await driver.until(
          () => said(driver.answers('group', mia), 'Reindex finished'),
          'the end of the reindex',
        );
        const done = driver.answers('group', mia).find(({ text }) => text.includes('Reindex finished'));
        expect(done?.text).toMatch(/Added: 1\b/);
        expect(done?.text).toMatch(/Searchable items: 19\b/);
        expect(done?.buttons).toEqual([]);
        expect(done?.edits).toBeGreaterThan(0);
      });

      /** The answer that says so, as soon as there is one. */
      async function saying(words: string, among = 1): Promise<Answer> {
        const those = () => driver.answers('group', mia).filter(({ text }) => text.includes(words));
        await driver.until(() => those().length >= among, `"${words}"`);
        const last = those().at(-1);
        if (!last) throw new Error(`Nothing says "${words}" any more.`);
        return last;
      }

      it('answers from the old inventory during a reindex', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');
        release();
        await saying('Reindex finished');
      });

      it('lets a second reindex join the first, and shows both how it ends', async () => {
        const max = driver.person('Max', { moderator: true });
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        await driver.command(max, 'group', 'reindex');
        expect((await saying('already running')).buttons).toEqual(['Pause', 'Cancel']);
        release();
        await saying('Reindex finished', 2);
        expect(bot.audit.entries.map(({ outcome }) => outcome)).toEqual([
          'started',
          'already-running',
          'finished',
        ]);
      });

      it('plans a reindex and changes nothing', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        await bot.removeItems(5);
        await driver.command(mia, 'group', 'reindex', 'plan');
        const plan = await saying('what a reindex would do');
        expect(plan.text).toMatch(/Added: 1\b/);
        expect(plan.text).toMatch(/Removed: 5\b/);
        expect(plan.text).toContain('would lose 5 of its 18 items');
        expect(plan.text).toMatch(/Searchable items afterwards: 14\b/);
        expect(plan.buttons).toEqual([]);
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');
      });

      it('asks a moderator to confirm a large loss before anything is removed', async () => {
        await bot.removeItems(5);
        await driver.command(mia, 'group', 'reindex');
        const asks = await saying('would lose 5 of its 18 items');
        expect(asks.buttons).toEqual(['Cancel', 'Confirm']);
        expect((await driver.press(ada, asks, 'Confirm')).notice).toContain('Only moderators');
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');

        await driver.press(mia, asks, 'Confirm');
        const done = await saying('Reindex finished');
        expect(done.text).toMatch(/Removed: 5\b/);
        expect(done.buttons).toEqual([]);
        await driver.post(ada, 'direct', [await jpeg('#f01820')]);
        expect((await driver.answer('direct', ada, 2)).text).not.toContain('Item <red-1> & more');
        expect(bot.audit.entries.map(({ argument, outcome }) => [argument, outcome])).toEqual([
          [undefined, 'started'],
          [undefined, 'needs-confirmation'],
          ['confirmed', 'refused'],
          ['confirmed', 'started'],
          ['confirmed', 'finished'],
        ]);
      });

      it('leaves everything as it was when a large loss is not confirmed', async () => {
        await bot.removeItems(5);
        await driver.command(mia, 'group', 'reindex');
        await driver.press(mia, await saying('would lose 5 of its 18 items'), 'Cancel');
        expect((await saying('Left as it was')).buttons).toEqual([]);
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');
      });

      it('is paused and resumed by buttons', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        const running = await driver.answer('group', mia, 1);
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        expect((await driver.press(ada, running, 'Pause')).notice).toContain('Only moderators');
        await driver.press(mia, running, 'Pause');
        const paused = await saying('is paused');
        expect(paused.buttons).toEqual(['Resume', 'Cancel']);
        release();
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.answer('direct', ada, 1);
        expect(said(driver.answers('group', mia), 'Reindex finished')).toBe(false);
        await driver.press(mia, paused, 'Resume');
        expect((await saying('Reindex finished')).text).toMatch(/Added: 1\b/);
      });

      it('shows members the short status and moderators the complete one', async () => {
        await driver.command(ada, 'group', 'status');
        const short = await driver.answer('group', ada, 1);
        expect(short.text).toContain('18 items');
        expect(short.text).not.toContain('Recall');
        await driver.command(mia, 'group', 'status');
        const long = await saying('Recall');
        expect(long.text).toMatch(/Sources: items · 18 items ·/);
        expect(long.text).toContain('Most frequent: Shirts 10, Dresses 6, Ties 2');
        expect(long.text).toMatch(/finished \(unknown\) · .*Added 18/);
      });

      it('is cancelled by a button', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        const running = await driver.answer('group', mia, 1);
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        await driver.press(mia, running, 'Cancel');
        await driver.until(() => said(driver.answers('group', mia), 'Reindex cancelled'), 'the cancellation');
        release();
      });
    });

    describe('in trouble', () => {
      it.each([
        ['waits out 429 and then sends once', { kind: 'flood', seconds: 1 }, 2],
        ['gets over a 500 and sends once', { kind: 'broken' }, 1],
        ['tries again when the connection was cut, and sends once', { kind: 'cut' }, 1],
        ['sends once although it never hears that what it sent has arrived', { kind: 'lost' }, 1],
      ] as const)('%s', async (_, trouble, times) => {
        await driver.start();
        driver.trouble(trouble, times);
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
        expect(driver.troubleLeft).toBe(0);
      });

      it('answers a post once that is delivered twice', async () => {
        await driver.start();
        const asked = await driver.post(ada, 'direct', [await jpeg()]);
        await driver.deliverAgain(asked);
        await driver.answer('direct', ada, 1);
        await driver.deliverAgain(asked);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('answers a post once that is delivered again after a restart', async () => {
        await driver.start();
        const asked = await driver.post(ada, 'direct', [await jpeg()]);
        await driver.answer('direct', ada, 1);
        await driver.crash();
        await driver.start();
        await driver.deliverAgain(asked);
        await driver.post(ada, 'direct', [await jpeg(COLOURS.alsoNear)]);
        await driver.answer('direct', ada, 2);
        expect(await settledAnswers('direct', ada)).toHaveLength(2);
      });

      it('keeps the answer to a command that is delivered again after a restart', async () => {
        await driver.start();
        const asked = await driver.find(ada, await driver.post(ada, 'group', [await jpeg()]));
        const { id } = await driver.answer('group', ada, 1);
        await driver.crash();
        await driver.start();
        await driver.deliverAgain(asked);
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)], { mention: true });
        await driver.answer('group', ada, 2);
        const answers = await settledAnswers('group', ada);
        expect(answers).toHaveLength(2);
        expect(answers[0]).toMatchObject({ id, edits: 0 });
        expect(answers[0]?.pictures).toHaveLength(5);
      });

      it('answers a photo once whose first answer was lost when the process died', async () => {
        await driver.start();
        const release = bot.hold('interactive');
        const asked = await driver.post(ada, 'direct', [await jpeg()]);
        await driver.until(() => bot.held === 1, 'the photo in the engine');
        await driver.crash();
        release();
        await driver.start();
        if (!driver.keepsRequests) await driver.deliverAgain(asked);
        expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('finishes what it accepted before it stops', async () => {
        await driver.start();
        const release = bot.hold('interactive');
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.until(() => bot.held === 1, 'the photo in the engine');
        const stopping = driver.stop();
        release();
        await stopping;
        expect(driver.answers('direct', ada)).toHaveLength(1);
        await driver.stop();
      });

      it('reports a token that the platform does not know, once, without showing it', async () => {
        const failure: unknown = await driver.start('bad-token').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(OperatorError);
        const { message } = failure as OperatorError;
        expect(message).toContain('TOKEN');
        expect(message).not.toContain('\n');
        for (const secret of driver.secrets()) expect(message).not.toContain(secret);
      });

      it('logs neither the token nor the URL of a photo, whatever happens', async () => {
        await driver.start('bad-token').catch(() => undefined);
        await driver.start();
        driver.trouble({ kind: 'flood', seconds: 1 }, 1);
        driver.trouble({ kind: 'broken' }, 1);
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.answer('direct', ada, 1);
        driver.silenceBot();
        await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.post(ada, 'direct', [heic()], { asFiles: true });
        await driver.answer('direct', ada, 2);
        await driver.command(ada, 'direct', 'help');
        await driver.press(ada, await driver.answer('direct', ada, 1), 'More');
        await driver.stop();
        expect(driver.troubleLeft).toBe(0);
        expect(driver.logLines.length).toBeGreaterThan(0);
        for (const secret of driver.secrets()) {
          expect(driver.logLines.filter((line) => line.includes(secret))).toEqual([]);
        }
      });
    });
  });
}

// --- Internal helpers ---

async function jpeg(colour: string = COLOURS.near): Promise<Photo> {
  return { name: 'coat.jpg', type: 'image/jpeg', bytes: await colourPhoto(colour) };
}

/** The first bytes of an iPhone's photo; nothing further is read of it. */
function heic(): Photo {
  const head = Buffer.from('0000001c667479706865696300000000686569636d69663168656963', 'hex');
  return { name: 'IMG_0001.HEIC', type: 'image/heic', bytes: Buffer.concat([head, Buffer.alloc(2000)]) };
}

function shows(answers: readonly Answer[], pictures: number): boolean {
  return answers.length === 1 && answers[0]?.pictures.length === pictures;
}

/** What stands below a title. */
function lineAfter(text: string, title: string): string {
  const lines = text.split('\n');
  return lines[lines.findIndex((line) => line.includes(title)) + 1] ?? '';
}

function said(answers: readonly Answer[], words: string): boolean {
  return answers.some(({ text }) => text.includes(words));
}
