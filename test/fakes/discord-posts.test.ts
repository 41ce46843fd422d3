import { type Client, Events, GatewayIntentBits, type Interaction, type Message } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { connect, createClient, sendable } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';
import type { SeenMessage } from './discord/observe.ts';
import { picture } from './discord/samples.ts';

let fake: FakeDiscord;
let client: Client<true>;
let guild: Boutique['guild'];
let channel: Boutique['channel'];
let ana: Boutique['ana'];
let heard: Message[];

beforeEach(async () => {
  fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'] });
  ({ guild, channel, ana } = openBoutique(fake));
});

afterEach(async () => {
  await client.destroy();
  await fake.stop();
});

describe('a person posts', () => {
  it('a photo that the client can download, with its size and type', async () => {
    await login();
    const bytes = await picture('#ff0000', 64, 48);
    const posted = await ana.post(channel, {
      content: 'look',
      files: [{ name: 'my outfit.png', bytes, description: 'me' }],
    });

    const message = await received(posted);
    const attachment = message.attachments.first();
    expect(message.content).toBe('look');
    expect(message.guildId).toBe(guild.id);
    expect(attachment).toMatchObject({
      name: 'my_outfit.png',
      contentType: 'image/png',
      width: 64,
      height: 48,
      size: bytes.length,
      description: 'me',
      spoiler: false,
    });
    const download = await fetch(attachment?.url ?? '');
    expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes);
    expect(fake.downloads).toMatchObject([
      { status: 200, bytesSent: bytes.length, withAuthorization: false },
    ]);
  });

  it('a spoilered photo, whose type Discord does not know', async () => {
    await login();
    const posted = await ana.post(channel, {
      spoiler: true,
      files: [{ name: 'a.png', bytes: 10, contentType: null }],
    });
    expect((await received(posted)).attachments.first()).toMatchObject({ spoiler: true, contentType: null });
  });

  it('a forward: no attachments of its own, one snapshot that has them', async () => {
    await login();
    const bytes = await picture();
    const source = await ana.post(channel, { files: [{ name: 'a.png', bytes }] });
    const posted = await ana.post(channel, { forwardOf: source });

    const message = await received(posted);
    expect(message.attachments.size).toBe(0);
    expect(message.messageSnapshots.first()?.attachments.first()?.name).toBe('a.png');
  });

  it('in a thread, answered there', async () => {
    await login();
    const thread = channel.thread('spring');
    const posted = await ana.post(thread, { content: 'here' });
    const message = await received(posted);
    expect(message.channel.isThread()).toBe(true);
    await message.reply('there');
    expect(fake.bot.messagesIn(thread)[0]?.content).toBe('there');
  });

  it('as a webhook and as another bot', async () => {
    await login();
    const first = await channel.webhook('news').post(channel, { content: 'hello' });
    expect((await received(first)).webhookId).not.toBeNull();
    const robot = fake.user('robot', { bot: true });
    guild.join(robot);
    const second = await robot.post(channel, { content: 'hello' });
    expect((await received(second)).author.bot).toBe(true);
  });

  it('a direct message, which reaches only a client that takes partial channels', async () => {
    const deaf = createClient(fake, { partials: [] });
    const packets: string[] = [];
    deaf.on(Events.MessageCreate, (message) => packets.push(message.content));
    deaf.on(Events.Raw, (packet: { t: string | null }) => packets.push(packet.t ?? ''));
    await deaf.login(fake.token);
    await fake.waitFor('a session', () => fake.gateway.sessions[0]);
    await ana.dm({ content: 'one' });
    await fake.waitFor('the raw event', () => packets.includes('MESSAGE_CREATE'));
    expect(packets).not.toContain('one');
    await deaf.destroy();

    fake.clock.advance(5000);
    await login();
    const posted = await ana.dm({ content: 'two' });
    const message = await received(posted);
    expect(message.inGuild()).toBe(false);
    await message.reply('private');
    expect(fake.bot.directMessages(ana)[0]?.content).toBe('private');
  });
});

describe('without the message content intent', () => {
  beforeEach(async () => {
    await login({
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    });
  });

  it('content, embeds, attachments and components arrive empty', async () => {
    const posted = await ana.post(channel, {
      content: 'secret',
      files: [{ name: 'a.png', bytes: 10 }],
      embeds: [{ title: 'x' }],
    });
    const message = await received(posted);
    expect([message.content, message.embeds.length, message.attachments.size]).toEqual(['', 0, 0]);
  });

  it('except where the application is mentioned, replied to with a ping, or written to directly', async () => {
    const mention = await ana.post(channel, { content: 'hey', mention: ['bot'] });
    expect((await received(mention)).content).toBe(`<@${fake.applicationId}> hey`);

    const sent = await (await sendable(client, channel)).send('mine');
    const mine = fake.bot.messagesIn(channel).find((message) => message.id === sent.id);
    const reply = await ana.post(channel, { content: 'answer', ...(mine ? { replyTo: mine } : {}) });
    expect((await received(reply)).content).toBe('answer');

    const quiet = await ana.post(channel, {
      content: 'quiet',
      ping: false,
      ...(mine ? { replyTo: mine } : {}),
    });
    expect((await received(quiet)).content).toBe('');

    const direct = await ana.dm({ content: 'direct' });
    expect((await received(direct)).content).toBe('direct');
  });

  it('except in the target of a context menu command', async () => {
    await client.rest.put(`/applications/${fake.applicationId}/commands`, {
      body: [{ name: 'Look', type: 3 }],
    });
    const photo = await ana.post(channel, { files: [{ name: 'a.png', bytes: 10 }] });
    const used = new Promise<Interaction>((resolve) => client.once(Events.InteractionCreate, resolve));
    ana.contextMenu('Look', photo);
    const interaction = await used;
    const target = interaction.isMessageContextMenuCommand() ? interaction.targetMessage : null;
    expect(target?.attachments.first()?.name).toBe('a.png');
  });

  it('and a message that mentions the application hides the message it replies to', async () => {
    const photo = await ana.post(channel, { files: [{ name: 'a.png', bytes: 10 }] });
    const posted = await ana.post(channel, { mention: ['bot'], replyTo: photo });
    const message = await received(posted);
    const target = message.channel.messages.cache.get(message.reference?.messageId ?? '');
    expect(target?.id).toBe(photo.id);
    expect(target?.attachments.size).toBe(0);
  });

  it('or shows it, if a test wants the kinder reading of the rules', async () => {
    await client.destroy();
    await fake.stop();
    fake = await startFakeDiscord({ showReferenced: 'with-mention' });
    ({ channel, ana } = openBoutique(fake));
    await login({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages] });
    const photo = await ana.post(channel, { files: [{ name: 'a.png', bytes: 10 }] });
    const message = await received(await ana.post(channel, { mention: ['bot'], replyTo: photo }));
    expect(message.channel.messages.cache.get(photo.id)?.attachments.size).toBe(1);
  });
});

/** The message as the client received it. */
async function received(post: SeenMessage): Promise<Message> {
  return new Promise((resolve) => {
    const known = heard.find((message) => message.id === post.id);
    if (known) resolve(known);
    client.on(Events.MessageCreate, (message) => {
      if (message.id === post.id) resolve(message);
    });
  });
}

async function login(options: Parameters<typeof connect>[1] = {}): Promise<void> {
  client = await connect(fake, options);
  heard = [];
  client.on(Events.MessageCreate, (message) => heard.push(message));
}
