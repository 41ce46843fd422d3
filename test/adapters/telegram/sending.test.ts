import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../fakes/clock.ts';
import { colourPhoto, COLOURS } from '../../scenarios/colour-photo.ts';
import { passTime, photo, useBenches } from './telegram-fixture.ts';
import { picturesWithoutText, repliesIn } from './replies-in.ts';

const openBench = useBenches();

describe('sending', () => {
  for (const method of ['sendMediaGroup', 'sendMessage']) {
    it(`does not send twice when only the response to ${method} was lost`, async () => {
      const { driver } = await openBench();
      const ada = driver.person('Ada');
      driver.fake.faults.schedule(method, { type: 'drop' }, { afterEffect: true });
      await driver.post(ada, 'direct', [await photo()]);
      expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
      await driver.stop();
      expect(driver.answers('direct', ada)).toHaveLength(1);
      expect(picturesWithoutText(driver.fake, driver.chatOf('direct', ada))).toBe(0);
    });

    it(`sends again when the connection was cut before ${method} took effect`, async () => {
      const { driver } = await openBench();
      const ada = driver.person('Ada');
      driver.fake.faults.schedule(method, { type: 'drop' }, { times: 2 });
      await driver.post(ada, 'direct', [await photo()]);
      expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
      await driver.stop();
      expect(driver.answers('direct', ada)).toHaveLength(1);
      expect(picturesWithoutText(driver.fake, driver.chatOf('direct', ada))).toBe(0);
    });
  }

  it('finds the message that it sent among messages that others have written meanwhile', async () => {
    const { driver, bot } = await openBench();
    const ada = driver.person('Ada');
    const bob = driver.userOf(driver.person('Bob'));
    const release = bot.hold('interactive');
    driver.fake.faults.schedule('sendMediaGroup', { type: 'malformed' }, { afterEffect: true });
    await driver.post(ada, 'group', [await photo()], { mention: true });
    await driver.until(() => bot.held === 1, 'the photo in the engine');
    for (let n = 0; n < 5; n++) bob.sendText(driver.group, `chatter ${n}`);
    release();
    expect((await driver.answer('group', ada, 1)).pictures).toHaveLength(5);
    await driver.stop();
    expect(driver.fake.callsOf('sendMediaGroup')).toHaveLength(1);
  });

  it('deletes every message of an answer, also when the response to one of its calls was lost', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    driver.fake.faults.schedule('sendMediaGroup', { type: 'html', code: 504 }, { afterEffect: true });
    await driver.post(ada, 'direct', [await photo()]);
    await driver.click(ada, await driver.answer('direct', ada, 1), 'Delete');
    const messages = () => driver.fake.bot.messagesIn(driver.chatOf('direct', ada));
    await driver.until(() => messages().every(({ deleted }) => deleted), 'all of it gone');
  });

  it('keeps Telegram’s rate limits, so that no call is refused', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock, fake: { flood: { perGroup: true, global: true } } });
    const people = Array.from({ length: 8 }, (_, n) => driver.person(`Person ${n}`));
    for (const person of people) {
      await driver.post(person, 'group', [await photo()], { mention: true });
      await driver.post(person, 'direct', [await photo()]);
    }
    const began = clock.now();
    let seen = -1;
    let quiet = 0;
    await driver.until(() => {
      // The clock stops while calls are under way, so that each call arrives in the second that it was counted for.
      const made = driver.fake.calls.length;
      quiet = made === seen ? quiet + 1 : 0;
      if (quiet >= 2) {
        quiet = 0;
        clock.advance(500);
      }
      seen = made;
      return repliesIn(driver.fake, driver.group).length === 8;
    }, 'eight answers in the group');
    for (const person of people) expect(driver.answers('direct', person)).toHaveLength(1);
    expect(driver.fake.calls.filter(({ status }) => status === 429)).toEqual([]);
    // 48 messages at 20 a minute.
    expect(clock.now() - began).toBeGreaterThan(120_000);
  });

  it('waits as long as a 429 says, only in that chat', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock });
    const [ada, bob] = [driver.person('Ada'), driver.person('Bob')];
    const flooded = driver.chatOf('direct', ada).id;
    driver.fake.faults.schedule(
      'sendMediaGroup',
      { type: 'error', code: 429, retryAfter: 30 },
      {
        when: ({ fields }) => fields.get('chat_id') === String(flooded),
      },
    );
    await driver.post(ada, 'direct', [await photo()]);
    await driver.until(() => driver.counts.get('sendMediaGroup flood') === 1, 'the 429');
    await driver.post(bob, 'direct', [await photo()]);
    await driver.answer('direct', bob, 1);
    clock.advance(29_000);
    expect(driver.answers('direct', ada)).toEqual([]);
    clock.advance(1_000);
    await driver.answer('direct', ada, 1);
    const [refused, sent] = driver.fake
      .callsOf('sendMediaGroup')
      .filter(({ parameters }) => parameters.chat_id === flooded);
    expect(sent!.at - refused!.at).toBeGreaterThanOrEqual(30_000);
  });

  it('pauses all chats when two chats get a 429 at the same time', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock });
    const [ada, bob, eve] = ['Ada', 'Bob', 'Eve'].map((name) => driver.person(name));
    driver.fake.faults.schedule('sendMediaGroup', { type: 'error', code: 429, retryAfter: 20 }, { times: 2 });
    await driver.post(ada!, 'direct', [await photo()]);
    await driver.post(bob!, 'direct', [await photo()]);
    await driver.until(() => driver.counts.get('sendMediaGroup flood') === 2, 'both 429s');
    await driver.post(eve!, 'direct', [await photo()]);
    await driver.until(() => driver.counts.get('sendChatAction done') === 3, 'the chat action for the third');
    clock.advance(19_000);
    expect(driver.fake.callsOf('sendMediaGroup')).toHaveLength(2);
    await driver.until(() => {
      clock.advance(500);
      return [ada!, bob!, eve!].every((person) => driver.answers('direct', person).length === 1);
    }, 'all three answers');
  });

  it('sends to the supergroup when Telegram reports that a group has migrated', async () => {
    const { driver } = await openBench();
    const ada = driver.fake.user();
    const group = driver.fake.group({ members: [ada] });
    const other = driver.fake.supergroup({ members: [ada] });
    const moved = { type: 'error', code: 400, parameters: { migrate_to_chat_id: other.id } } as const;
    driver.fake.faults.schedule('sendMediaGroup', moved);
    await ada.sendPhoto(group, await colourPhoto(COLOURS.near), { caption: '@fashion_fake_bot' });
    await driver.fake.waitFor(
      () => repliesIn(driver.fake, other).length === 1,
      'the answer in the supergroup',
    );
    expect(repliesIn(driver.fake, other)[0]?.messages[0]?.replyTo).toBeUndefined();
  });

  it('logs a chat that it may not write to once, and again after its membership there has changed', async () => {
    const { driver } = await openBench();
    const ada = driver.person('Ada');
    driver.silenceBot();
    const warnings = () =>
      driver.logLines.filter((line) => line.includes('could not be sent to this chat')).length;
    const ask = async (tries: number) => {
      await driver.post(ada, 'group', [await photo()], { mention: true });
      await driver.until(() => driver.counts.get('sendMessage refused') === tries, `refusal ${tries}`);
    };
    await ask(1);
    await ask(2);
    await driver.until(() => warnings() === 1, 'the line');
    driver.silenceBot();
    await ask(3);
    await driver.until(() => warnings() === 2, 'the second line');
  });
});

describe('stopping', () => {
  it('keeps answers that Telegram does not accept yet for the next start, which sends them once', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock });
    const { driver } = bench;
    const ada = driver.person('Ada');
    driver.fake.faults.schedule('sendMediaGroup', { type: 'error', code: 429, retryAfter: 3600 });
    await driver.post(ada, 'direct', [await photo()]);
    await driver.until(() => driver.counts.get('sendMediaGroup flood') === 1, 'the 429');
    const began = clock.now();
    let stopped = false;
    const stopping = driver.stop().then(() => (stopped = true));
    await passTime(bench, clock, () => stopped, 'the stop');
    await stopping;
    expect(clock.now() - began).toBeLessThan(10_000);
    expect(driver.answers('direct', ada)).toEqual([]);
    expect(driver.logLines.join('')).toContain('the next start resumes them');
    await driver.start();
    expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
    await driver.stop();
    await driver.start();
    await driver.stop();
    expect(driver.answers('direct', ada)).toHaveLength(1);
  });

  it('updates the message of a running reindex to say that the reindex was stopped', async () => {
    const { driver, bot } = await openBench();
    const mia = driver.person('Mia', { moderator: true });
    await bot.addPicture('blue', COLOURS.weak);
    const release = bot.hold('bulk');
    await driver.command(mia, 'group', 'reindex');
    await driver.answer('group', mia, 1);
    await driver.until(() => bot.held === 1, 'the picture in the engine');
    const closing = Promise.all([driver.stop(), bot.conversation.close()]);
    release();
    await closing;
    expect(driver.answers('group', mia)[0]?.text).toContain('Reindex stopped');
  });
});
