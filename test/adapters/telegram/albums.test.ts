import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../fakes/clock.ts';
import { colourPhoto } from '../../scenarios/colour-photo.ts';
import { useBenches } from './telegram-fixture.ts';

const openBench = useBenches();
const REDS = ['#f01818', '#e81820', '#e01828', '#d81830'];
const pictures = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => colourPhoto(REDS[n] ?? `rgb(200, ${n * 7}, 60)`)));

describe('an album', () => {
  it('whose messages arrive late and out of order is treated as one post, in the order of the chat', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock });
    const ada = driver.userOf(driver.person('Ada'));
    const [red, green] = [await colourPhoto('#f01818'), await colourPhoto('#18e618')];
    const sending = ada.sendAlbum(ada.privateChat, [red, green, red], { order: [1, 2, 0], gap: 1000 });
    for (let part = 1; part <= 3; part++) {
      await expect.poll(() => driver.counts.get('update accepted')).toBe(part);
      expect(driver.counts.get('sendMessage done')).toBeUndefined();
      clock.advance(1000);
    }
    const [first] = await sending;
    clock.advance(1200);
    const answer = await driver.answer('direct', { name: 'Ada' }, 1);
    expect(answer.text.indexOf('<red-1>')).toBeLessThan(answer.text.indexOf('<green-1>'));
    expect(driver.fake.bot.messagesIn(ada.privateChat)[0]?.replyTo).toBe(first?.message.message_id);
    await driver.stop();
    expect(driver.counts.get('sendMessage done')).toBe(1);
  });

  it('is answered at most three seconds after its first message', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock });
    const ada = driver.userOf(driver.person('Ada'));
    void ada.sendAlbum(ada.privateChat, await pictures(4), { gap: 1100 });
    for (let part = 1; part <= 3; part++) {
      await expect.poll(() => driver.counts.get('update accepted')).toBe(part);
      clock.advance(part < 3 ? 1100 : 800);
    }
    const answer = await driver.answer('direct', { name: 'Ada' }, 1);
    expect(answer.text).toContain('Photo 3');
    expect(answer.text).not.toContain('Photo 4');
    // The photo that arrives too late belongs to a post that is already answered.
    clock.advance(300);
    await expect.poll(() => driver.counts.get('update accepted')).toBe(4);
    clock.advance(3000);
    await driver.stop();
    expect(driver.answers('direct', { name: 'Ada' })).toHaveLength(1);
  });

  it('of ten photos is answered without waiting, because an album cannot have more', async () => {
    const { driver } = await openBench({ clock: createManualClock() });
    const ada = driver.userOf(driver.person('Ada'));
    await ada.sendAlbum(ada.privateChat, await pictures(10));
    const { text } = await driver.answer('direct', { name: 'Ada' }, 1);
    expect(text).toContain('Photos 5, 6, 7, 8, 9 and 10 were left out');
  });

  it('shows a chat action before it is complete', async () => {
    const { driver } = await openBench({ clock: createManualClock() });
    const ada = driver.userOf(driver.person('Ada'));
    await ada.sendAlbum(ada.privateChat, await pictures(2));
    await driver.acknowledged('direct', { name: 'Ada' });
    expect(driver.fake.bot.actionsIn(ada.privateChat)[0]?.action).toBe('upload_photo');
  });

  it('is answered in a group when the caption of any of its photos names the bot', async () => {
    const { driver } = await openBench();
    const ada = driver.userOf(driver.person('Ada'));
    await ada.sendAlbum(driver.group, await pictures(2), { caption: 'look at us', captionOn: 1 });
    await ada.sendAlbum(driver.group, await pictures(3), { caption: 'hey @fashion_fake_bot', captionOn: 2 });
    const { text } = await driver.answer('group', { name: 'Ada' }, 1);
    expect(text).toContain('Photo 3');
    await driver.stop();
    expect(driver.answers('group', { name: 'Ada' })).toHaveLength(1);
  });

  it('in an answer has ten pictures at most, shared evenly between the photos, and the text names every item', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    const photos = (await pictures(4)).map((bytes) => ({ name: 'a.jpg', type: 'image/jpeg', bytes }));
    await driver.post(ada, 'direct', photos);
    const answer = await driver.answer('direct', ada, 1);
    expect(answer.pictures.map(({ text }) => text.split(' ')[0])).toEqual([
      '1.1.',
      '1.2.',
      '2.1.',
      '2.2.',
      '3.1.',
      '3.2.',
      '4.1.',
      '4.2.',
    ]);
    expect(answer.text.match(/^5\. /gm)).toHaveLength(4);
  });
});
