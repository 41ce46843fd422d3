import { expect, it } from 'vitest';
import { createManualClock } from '../../fakes/clock.ts';
import type { Fault } from '../../fakes/telegram/faults.ts';
import { photo, useBenches } from './telegram-fixture.ts';

const openBench = useBenches();

const METHODS = ['sendMessage', 'sendMediaGroup', 'getFile', 'file', 'sendChatAction', 'getChatMember'];

it('the token is not in any log line, metric or answer, whatever fails and whatever the error message says', async () => {
  const clock = createManualClock();
  const { driver } = await openBench({ clock, start: false });
  const { fake } = driver;
  const leak = `https://api.telegram.org/bot${fake.token}/x and /file/bot${fake.token}/photos/file_1.jpg`;
  const faults: readonly Fault[] = [
    { type: 'error', code: 500, description: leak },
    { type: 'error', code: 429, retryAfter: 1, description: leak },
    { type: 'html', code: 502 },
    { type: 'drop' },
    { type: 'malformed' },
    { type: 'error', code: 400, description: leak },
  ];
  fake.faults.schedule('getMe', { type: 'error', code: 500, description: leak });
  fake.faults.schedule('setMyCommands', { type: 'error', code: 400, description: leak });
  for (const fault of faults) {
    for (const method of METHODS) fake.faults.schedule(method, fault);
    fake.faults.schedule('getUpdates', fault);
  }
  const mia = driver.person('Mia', { moderator: true });
  const passTime = (holds: () => boolean, what: string) =>
    driver.until(() => {
      if (!holds()) clock.advance(500);
      return holds();
    }, what);
  let started = false;
  void driver.start().then(() => (started = true));
  await passTime(() => started, 'the start');
  for (let n = 1; fake.faults.left > 0 && n <= 12; n++) {
    const answered = fake.callsOf('sendMessage').length;
    await driver.post(mia, 'direct', [await photo()]);
    await driver.command(mia, 'group', 'mode', 'auto');
    await passTime(() => fake.callsOf('sendMessage').length > answered, `the answers ${n}`);
  }
  await passTime(() => fake.faults.left === 0, 'the end of the faults');
  let stopped = false;
  void driver.stop().then(() => (stopped = true));
  await passTime(() => stopped, 'the stop');

  const said = [
    ...driver.logLines,
    ...driver.counts.keys(),
    ...[...driver.answers('direct', mia), ...driver.answers('group', mia)].map(({ text }) => text),
  ];
  expect(said.filter((line) => line.includes('[token]'))).not.toEqual([]);
  for (const secret of [fake.token, fake.token.split(':')[1]!]) {
    expect(said.filter((line) => line.includes(secret))).toEqual([]);
  }
}, 60_000);
