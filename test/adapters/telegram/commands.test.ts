import { describe, expect, it } from 'vitest';
import { useBenches } from './telegram-fixture.ts';

const openBench = useBenches();

describe('the commands in Telegram’s menus', () => {
  it('are those that a person may use in that chat, in their language', async () => {
    const admins: string[] = [];
    const { driver } = await openBench({ settings: { admins }, start: false });
    const mia = driver.userOf(driver.person('Mia', { moderator: true }));
    const hans = driver.userOf(driver.person('Hans', { language: 'de' }));
    const boss = driver.userOf(driver.person('Boss'));
    boss.sendText(boss.privateChat, '/start');
    admins.push(String(boss.user.id));
    await driver.start();
    await driver.until(
      () => driver.logLines.some((line) => line.includes('commands published')),
      'the lists',
    );
    const shown = (user: typeof mia, chat = driver.group) =>
      driver.fake.commandsShownTo(user, chat).map(({ command }) => command);
    expect(shown(mia)).toEqual(['find', 'help', 'status', 'mode', 'reindex', 'privacy', 'forget']);
    expect(shown(hans)).toEqual(['find', 'help', 'status', 'privacy', 'forget']);
    expect(shown(mia, mia.privateChat)).toEqual(['find', 'help', 'status', 'privacy', 'forget']);
    expect(shown(boss, boss.privateChat)).toEqual(['find', 'help', 'status', 'reindex', 'privacy', 'forget']);
    const [find] = driver.fake.commandsShownTo(hans, driver.group);
    expect(find?.description).toBe('Die ähnlichsten Artikel zu einem Foto finden');
  });

  it('are published again only when they have changed', async () => {
    const { driver } = await openBench();
    const published = () => driver.logLines.filter((line) => line.includes('commands published')).length;
    await driver.until(() => published() === 1, 'the lists');
    const calls = driver.fake.callsOf('setMyCommands').length;
    await driver.stop();
    await driver.start();
    await driver.stop();
    expect(driver.fake.callsOf('setMyCommands')).toHaveLength(calls);
  });

  it('are logged without the id of the person that they are for when they cannot be published', async () => {
    const admins: string[] = [];
    const { driver } = await openBench({ settings: { admins }, start: false });
    const boss = driver.userOf(driver.person('Boss'));
    admins.push(String(boss.user.id));
    for (let n = 0; n < 40; n++) driver.fake.faults.schedule('setMyCommands', { type: 'error', code: 400 });
    await driver.start();
    await driver.until(
      () => driver.logLines.some((line) => line.includes('commands published')),
      'the end of the attempt',
    );
    const lines = driver.logLines.filter((line) => line.includes('could not be published'));
    expect(lines.filter((line) => line.includes('"scope":"chat"'))).not.toEqual([]);
    expect(lines.filter((line) => line.includes(String(boss.user.id)))).toEqual([]);
  });

  it('work without being published, and are published again at the next start', async () => {
    const { driver } = await openBench({ start: false });
    driver.fake.faults.schedule('setMyCommands', { type: 'error', code: 400 });
    await driver.start();
    const ada = driver.person('Ada');
    await driver.command(ada, 'direct', 'help');
    await driver.answer('direct', ada, 1);
    await driver.until(
      () => driver.logLines.some((line) => line.includes('commands published')),
      'the others',
    );
    const calls = driver.fake.callsOf('setMyCommands').length;
    await driver.stop();
    await driver.start();
    await driver.until(() => driver.fake.callsOf('setMyCommands').length === 2 * calls, 'all of them again');
  });
});
