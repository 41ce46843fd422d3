import { Locale } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

let door: OpenDoor;

afterEach(async () => {
  await door.close();
});

describe('a request', () => {
  beforeEach(async () => {
    door = await openDoor();
    await door.adapter.start();
    await door.fake.waitFor('the commands', () => door.fake.bot.commands().length > 0);
  });

  it('by the context menu of a message is acknowledged before anything is downloaded', async () => {
    const { fake, ana, channel } = door;
    const post = await ana.post(channel, { files: [await photo()] });
    const held = fake.faults.hold({ method: 'GET', route: '/attachments/:channel/:file/:name' });
    const seen = ana.contextMenu('Find similar items', post);
    await held.arrived;
    expect(seen).toMatchObject({ status: 'thinking', acknowledgement: 'deferred', ephemeral: false });
    held.release();
    await fake.waitFor('the answer', () => seen.status === 'answered');
    expect(seen.response?.gallery).toHaveLength(5);
    expect(seen.response?.pinged).toEqual({ users: [], roles: [], everyone: false });
  });

  it('by the context menu works for a forward, and reads the copy that Discord made of an embedded picture', async () => {
    const { fake, ana, channel } = door;
    const source = await ana.post(channel, { files: [await photo()] });
    const forward = ana.contextMenu('Find similar items', await ana.post(channel, { forwardOf: source }));
    await fake.waitFor('the answer', () => forward.response?.gallery.length === 5);

    const url = `${new URL(fake.url).origin}/attachments/1/2/nowhere.jpg`;
    const embeds = [{ image: { url: 'https://shop.example/a.jpg', proxy_url: url } }];
    const embed = ana.contextMenu('Find similar items', await ana.post(channel, { embeds }));
    await fake.waitFor('the answer', () => embed.status === 'answered');
    // Discord's copy was requested and does not exist any more. No request went to the shop.
    expect(embed.response?.text).toMatch(/cut off or damaged/);
    expect(fake.downloads.at(-1)).toMatchObject({ status: 404 });
  });

  it('by /find with a photo and filters is answered with the items that pass the filters', async () => {
    const { fake, ana, channel } = door;
    const options = { photo: await photo(), type: 'Ties' };
    const seen = await ana.slash('find', options, { in: channel });
    await fake.waitFor('the answer', () => seen.status === 'answered');
    expect(seen.response?.text).toContain('red-6>');
    expect(seen.response?.text).not.toContain('red-1>');
  });

  it('by /find without any option is answered with an explanation of how to ask', async () => {
    const { fake, ana, channel } = door;
    const seen = await ana.slash('find', {}, { in: channel });
    await fake.waitFor('the answer', () => seen.status === 'answered');
    expect(seen.response?.text).toContain('attach one to /find');
  });

  it('is answered in the language that the person last used a command in', async () => {
    const { fake, ana, channel } = door;
    const help = await ana.slash('help', {}, { in: channel, locale: Locale.German });
    await fake.waitFor('the help', () => help.status === 'answered');
    expect(help.response?.text).toContain('Foto');
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    const answer = await door.answer(2);
    expect(answer.buttons.map(({ label }) => label)).toContain('Löschen');
  });

  it('by a mention of the bot’s role is answered like a mention of the bot', async () => {
    const { fake, ana, channel, guild } = door;
    const role = [...(fake.world.guilds.get(guild.id)?.roles.values() ?? [])].find(({ managed }) => managed);
    await ana.post(channel, { content: `<@&${role?.id ?? ''}> like this?`, files: [await photo()] });
    const answer = await door.answer();
    expect(answer.gallery).toHaveLength(5);
    expect(answer.pinged).toEqual({ users: [], roles: [], everyone: false });
  });

  it('in a thread follows the mode of its channel', async () => {
    const { fake, mia, ana, channel } = door;
    const mode = await mia.slash('mode', { mode: 'auto' }, { in: channel });
    await fake.waitFor('the mode', () => mode.status === 'answered');
    const thread = channel.thread('spring');
    await ana.post(thread, { files: [await photo()] });
    expect((await door.answer(1, thread)).gallery).toHaveLength(5);
  });

  it('is not seen in messages of bots and webhooks, in thanks, or in other files, even in auto mode', async () => {
    const { fake, mia, ana, channel } = door;
    const mode = await mia.slash('mode', { mode: 'auto' }, { in: channel });
    await fake.waitFor('the mode', () => mode.status === 'answered');
    const robot = fake.user('robot', { bot: true });
    door.guild.join(robot);
    await robot.post(channel, { mention: ['bot'], files: [await photo()] });
    await channel.webhook('hook').post(channel, { mention: ['bot'], files: [await photo()] });
    await ana.post(channel, { files: [{ name: 'notes.txt', bytes: 20 }] });
    await ana.post(channel, { files: [await photo()] });
    const answer = await door.answer(2);
    await ana.post(channel, { replyTo: answer, content: 'thanks' });
    await ana.post(channel, { replyTo: answer, files: [await photo(COLOURS.alsoNear)] });
    expect((await door.answer(3)).text).toContain('green-');
    await door.adapter.stop();
    expect(fake.bot.messagesIn(channel)).toHaveLength(3);
  });
});

describe('without the Message Content Intent', () => {
  beforeEach(async () => {
    door = await openDoor({
      fake: { privilegedIntents: [], showReferenced: 'with-mention' },
      settings: { messageContent: false },
    });
    await door.adapter.start();
    await door.fake.waitFor('the commands', () => door.fake.bot.commands().length > 0);
  });

  it('direct messages, context menus, /find, and a mention in reply to a picture still work', async () => {
    const { fake, ana, channel } = door;
    await ana.dm({ files: [await photo()] });
    await fake.waitFor('the direct answer', () => fake.bot.directMessages(ana)[0]?.gallery.length === 5);
    const post = await ana.post(channel, { files: [await photo()] });
    const menu = ana.contextMenu('Find similar items', post);
    await fake.waitFor('the menu', () => menu.response?.gallery.length === 5);
    const find = await ana.slash('find', { photo: await photo() }, { in: channel });
    await fake.waitFor('/find', () => find.response?.gallery.length === 5);
    await ana.post(channel, { mention: ['bot'], replyTo: post });
    expect((await door.answer(3)).gallery).toHaveLength(5);
  });

  it('/mode auto explains what is missing, and changes nothing', async () => {
    const { fake, mia, ana, channel } = door;
    const mode = await mia.slash('mode', { mode: 'auto' }, { in: channel });
    await fake.waitFor('the refusal', () => mode.status === 'answered');
    expect(mode.response?.text).toContain('Message Content Intent');
    expect(mode.ephemeral).toBe(true);
    await ana.post(channel, { files: [await photo()] });
    await door.adapter.stop();
    expect(fake.bot.messagesIn(channel).filter(({ gallery }) => gallery.length > 0)).toEqual([]);
  });
});
