/** What the door of every chat platform must do. Names follow section C.5 of the research on chat platforms. */

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import type { Answer, DoorDriver, OpenDoor, Person, Photo, Where } from './door-driver.ts';
import { colourPhoto, outfitPhoto, COLOURS } from './colour-photo.ts';
import { createScenarioBot, type ScenarioBot } from './scenario-bot.ts';

/** Defines every scenario. Each one gets its own bot and platform. */
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

    /** Stops the door, so that no further answer can arrive, and returns the answers. */
    async function settledAnswers(where: Where, author: Person): Promise<readonly Answer[]> {
      await driver.stop();
      return driver.answers(where, author);
    }

    async function askInGroup(photo?: Photo, author = ada): Promise<Answer> {
      const before = driver.answers('group', author).length;
      await driver.post(author, 'group', [photo ?? (await jpeg())], { mention: true });
      return driver.answer('group', author, before + 1);
    }

    describe('when a photo is sent', () => {
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

      it('shows immediately that it is working', async () => {
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

      it('answers the first four photos of a post and says which were left out', async () => {
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

      it('answers a photo behind a spoiler with pictures behind spoilers, and other photos without them', async () => {
        await driver.post(ada, 'direct', [await jpeg()], { spoiler: true });
        const hidden = await driver.answer('direct', ada, 1);
        expect(hidden.pictures.map(({ spoiler }) => spoiler)).toEqual(Array(5).fill(true));
        await driver.post(ada, 'direct', [await jpeg(COLOURS.alsoNear)]);
        const open = await driver.answer('direct', ada, 2);
        expect(open.pictures.map(({ spoiler }) => spoiler)).toEqual(Array(5).fill(false));
      });

      it('refuses HEIC, files that are too large, and text files, and says why and what to do instead', async () => {
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

      it('explains how to ask when a message has no photo', async () => {
        await driver.say(ada, 'direct', 'hello there');
        expect((await driver.answer('direct', ada, 1)).text).toContain('send a photo of an outfit');
      });
    });

    describe('when a photo of an outfit is sent', () => {
      beforeEach(() => driver.start());

      const outfit = async (): Promise<Photo> => ({
        name: 'outfit.jpg',
        type: 'image/jpeg',
        bytes: await outfitPhoto(),
      });

      it('answers with the closest item of each garment, and shows those of one garment at the click of its button', async () => {
        await driver.post(ada, 'direct', [await outfit()]);
        const answer = await driver.answer('direct', ada, 1);
        expect(answer.text).toContain('In this photo: Dress · Shoes');
        expect(answer.text).toMatch(/Dress · [a-z ]+\(/);
        expect(answer.text).toMatch(/Shoes · [a-z ]+\(/);
        expect(answer.pictures).toHaveLength(5);
        expect(answer.buttons.slice(0, 3)).toEqual(['Dress', 'Shoes', 'More']);
        await driver.click(ada, answer, 'Shoes');
        const shoes = await driver.answer('direct', ada, 2);
        expect(shoes.text).toMatch(/^Shoes/);
        expect(shoes.text).not.toContain('Dress ·');
        expect(shoes.pictures).toHaveLength(5);
        await driver.click(ada, shoes, 'More');
        expect((await driver.answer('direct', ada, 3)).text).toContain('Ranks 6 to 10');
        expect(await settledAnswers('direct', ada)).toHaveLength(3);
      });

      it('names the garments in the language of the person', async () => {
        const mai = driver.person('Mai', { language: 'de' });
        // Discord tells a bot the language of a person with a command only.
        await driver.command(mai, 'direct', 'help');
        await driver.answer('direct', mai, 1);
        await driver.post(mai, 'direct', [await outfit()]);
        const answer = await driver.answer('direct', mai, 2);
        expect(answer.text).toContain('Auf diesem Foto: Kleid · Schuhe');
        expect(answer.buttons.slice(0, 2)).toEqual(['Kleid', 'Schuhe']);
      });

      it('answers several photos with one reply, whose garments can be refined one photo at a time', async () => {
        await driver.post(ada, 'direct', [await outfit(), await jpeg()]);
        const answer = await driver.answer('direct', ada, 1);
        expect(answer.text).toContain('In this photo: Dress · Shoes');
        await driver.click(ada, answer, 'Photo 1: refine');
        const refined = await driver.answer('direct', ada, 2);
        expect(refined.buttons.slice(0, 2)).toEqual(['Dress', 'Shoes']);
        expect(await settledAnswers('direct', ada)).toHaveLength(2);
      });

      it('says that a photo shows no garment, and shows the nearest items only to who asks for them', async () => {
        await driver.post(ada, 'direct', [await jpeg('#202020')]);
        const answer = await driver.answer('direct', ada, 1);
        expect(answer.text).toContain('I see no garment in this photo');
        expect(answer.text).not.toContain('Weak match');
        expect(answer.pictures).toEqual([]);
        // The same photo again gets the same answer.
        await driver.post(ada, 'direct', [await jpeg('#202020')]);
        const again = await driver.answer('direct', ada, 2);
        expect(again.pictures).toEqual([]);
        await driver.click(ada, again, 'Show the nearest anyway');
        const nearest = (): readonly Answer[] =>
          driver.answers('direct', ada).filter(({ pictures }) => pictures.length === 5);
        await driver.until(() => nearest().length === 1, 'the nearest items');
        expect(nearest()[0]!.text).toContain('I see no garment in this photo');
      });

      it('deletes all that it kept of the garments when the person asks to be forgotten', async () => {
        await driver.post(ada, 'direct', [await outfit()]);
        await driver.answer('direct', ada, 1);
        await driver.command(ada, 'direct', 'forget');
        expect((await driver.answer('direct', ada, 2)).text).toContain('the numbers of 3 searches');
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

      it('answers about the one garment of a photo that a command names', async () => {
        const photo = { name: 'outfit.jpg', type: 'image/jpeg', bytes: await outfitPhoto() };
        await driver.findGarment(ada, photo, 'dress');
        const answer = await driver.answer('group', ada, 1);
        expect(answer.text).toMatch(/^Dress/);
        expect(answer.pictures).toHaveLength(5);
        await driver.findGarment(ada, { ...photo, name: 'again.jpg' }, 'hat');
        expect((await driver.answer('group', ada, 2)).text).toContain('Not found in this photo: Hat');
      });

      it('answers about the photo that a command refers to', async () => {
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
        const confirmation = await driver.answer('group', mia, 1);
        expect(confirmation.text).toContain('auto: I also answer every photo that is posted');
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)]);
        expect((await driver.answer('group', ada, 2)).text).toContain('Item <green-1> & more');
        expect(await settledAnswers('group', ada)).toHaveLength(2);
      });

      it('reads the mode of the chat and the record of the post once each for a posted photo', async () => {
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

      it('shows members the short status and moderators the complete one', async () => {
        await driver.command(ada, 'group', 'status');
        const short = await driver.answer('group', ada, 1);
        expect(short.text).toContain('18 items');
        expect(short.text).not.toContain('Recall');
        await driver.command(mia, 'group', 'status');
        await driver.until(() => said(driver.answers('group', mia), 'Recall'), 'the complete status');
        const long = driver.answers('group', mia).find(({ text }) => text.includes('Recall'));
        expect(long?.text).toMatch(/Sources: items · 18 items ·/);
        expect(long?.text).toContain('Most frequent: Shirts 10, Dresses 6, Ties 2');
        expect(long?.text).toMatch(/finished \(unknown\) · .*Added 18/);
      });

      it('deletes an answer only for its owner or a moderator', async () => {
        const first = await askInGroup();
        expect((await driver.click(bob, first, 'Delete')).notice).toContain('Only the person who asked');
        expect(driver.answers('group', ada)).toHaveLength(1);
        await driver.click(ada, first, 'Delete');
        await driver.until(() => driver.answers('group', ada).length === 0, 'the deletion by its owner');
        const second = await askInGroup();
        await driver.click(mia, second, 'Delete');
        await driver.until(() => driver.answers('group', ada).length === 0, 'the deletion by a moderator');
      });

      it('answers even when the message that it replies to was deleted', async () => {
        const release = bot.hold('interactive');
        const asked = await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.until(() => bot.held === 1, 'the photo in the engine');
        await driver.remove(asked);
        release();
        expect((await driver.answer('group', ada, 1)).pictures).toHaveLength(5);
      });

      it('keeps answering in other chats when a group does not let it send messages', async () => {
        driver.silenceBot();
        await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.post(ada, 'group', [await jpeg(COLOURS.alsoNear)], { mention: true });
        await driver.post(bob, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', bob, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('group', ada)).toEqual([]);
        const warnings = driver.logLines.filter((line) => line.includes('an answer could not be sent'));
        expect(warnings).toHaveLength(1);
      });
    });

    describe('when a button is clicked', () => {
      beforeEach(() => driver.start());

      async function askDirectly(photo?: Photo): Promise<Answer> {
        await driver.post(ada, 'direct', [photo ?? (await jpeg())]);
        return driver.answer('direct', ada, 1);
      }

      it('hides a weak match behind a button', async () => {
        const answer = await askDirectly(await jpeg(COLOURS.weak));
        expect(answer.text).toContain('Weak match');
        expect(answer.pictures).toEqual([]);
        await driver.click(ada, answer, 'Show the nearest anyway');
        await driver.until(() => shows(driver.answers('direct', ada), 5), 'the hidden pictures');
        const [shown] = driver.answers('direct', ada);
        expect(shown?.text).toContain('Weak match');
        expect(shown?.text).toContain('loosely similar');
      });

      it('shows the next five items, and then five that are similar to one of them', async () => {
        const answer = await askDirectly();
        await driver.click(ada, answer, 'More');
        const more = await driver.answer('direct', ada, 2);
        expect(more.text).toContain('Ranks 6 to 10');
        expect(more.pictures).toHaveLength(5);
        await driver.click(ada, more, 'Like 7');
        const similar = await driver.answer('direct', ada, 3);
        expect(similar.text).toContain('More like “Item <');
        expect(similar.pictures).toHaveLength(5);
        expect(await settledAnswers('direct', ada)).toHaveLength(3);
      });

      it('replaces an answer when a filter is chosen', async () => {
        const answer = await askDirectly();
        await driver.choose(ada, answer, 'Type', 'Dresses');
        await driver.until(() => {
          const answers = driver.answers('direct', ada);
          return answers.length === 1 && answers[0]?.text.includes('Item <green-6> & more') === true;
        }, 'the dresses instead');
        expect(driver.answers('direct', ada)[0]?.text).not.toContain('<red-1>');
      });

      it('says that a button has expired', async () => {
        const answer = await askDirectly();
        await bot.expireButtons();
        expect((await driver.click(ada, answer, 'More')).notice).toContain('has expired');
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('acts once when a button is clicked twice at the same time', async () => {
        const answer = await askDirectly();
        const click = await driver.clickTwice(ada, answer, 'More');
        await driver.answer('direct', ada, 2);
        expect(click.map(({ notice }) => notice).filter((notice) => notice !== undefined)).toEqual([
          'Already on it.',
        ]);
        expect(await settledAnswers('direct', ada)).toHaveLength(2);
      });
    });

    describe('a reindex', () => {
      let mia: Person;
      beforeEach(async () => {
        mia = driver.person('Mia', { moderator: true });
        await driver.start();
      });

      it('is refused to members, and shows its result to a moderator', async () => {
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

      /** The latest answer with these words, as soon as there are `among` of them. */
      async function saying(words: string, among = 1): Promise<Answer> {
        const those = () => driver.answers('group', mia).filter(({ text }) => text.includes(words));
        await driver.until(() => those().length >= among, `"${words}"`);
        const last = those().at(-1);
        if (!last) throw new Error(`Nothing says "${words}" any more.`);
        return last;
      }

      it('leaves the old inventory searchable while it runs', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');
        release();
        await saying('Reindex finished');
      });

      it('is joined by a second request, and both requests show how it ends', async () => {
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

      it('can be planned without changing anything', async () => {
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
        expect((await driver.click(ada, asks, 'Confirm')).notice).toContain('Only moderators');
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).text).toContain('Item <red-1> & more');

        await driver.click(mia, asks, 'Confirm');
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

      it('changes nothing when a large loss is not confirmed', async () => {
        await bot.removeItems(5);
        await driver.command(mia, 'group', 'reindex');
        await driver.click(mia, await saying('would lose 5 of its 18 items'), 'Cancel');
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
        expect((await driver.click(ada, running, 'Pause')).notice).toContain('Only moderators');
        await driver.click(mia, running, 'Pause');
        const paused = await saying('is paused');
        expect(paused.buttons).toEqual(['Resume', 'Cancel']);
        release();
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.answer('direct', ada, 1);
        expect(said(driver.answers('group', mia), 'Reindex finished')).toBe(false);
        await driver.click(mia, paused, 'Resume');
        expect((await saying('Reindex finished')).text).toMatch(/Added: 1\b/);
      });

      it('is cancelled by a button', async () => {
        await bot.addPicture('blue', COLOURS.weak);
        const release = bot.hold('bulk');
        await driver.command(mia, 'group', 'reindex');
        const running = await driver.answer('group', mia, 1);
        await driver.until(() => bot.held === 1, 'the new picture in the engine');
        await driver.click(mia, running, 'Cancel');
        await driver.until(() => said(driver.answers('group', mia), 'Reindex cancelled'), 'the cancellation');
        release();
      });
    });

    describe('when something fails', () => {
      it.each([
        ['waits as long as a 429 says and then sends one answer', { kind: 'rate-limit', seconds: 1 }, 2],
        ['tries again after a 500 and sends one answer', { kind: 'server-error' }, 1],
        ['tries again when the connection was cut, and sends one answer', { kind: 'connection-cut' }, 1],
        ['sends one answer although the response to its call is lost', { kind: 'response-lost' }, 1],
      ] as const)('%s', async (_, fault, times) => {
        await driver.start();
        driver.failNext(fault, times);
        await driver.post(ada, 'direct', [await jpeg()]);
        expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
        expect(driver.faultsLeft).toBe(0);
      });

      it('sends one answer to a post that is delivered twice', async () => {
        await driver.start();
        const asked = await driver.post(ada, 'direct', [await jpeg()]);
        await driver.deliverAgain(asked);
        await driver.answer('direct', ada, 1);
        await driver.deliverAgain(asked);
        expect(await settledAnswers('direct', ada)).toHaveLength(1);
      });

      it('sends one answer to a post that is delivered again after a restart', async () => {
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

      it('sends one answer to a photo when the process dies before the first attempt is done', async () => {
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

      it('reports a token that the platform does not know, in one line and without showing it', async () => {
        const failure: unknown = await driver.start('bad-token').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(OperatorError);
        const { message } = failure as OperatorError;
        expect(message).toContain('TOKEN');
        expect(message).not.toContain('\n');
        for (const secret of driver.secrets()) expect(message).not.toContain(secret);
      });

      it('logs neither the token nor the URL of a photo, whatever fails', async () => {
        await driver.start('bad-token').catch(() => undefined);
        await driver.start();
        driver.failNext({ kind: 'rate-limit', seconds: 1 }, 1);
        driver.failNext({ kind: 'server-error' }, 1);
        await driver.post(ada, 'direct', [await jpeg()]);
        await driver.answer('direct', ada, 1);
        driver.silenceBot();
        await driver.post(ada, 'group', [await jpeg()], { mention: true });
        await driver.post(ada, 'direct', [heic()], { asFiles: true });
        await driver.answer('direct', ada, 2);
        await driver.command(ada, 'direct', 'help');
        await driver.click(ada, await driver.answer('direct', ada, 1), 'More');
        await driver.stop();
        expect(driver.faultsLeft).toBe(0);
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

/** Begins like a photo of an iPhone. Nothing after its first bytes is read. */
function heic(): Photo {
  const head = Buffer.from('0000001c667479706865696300000000686569636d69663168656963', 'hex');
  return { name: 'IMG_0001.HEIC', type: 'image/heic', bytes: Buffer.concat([head, Buffer.alloc(2000)]) };
}

function shows(answers: readonly Answer[], pictures: number): boolean {
  return answers.length === 1 && answers[0]?.pictures.length === pictures;
}

/** The line below a title. */
function lineAfter(text: string, title: string): string {
  const lines = text.split('\n');
  return lines[lines.findIndex((line) => line.includes(title)) + 1] ?? '';
}

function said(answers: readonly Answer[], words: string): boolean {
  return answers.some(({ text }) => text.includes(words));
}
