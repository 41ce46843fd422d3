import {
  ActionRowBuilder,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  Locale,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  PermissionFlagsBits,
  StringSelectMenuBuilder,
  type StringSelectMenuInteraction,
} from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { connect, sendable } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';
import { fivePictures, galleryAnswer, picture } from './discord/samples.ts';

let fake: FakeDiscord;
let client: Client<true>;
let guild: Boutique['guild'];
let channel: Boutique['channel'];
let ana: Boutique['ana'];

beforeEach(async () => {
  fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'] });
  ({ guild, channel, ana } = openBoutique(fake, { guild: Locale.German, ana: Locale.SpanishES }));
});

afterEach(async () => {
  await client.destroy();
  await fake.stop();
});

describe('the application answers', () => {
  beforeEach(async () => {
    client = await connect(fake);
    await client.rest.put(`/applications/${fake.applicationId}/commands`, {
      body: [
        { name: 'Find similar items', type: 3 },
        {
          name: 'find',
          type: 1,
          description: 'Finds items',
          options: [
            { name: 'photo', type: 11, description: 'A photo', required: true, file_types: ['image'] },
          ],
        },
        {
          name: 'reindex',
          type: 1,
          description: 'Reads the inventory',
          default_member_permissions: '32',
          contexts: [0],
        },
      ],
    });
  });

  it('a post with a gallery of five uploads, which notifies nobody', async () => {
    const pictures = await fivePictures();
    client.once(Events.MessageCreate, (message) => {
      void message.reply(galleryAnswer(pictures));
    });
    const post = await ana.post(channel, { content: 'what is like this?' });
    const answer = await fake.waitFor('the answer', () => fake.bot.messagesIn(channel)[0]);

    expect(answer).toMatchObject({
      componentsV2: true,
      replyTo: post.id,
      text: '**Five items**',
      content: '',
    });
    expect(answer.gallery.map((item) => item.file?.bytes)).toEqual(pictures);
    expect(answer.gallery[4]).toMatchObject({ description: 'Item 5, a shirt', spoiler: false });
    expect(answer.buttons.map((button) => [button.label, button.customId])).toEqual([
      ['More', 'more:1'],
      ['Delete', 'delete:1'],
    ]);
    expect(answer.pinged).toEqual({ users: [], roles: [], everyone: false });
  });

  it('a context menu command with a deferral and an edit that carries the components flag', async () => {
    const pictures = await fivePictures();
    const used = nextInteraction<MessageContextMenuCommandInteraction>();
    const photo = await ana.post(channel, { files: [{ name: 'a.png', bytes: await picture() }] });
    const seen = ana.contextMenu('Find similar items', photo);
    expect(seen.status).toBe('pending');

    const interaction = await used;
    expect(interaction.targetMessage.attachments.first()?.name).toBe('a.png');
    await interaction.deferReply();
    expect(seen).toMatchObject({ status: 'thinking', acknowledgement: 'deferred' });
    const reply = await interaction.editReply(galleryAnswer(pictures));
    expect(seen.status).toBe('answered');
    expect(seen.response?.gallery.map((item) => item.file?.bytes)).toEqual(pictures);
    expect(seen.response?.replyTo).toBe(photo.id);
    // As documented, files that a component shows are not in `attachments`.
    expect(reply.attachments.size).toBe(0);
    expect(JSON.stringify(reply.components)).toContain(
      `${new URL(fake.url).origin}/attachments/${channel.id}/`,
    );
  });

  it('a slash command with a file, knowing who asked, in which language and with which rights', async () => {
    const used = nextInteraction<ChatInputCommandInteraction>();
    const bytes = await picture();
    const seen = await ana.slash(
      'find',
      { photo: { name: 'look.png', bytes } },
      { in: channel, locale: Locale.Japanese },
    );
    const interaction = await used;
    const file = interaction.options.getAttachment('photo', true);
    expect(file).toMatchObject({ name: 'look.png', ephemeral: true, contentType: 'image/png' });
    expect(Buffer.from(await (await fetch(file.url)).arrayBuffer())).toEqual(bytes);
    expect([interaction.locale, interaction.guildLocale]).toEqual([Locale.Japanese, Locale.German]);
    expect(interaction.memberPermissions?.has(PermissionFlagsBits.SendMessages)).toBe(true);
    expect(interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild)).toBe(false);
    expect(interaction.attachmentSizeLimit).toBe(fake.limits.fileBytes);

    await interaction.reply({ content: 'only for you', flags: MessageFlags.Ephemeral });
    expect(seen).toMatchObject({ ephemeral: true, acknowledgement: 'message' });
    const ben = fake.user('ben');
    guild.join(ben);
    expect(ana.sees(channel).map((message) => message.content)).toEqual(['only for you']);
    expect(ben.sees(channel)).toEqual([]);
  });

  it('a slash command in direct messages', async () => {
    const used = nextInteraction<ChatInputCommandInteraction>();
    await ana.slash('find', { photo: { name: 'look.png', bytes: 10 } });
    const interaction = await used;
    expect(interaction.memberPermissions).toBeNull();
    await interaction.reply('hello');
    expect(fake.bot.directMessages(ana)[0]?.content).toBe('hello');
  });

  it('only commands that Discord would offer', async () => {
    await expect(ana.slash('reindex', {}, { in: channel })).rejects.toThrow('hidden from ana');
    await expect(ana.slash('reindex')).rejects.toThrow('not offered here');
    await expect(ana.slash('find', {}, { in: channel })).rejects.toThrow('needs its option "photo"');
    const text = { name: 'a.txt', bytes: 10 };
    await expect(ana.slash('find', { photo: text }, { in: channel })).rejects.toThrow('takes only: image');
    guild.setRoles(ana, [guild.role('Moderators', { permissions: ['ManageGuild'] })]);
    const used = nextInteraction<ChatInputCommandInteraction>();
    await ana.slash('reindex', {}, { in: channel });
    expect((await used).memberPermissions?.has(PermissionFlagsBits.ManageGuild)).toBe(true);
  });

  it('a button with a deferred update, an edit that keeps the pictures, and a follow-up', async () => {
    const pictures = await fivePictures();
    const target = await sendable(client, channel);
    await target.send(galleryAnswer(pictures));
    const message = fake.bot.messagesIn(channel)[0];
    if (!message) throw new Error('no message');
    const click = nextInteraction<ButtonInteraction>();
    const seen = ana.click(message, 'More');
    const interaction = await click;
    expect(interaction.customId).toBe('more:1');
    await interaction.deferUpdate();
    expect(seen.acknowledgement).toBe('deferred-update');
    await interaction.editReply({ components: interaction.message.components });
    expect(message.gallery.map((item) => item.file?.bytes)).toEqual(pictures);
    expect(message.edits).toHaveLength(1);
    await interaction.followUp({ content: 'psst', flags: MessageFlags.Ephemeral });
    expect(seen.followUps.map((one) => [one.content, one.ephemeralTo])).toEqual([['psst', ana.id]]);
  });

  it('a select with what was picked from it', async () => {
    const menu = new StringSelectMenuBuilder()
      .setCustomId('kind')
      .addOptions({ label: 'Shirts', value: 'shirts' }, { label: 'Shoes', value: 'shoes' });
    const row = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu);
    await (await sendable(client, channel)).send({ content: 'Which?', components: [row] });
    const message = fake.bot.messagesIn(channel)[0];
    if (!message) throw new Error('no message');
    expect(() => ana.select(message, 'kind', ['hats'])).toThrow('takes 1 to 1 of: shirts, shoes');
    const picked = nextInteraction<StringSelectMenuInteraction>();
    ana.select(message, 'kind', ['shoes']);
    const interaction = await picked;
    expect(interaction.values).toEqual(['shoes']);
    await interaction.update({ content: 'Shoes', components: [] });
    expect(message).toMatchObject({ content: 'Shoes', selects: [] });
  });

  it('a button by deleting the message, whose buttons then cannot be clicked', async () => {
    const target = await sendable(client, channel);
    const sent = await target.send(galleryAnswer(await fivePictures()));
    const message = fake.bot.messagesIn(channel)[0];
    await sent.delete();
    expect(message?.deleted).toBe(true);
    expect(fake.bot.messagesIn(channel)).toEqual([]);
    expect(() => message && ana.click(message, 'More')).toThrow('ana does not see message');
  });

  it('an event that comes twice, twice, if it does not remember', async () => {
    const packets: string[] = [];
    client.on(Events.Raw, (packet: { t: string | null; d: { id?: string } }) => {
      if (packet.t === 'MESSAGE_CREATE') packets.push(packet.d.id ?? '');
    });
    const message = await ana.post(channel, { content: 'once' });
    fake.duplicateDelivery(message);
    await fake.waitFor('both', () => packets.length === 2);
    expect(packets).toEqual([message.id, message.id]);
  });
});

async function nextInteraction<T>(): Promise<T> {
  return new Promise((resolve) => {
    client.once(Events.InteractionCreate, (interaction) => {
      resolve(interaction as T);
    });
  });
}
