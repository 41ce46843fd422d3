import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../fakes/clock.ts';
import { malformedUpdates } from '../../fakes/telegram/start-fake-telegram.ts';
import { colourPhoto, COLOURS } from '../../scenarios/colour-photo.ts';
import { call } from '../../fakes/telegram-bots.ts';
import { type Bench, passTime, photo, useBenches } from './telegram-fixture.ts';

const openBench = useBenches();

async function expectAnswer({ driver }: Bench, n = 1): Promise<void> {
  const ada = driver.person(`Ada ${n}`);
  await driver.post(ada, 'direct', [await photo()]);
  expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
}

describe('polling', () => {
  it('continues after every kind of failure', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock });
    const { fake, counts } = bench.driver;
    const faults = [
      { type: 'error', code: 429, retryAfter: 7 },
      { type: 'error', code: 500 },
      { type: 'error', code: 400 },
      { type: 'error', code: 401 },
      { type: 'error', code: 409 },
      { type: 'html', code: 502 },
      { type: 'drop' },
      { type: 'malformed' },
    ] as const;
    for (const fault of faults) fake.faults.schedule('getUpdates', fault);
    // The poll that is already waiting has to end first.
    fake.updates.interrupt('Conflict: another poll');
    await passTime(bench, clock, () => fake.faults.left === 0, 'all the faults');
    for (const outcome of ['flood', 'refused', 'unknown']) {
      expect(counts.get(`getUpdates ${outcome}`)).toBeGreaterThan(0);
    }
    const posted = expectAnswer(bench);
    await passTime(bench, clock, () => (counts.get('sendMessage done') ?? 0) > 0, 'an answer');
    await posted;
  });

  it('skips malformed updates and answers those between them', async () => {
    const bench = await openBench();
    const { driver } = bench;
    for (const update of malformedUpdates) driver.fake.deliverMalformed(update);
    await expectAnswer(bench, 1);
    driver.fake.deliverMalformed({ message: { ...JSON.parse('{"__proto__":{}}'), chat: [] } });
    await expectAnswer(bench, 2);
    expect(driver.counts.get('update malformed')).toBeGreaterThanOrEqual(5);
    await driver.stop();
    expect(driver.fake.updates.pending).toEqual([]);
  });

  it('logs a second instance that has polled for 90 seconds, and takes over when that instance ends', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock });
    const { driver } = bench;
    const competitor = new AbortController();
    const polling = (async () => {
      while (!competitor.signal.aborted) {
        await call(driver.fake, 'getUpdates', { timeout: 20 }).catch(() => undefined);
      }
    })();
    const named = () => driver.logLines.filter((line) => line.includes('another process polls'));
    const began = clock.now();
    await passTime(bench, clock, () => named().length > 0, 'the competitor in the log');
    expect(clock.now() - began).toBeGreaterThanOrEqual(90_000);
    expect(named()).toHaveLength(1);
    competitor.abort();
    await passTime(
      bench,
      clock,
      () => driver.fake.callsOf('getUpdates').at(-1)?.status === undefined,
      'a poll that hangs',
    );
    clock.advance(60_000);
    await polling;
    const posted = expectAnswer(bench);
    await passTime(bench, clock, () => (driver.counts.get('sendMessage done') ?? 0) > 0, 'an answer');
    await posted;
  });

  it('does not log a conflict that a quick restart causes', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock });
    const { driver } = bench;
    void call(driver.fake, 'getUpdates', { timeout: 20 }).catch(() => undefined);
    await passTime(bench, clock, () => driver.counts.get('getUpdates refused') === 1, 'the conflict');
    clock.advance(30_000);
    const posted = expectAnswer(bench);
    await passTime(bench, clock, () => (driver.counts.get('sendMessage done') ?? 0) > 0, 'an answer');
    await posted;
    expect(driver.logLines.join('')).not.toContain('another process');
  });

  it('requests only the kinds of updates that it reads, in every call', async () => {
    const bench = await openBench();
    await expectAnswer(bench);
    const asked = bench.driver.fake.callsOf('getUpdates').map(({ parameters }) => parameters.allowed_updates);
    expect(new Set(asked.map((kinds) => JSON.stringify(kinds)))).toEqual(
      new Set(['["message","channel_post","callback_query","my_chat_member"]']),
    );
  });

  it('confirms an update only after it is stored, so Telegram keeps it while the store fails', async () => {
    const clock = createManualClock();
    let refused = 0;
    let isFull = true;
    const bench = await openBench({
      clock,
      store: (store) => ({
        ...store,
        namespace: (name) =>
          new Proxy(store.namespace(name), {
            get(target, member) {
              const value: unknown = Reflect.get(target, member, target);
              if (name !== 'telegram-updates' || member !== 'set' || !isFull) return value;
              return () => {
                refused++;
                return Promise.reject(new Error('The disk is full.'));
              };
            },
          }),
      }),
    });
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    await ada.sendPhoto(ada.privateChat, await colourPhoto(COLOURS.near));
    await passTime(bench, clock, () => refused >= 2, 'two refusals');
    expect(driver.fake.updates.pending).toHaveLength(1);
    isFull = false;
    await passTime(bench, clock, () => driver.answers('direct', { name: 'Ada' }).length === 1, 'the answer');
    await passTime(bench, clock, () => driver.fake.updates.pending.length === 0, 'the confirmation');
  });

  it('can be stopped twice while it waits, and confirms the updates that it accepted', async () => {
    const bench = await openBench({ fake: { holdRepeatedPolls: true } });
    await expectAnswer(bench);
    await Promise.all([bench.driver.stop(), bench.driver.stop()]);
    expect(bench.driver.fake.updates.pending).toEqual([]);
  });

  it('removes a webhook that was set before, because Telegram allows only one of the two', async () => {
    const bench = await openBench({ start: false, fake: { anyWebhookAddress: true } });
    await call(bench.driver.fake, 'setWebhook', { url: 'http://127.0.0.1:9/old' });
    await bench.driver.start();
    await expectAnswer(bench);
  });

  it('begins when Telegram can be reached again, without delaying the start of the other doors', async () => {
    const clock = createManualClock();
    const bench = await openBench({ clock, start: false });
    const { driver } = bench;
    driver.fake.faults.schedule('getMe', { type: 'drop' }, { times: 6 });
    const starting = driver.start();
    let started = false;
    void starting.then(() => {
      started = true;
    });
    await passTime(bench, clock, () => started, 'the end of start()');
    expect(driver.logLines.join('')).toContain('this door opens as soon as it can');
    await passTime(bench, clock, () => driver.fake.callsOf('getUpdates').length > 0, 'the first poll');
    const posted = expectAnswer(bench);
    await passTime(bench, clock, () => (driver.counts.get('sendMessage done') ?? 0) > 0, 'an answer');
    await posted;
  });

  it('can be stopped when Telegram has never answered', async () => {
    const clock = createManualClock();
    const { driver } = await openBench({ clock, start: false });
    driver.fake.faults.schedule('getMe', { type: 'silence' });
    const starting = driver.start();
    await driver.until(() => driver.fake.callsOf('getMe').length === 1, 'the first call');
    await driver.stop();
    await starting;
  });
});
