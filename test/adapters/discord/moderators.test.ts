import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { createFastClock, type FastClock } from '../../test-clock.ts';
import { type OpenDoor, openDoor } from './open-door.ts';

let door: OpenDoor;
let clock: FastClock;

afterEach(async () => {
  await door.close();
});

async function open(moderatorRoles: readonly string[] = []): Promise<void> {
  clock = createFastClock();
  door = await openDoor({
    settings: { moderatorRoles },
    dependencies: { clock },
    fake: { clock: clock.platform },
  });
  await door.adapter.start();
  await door.fake.waitFor('the commands', () => door.fake.bot.commands().length > 0);
}

describe('moderators', () => {
  it('are the only people who may change the mode: others get a refusal that nobody else sees', async () => {
    await open();
    const { fake, ana, channel } = door;
    const seen = await ana.slash('mode', { mode: 'auto' }, { in: channel, evenIfHidden: true });
    await fake.waitFor('the refusal', () => seen.status === 'answered');
    expect(seen).toMatchObject({ ephemeral: true });
    expect(seen.response?.text).toContain('Only moderators');
    expect(seen.response?.ephemeralTo).toBe(ana.id);
  });

  it('can be named by a role', async () => {
    clock = createFastClock();
    door = await openDoor({ dependencies: { clock }, fake: { clock: clock.platform } });
    const { fake, ana, guild, channel } = door;
    const staff = guild.role('Staff');
    guild.setRoles(ana, [staff]);
    await door.another({ settings: { moderatorRoles: [staff.id] } }).start();
    await fake.waitFor('the commands', () => fake.bot.commands().length > 0);
    const seen = await ana.slash('mode', { mode: 'auto' }, { in: channel });
    await fake.waitFor('the answer', () => seen.status === 'answered');
    expect(seen.response?.text).toContain('From now on');
  });

  it('are checked again when a button is clicked', async () => {
    await open();
    const { fake, mia, ana, guild, channel, bot } = door;
    await bot.addPicture('blue', COLOURS.weak);
    const release = bot.hold('bulk');
    await mia.slash('reindex', {}, { in: channel });
    const running = await door.answer();
    await fake.waitFor('the picture in the engine', () => bot.held === 1);
    guild.setRoles(mia, []);
    const click = mia.click(running, 'Cancel');
    await fake.waitFor('the refusal', () => click.status === 'answered');
    expect(click.response).toMatchObject({ text: 'Only moderators can do this.', ephemeralTo: mia.id });
    const other = ana.click(running, 'Cancel');
    await fake.waitFor('the refusal', () => other.status === 'answered');
    release();
    await fake.waitFor('the end', () => running.text.includes('Reindex finished'));
  });
});

describe('a reindex that outlives its interaction', () => {
  beforeEach(async () => {
    await open();
    await door.bot.addPicture('blue', COLOURS.weak);
  });

  it('is still followed to its end in the same message', async () => {
    const { fake, mia, channel, bot } = door;
    const release = bot.hold('bulk');
    const seen = await mia.slash('reindex', {}, { in: channel });
    const message = await door.answer();
    await fake.waitFor('the picture in the engine', () => bot.held === 1);
    clock.advance(14 * 60_000);
    await fake.waitFor('the first edit by the bot itself', () =>
      fake.calls.some(
        ({ method, route }) => method === 'PATCH' && route === '/channels/:channel/messages/:message',
      ),
    );
    clock.advance(10 * 60_000);
    release();
    await fake.waitFor('the end', () => message.text.includes('Reindex finished'));
    expect(message.text).toMatch(/Added:\*\* 1\b/);
    expect(message.buttons).toEqual([]);
    expect(fake.bot.messagesIn(channel)).toHaveLength(1);
    expect(seen.followUps).toEqual([]);
  });

  it('announces that updates will end, while the token is still valid, where the bot cannot see the channel', async () => {
    const { fake, mia, channel, bot } = door;
    const release = bot.hold('bulk');
    await mia.slash('reindex', {}, { in: channel });
    const message = await door.answer();
    await fake.waitFor('the picture in the engine', () => bot.held === 1);
    channel.deny('bot', ['ViewChannel']);
    clock.advance(14 * 60_000);
    await fake.waitFor('the note', () => message.text.includes('cannot update this message any longer'));
    clock.advance(10 * 60_000);
    release();
    await fake.waitFor('the line', () =>
      door.lines.some((line) => line.includes('can no longer be updated')),
    );
    await door.adapter.stop();
    expect(message.text).not.toContain('Reindex finished');
  });

  it('stops with the door, and its message says so', async () => {
    const { fake, mia, channel, bot } = door;
    const release = bot.hold('bulk');
    await mia.slash('reindex', {}, { in: channel });
    const message = await door.answer();
    await fake.waitFor('the picture in the engine', () => bot.held === 1);
    const stopping = door.adapter.stop();
    const closing = bot.conversation.close(stopping);
    release();
    await stopping;
    await closing;
    expect(message.text).toMatch(/Reindex stopped|Reindex finished/);
  });
});
