import { describe, expect, it } from 'vitest';
import { createManualClock, type MovableClock } from '../../fakes/clock.ts';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { type Bench, passTime, photo, useBenches } from './telegram-fixture.ts';
import { picturesWithoutText } from './replies-in.ts';

const openBench = useBenches();

const SEND_METHODS = ['sendMediaGroup', 'sendMessage'] as const;
const ARRIVALS = [
  { arrived: true, name: 'after the call took effect' },
  { arrived: false, name: 'before the call took effect' },
] as const;

/** Expects one complete answer, and that no other message was sent. */
function expectOne({ driver }: Bench, name = 'Ada'): void {
  const person = { name };
  expect(driver.answers('direct', person)).toHaveLength(1);
  expect(driver.answers('direct', person)[0]?.pictures).toHaveLength(5);
  const chat = driver.chatOf('direct', person);
  expect(picturesWithoutText(driver.fake, chat)).toBe(0);
  expect(driver.fake.bot.messagesIn(chat)).toHaveLength(2);
}

describe('an answer that is interrupted', () => {
  for (const method of SEND_METHODS) {
    for (const { arrived, name } of ARRIVALS) {
      it(`by a stop during ${method}, ${name}, is completed after the next start`, async () => {
        const clock = createManualClock();
        const bench = await openBench({ clock });
        const { driver } = bench;
        const ada = driver.person('Ada');
        driver.fake.faults.schedule(method, { type: 'silence' }, { afterEffect: arrived });
        await driver.post(ada, 'direct', [await photo()]);
        await driver.until(() => driver.fake.callsOf(method).length === 1, 'the call without an answer');
        let stopped = false;
        void driver.stop().then(() => (stopped = true));
        await passTime(bench, clock, () => stopped, 'the stop');
        await driver.start();
        await passTime(bench, clock, () => driver.answers('direct', ada).length === 1, 'the answer');
        stopped = false;
        void driver.stop().then(() => (stopped = true));
        await passTime(bench, clock, () => stopped, 'the second stop');
        expectOne(bench);
      });

      it(`by a crash during ${method}, ${name}, is completed after the next start`, async () => {
        const clock = createManualClock();
        const bench = await openBench({ clock });
        const { driver } = bench;
        const ada = driver.person('Ada');
        driver.fake.faults.schedule(method, { type: 'silence' }, { afterEffect: arrived });
        await driver.post(ada, 'direct', [await photo()]);
        await driver.until(() => driver.fake.callsOf(method).length === 1, 'the call without an answer');
        await driver.crash();
        await driver.start();
        await passTime(bench, clock, () => driver.answers('direct', ada).length === 1, 'the answer');
        let stopped = false;
        void driver.stop().then(() => (stopped = true));
        await passTime(bench, clock, () => stopped, 'the stop');
        expectOne(bench);
      });
    }
  }
});

it('an album with one photo before a restart and one after it gets one answer about both', async () => {
  const clock = createManualClock();
  const bench = await openBench({ clock });
  const { driver } = bench;
  const ada = driver.person('Ada');
  const user = driver.userOf(ada);
  const photos = [(await photo(COLOURS.weak)).bytes, (await photo()).bytes];
  const sending = user.sendAlbum(user.privateChat, photos, { gap: 1000 });
  await driver.until(() => driver.counts.get('update accepted') === 1, 'the first of them');
  await driver.stop();
  clock.advance(1000);
  await sending;
  await driver.start();
  await passTime(bench, clock, () => driver.answers('direct', ada).length === 1, 'the answer');
  let stopped = false;
  void driver.stop().then(() => (stopped = true));
  await passTime(bench, clock, () => stopped, 'the stop');
  expectOne(bench);
  expect(driver.answers('direct', ada)[0]?.text).toMatch(/Photo 1[^]*Photo 2/);
});

it('an answer that is ready but not stored yet when the process dies is computed again, and sent once', async () => {
  let stuck = 0;
  const bench = await openBench({
    store: (store) => ({
      ...store,
      namespace: (name) =>
        new Proxy(store.namespace(name), {
          get(target, member) {
            const value: unknown = Reflect.get(target, member, target);
            if (name !== 'telegram-updates' || member !== 'set') return value;
            return (...args: [string, { state: string }, number]): unknown =>
              args[1].state === 'replied' && stuck++ === 0
                ? new Promise(() => undefined)
                : Reflect.apply(value as () => unknown, target, args);
          },
        }),
    }),
  });
  const { driver } = bench;
  const ada = driver.person('Ada');
  await driver.post(ada, 'direct', [await photo()]);
  await driver.until(() => stuck === 1, 'the answer');
  await driver.crash();
  await driver.start();
  await driver.answer('direct', ada, 1);
  await driver.stop();
  expectOne(bench);
});

describe('a send whose response is lost', () => {
  /** All private chats share one counter of message ids, so every message that others send to the bot takes an id. */
  async function writeMeanwhile(bench: Bench, clock: MovableClock, messages: number): Promise<void> {
    const { driver } = bench;
    const others = Array.from({ length: 5 }, (_, n) => driver.person(`Other ${n}`));
    // The bot does not receive any of these messages.
    driver.fake.faults.schedule('getUpdates', { type: 'error', code: 500 }, { times: 1000 });
    driver.fake.updates.interrupt('Conflict: another poll');
    await passTime(bench, clock, () => (driver.counts.get('getUpdates unknown') ?? 0) > 0, 'the outage');
    for (let n = 0; n < messages; n++) {
      const other = driver.userOf(others[n % others.length]!);
      other.sendText(other.privateChat, '/privacy');
    }
  }

  for (const method of SEND_METHODS) {
    for (const messages of [60, 400]) {
      it(`of ${method} is not repeated when others had sent ${messages} messages that the bot has not received`, async () => {
        const clock = createManualClock();
        const bench = await openBench({ clock });
        const { driver, bot } = bench;
        const ada = driver.person('Ada');
        const release = bot.hold('interactive');
        await driver.post(ada, 'direct', [await photo()]);
        await driver.until(() => bot.held === 1, 'the photo in the engine');
        await writeMeanwhile(bench, clock, messages);
        driver.fake.faults.schedule(method, { type: 'drop' }, { afterEffect: true });
        release();
        await passTime(bench, clock, () => driver.answers('direct', ada).length > 0, 'the answer');
        const visible = () =>
          driver.fake.bot.messagesIn(driver.chatOf('direct', ada)).filter(({ deleted }) => !deleted);
        await passTime(bench, clock, () => visible().length === 2, 'one album and one text');
        driver.fake.faults.clear();
        let stopped = false;
        void driver.stop().then(() => (stopped = true));
        await passTime(bench, clock, () => stopped, 'the stop');
        expect(visible()).toHaveLength(2);
        expect(driver.answers('direct', ada)[0]?.pictures).toHaveLength(5);
      });
    }
  }

  it('is not repeated when Telegram is down for minutes before the bot can look for the message', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock });
    const { driver } = bench;
    const ada = driver.person('Ada');
    for (const method of ['editMessageReplyMarkup', 'editMessageCaption']) {
      driver.fake.faults.schedule(method, { type: 'html', code: 502 }, { times: 10 });
    }
    driver.fake.faults.schedule('sendMediaGroup', { type: 'html', code: 502 }, { afterEffect: true });
    driver.fake.faults.schedule('sendMessage', { type: 'html', code: 502 }, { times: 2 });
    await driver.post(ada, 'direct', [await photo(COLOURS.near)]);
    await passTime(bench, clock, () => driver.answers('direct', ada).length === 1, 'the answer');
    let stopped = false;
    void driver.stop().then(() => (stopped = true));
    await passTime(bench, clock, () => stopped, 'the stop');
    expectOne(bench);
  });
});
