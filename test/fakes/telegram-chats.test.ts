import { afterEach, describe, expect, it } from 'vitest';
import { call, plainPicture } from './telegram-bots.ts';
import { createManualClock } from './clock.ts';
import { startFakeTelegram, type FakeTelegram } from './telegram/start-fake-telegram.ts';

const running: FakeTelegram[] = [];

async function start(options?: Parameters<typeof startFakeTelegram>[0]): Promise<FakeTelegram> {
  const fake = await startFakeTelegram(options);
  running.push(fake);
  return fake;
}

afterEach(() => Promise.all(running.splice(0).map((fake) => fake.close())));

/** The messages that the bot has received so far. */
function heard(fake: FakeTelegram): unknown[] {
  return fake.updates.pending.map(({ update }) => {
    const { message, channel_post } = update as Record<
      string,
      { text?: string; caption?: string } | undefined
    >;
    return (message ?? channel_post)?.text ?? (message ?? channel_post)?.caption;
  });
}

describe('privacy mode', () => {
  it('lets only commands, mentions, replies to the bot and captions that mention it through', async () => {
    const fake = await start({ username: 'fashion_fake_bot' });
    const anna = fake.user();
    const group = fake.group({ members: [anna] });
    const said = (await call(fake, 'sendMessage', { chat_id: group.id, text: 'hello all' })) as {
      message_id: number;
    };
    const picture = await plainPicture(40, 40);
    anna.sendText(group, 'just talking');
    await anna.sendPhoto(group, picture, { caption: 'look at me' });
    anna.sendText(group, '/find');
    anna.sendText(group, '/find@fashion_fake_bot');
    anna.sendText(group, '/find@another_bot');
    anna.sendText(group, 'hey @Fashion_Fake_Bot');
    anna.sendText(group, 'hey @fashion_fake_bot2');
    anna.sendText(group, 'yes?', { replyTo: said.message_id });
    await anna.sendPhoto(group, picture, { caption: '@fashion_fake_bot what is this' });
    expect(heard(fake)).toEqual([
      '/find',
      '/find@fashion_fake_bot',
      'hey @Fashion_Fake_Bot',
      'yes?',
      '@fashion_fake_bot what is this',
    ]);
    expect(await call(fake, 'getMe')).toMatchObject({ can_read_all_group_messages: false });
  });

  it('hides nothing once it is off, or once the bot is an administrator', async () => {
    const open = await start({ privacyMode: false });
    const anna = open.user();
    const group = open.group({ members: [anna] });
    anna.sendText(group, 'just talking');
    expect(heard(open)).toEqual(['just talking']);
    expect(await call(open, 'getMe')).toMatchObject({ can_read_all_group_messages: true });
    const closed = await start();
    const elsa = closed.user();
    const other = closed.supergroup({ members: [elsa], botStatus: 'administrator' });
    elsa.sendText(other, 'just talking');
    expect(heard(closed)).toEqual(['just talking']);
  });

  it('still shows the photo that a command replies to', async () => {
    const fake = await start();
    const anna = fake.user();
    const elsa = fake.user({ firstName: 'Elsa' });
    const group = fake.group({ members: [anna, elsa] });
    const photo = await elsa.sendPhoto(group, await plainPicture(500, 700), { spoiler: true });
    anna.sendText(group, '/find', { replyTo: photo });
    expect(fake.updates.pending[0]?.update).toMatchObject({
      message: {
        entities: [{ type: 'bot_command', offset: 0, length: 5 }],
        reply_to_message: {
          message_id: photo.message.message_id,
          photo: photo.message.photo,
          has_media_spoiler: true,
        },
      },
    });
  });
});

describe('an album that people send', () => {
  it('arrives as one update an item, in any order and with pauses', async () => {
    const clock = createManualClock();
    const fake = await start({ clock });
    const anna = fake.user();
    const pictures = await Promise.all(
      ['#100000', '#200000', '#300000'].map((colour) => plainPicture(30, 40, colour)),
    );
    const sent = anna.sendAlbum(anna.privateChat, pictures, {
      caption: 'three',
      captionOn: 1,
      order: [2, 0, 1],
      gap: 700,
    });
    const numbers = () =>
      fake.updates.pending.map(
        ({ update }) => (update as { message: { message_id: number } }).message.message_id,
      );
    await fake.waitFor(() => numbers().length === 1, 'the first item');
    clock.advance(700);
    await fake.waitFor(() => numbers().length === 2, 'the second item');
    clock.advance(700);
    const [first, second, third] = (await sent).map(({ message }) => message);
    expect(numbers()).toEqual([third?.message_id, first?.message_id, second?.message_id]);
    expect(new Set([first, second, third].map((message) => message?.media_group_id)).size).toBe(1);
    expect([first?.caption, second?.caption, third?.caption]).toEqual([undefined, 'three', undefined]);
  });
});

describe('photos from elsewhere', () => {
  it('come as forwards, with or without a name, and as replies to another chat', async () => {
    const fake = await start();
    const anna = fake.user();
    const channel = fake.channel();
    const bytes = await plainPicture(60, 60);
    const named = await anna.forwardPhoto(anna.privateChat, bytes);
    const hidden = await anna.forwardPhoto(anna.privateChat, bytes, { hidden: true });
    expect(named.message).toMatchObject({ forward_origin: { type: 'user' }, photo: [{}] });
    expect(hidden.message).toMatchObject({
      forward_origin: { type: 'hidden_user', sender_user_name: 'Somebody' },
    });
    const post = await channel.postPhoto(bytes, { caption: 'new season' });
    const forward = anna.forward(anna.privateChat, post);
    expect(forward.message).toMatchObject({ forward_origin: { type: 'channel' }, caption: 'new season' });
    const asked = anna.externalReply(anna.privateChat, '/find', post);
    expect(asked.message.external_reply).toMatchObject({
      chat: { id: channel.id },
      photo: post.message.photo,
    });
    expect(asked.message.reply_to_message).toBeUndefined();
  });
});

describe('a forum', () => {
  it('keeps answers in their topic, follows the message replied to, and refuses unknown and closed topics', async () => {
    const fake = await start();
    const anna = fake.user();
    const forum = fake.forum({ members: [anna] });
    const shoes = forum.addTopic('Shoes');
    const asked = await anna.sendPhoto(forum, await plainPicture(30, 30), {
      topic: shoes,
      caption: '@fashion_fake_bot',
    });
    expect(asked.message).toMatchObject({
      message_thread_id: shoes,
      is_topic_message: true,
      reply_to_message: { forum_topic_created: { name: 'Shoes' } },
    });
    const send = (payload: Record<string, unknown>) =>
      call(fake, 'sendMessage', { chat_id: forum.id, text: 'x', ...payload });
    await send({ message_thread_id: shoes });
    await send({ reply_parameters: { message_id: asked.message.message_id } });
    await send({});
    expect(fake.bot.messagesIn(forum).map(({ topic }) => topic)).toEqual([shoes, shoes, undefined]);
    await expect(send({ message_thread_id: 999 })).rejects.toThrow(
      '400: Bad Request: message thread not found',
    );
    await expect(send({ message_thread_id: asked.message.message_id })).rejects.toThrow(
      'message thread is not a forum topic thread',
    );
    forum.closeTopic(shoes);
    await expect(send({ message_thread_id: shoes })).rejects.toThrow('TOPIC_CLOSED');
    await call(fake, 'sendChatAction', { chat_id: forum.id, action: 'typing' });
  });

  it('is not meant by the thread that a reply in another supergroup carries', async () => {
    const fake = await start();
    const anna = fake.user();
    const supergroup = fake.supergroup({ members: [anna] });
    const photo = await anna.sendPhoto(supergroup, await plainPicture(30, 30));
    const asked = anna.sendText(supergroup, '/find', { replyTo: photo });
    expect(asked.message.message_thread_id).toBe(photo.message.message_id);
    expect(asked.message.is_topic_message).toBeUndefined();
    const thread = { chat_id: supergroup.id, text: 'x', message_thread_id: asked.message.message_thread_id };
    await expect(call(fake, 'sendMessage', thread)).rejects.toThrow(
      'message thread is not a forum topic thread',
    );
  });
});

describe('a migration', () => {
  it('moves a group to a new identifier, tells both chats and answers the old one with it', async () => {
    const fake = await start();
    const anna = fake.user();
    const group = fake.group({ members: [anna], title: 'Street style' });
    const supergroup = fake.migrate(group);
    expect(fake.updates.pending.map(({ update }) => update)).toMatchObject([
      { message: { chat: { id: group.id }, migrate_to_chat_id: supergroup.id } },
      { message: { chat: { id: supergroup.id, title: 'Street style' }, migrate_from_chat_id: group.id } },
    ]);
    const error: unknown = await call(fake, 'sendMessage', { chat_id: group.id, text: 'x' }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      response: {
        error_code: 400,
        description: 'Bad Request: group chat was upgraded to a supergroup chat',
        parameters: { migrate_to_chat_id: supergroup.id },
      },
    });
    await call(fake, 'sendMessage', { chat_id: supergroup.id, text: 'x' });
    expect(
      await call(fake, 'getChatMember', { chat_id: supergroup.id, user_id: anna.user.id }),
    ).toMatchObject({ status: 'member' });
  });
});

describe('members', () => {
  it('have a status; anonymous administrators write as the group', async () => {
    const fake = await start();
    const [anna, elsa, olga, stranger] = ['Anna', 'Elsa', 'Olga', 'Nobody'].map((firstName) =>
      fake.user({ firstName }),
    );
    if (anna === undefined || elsa === undefined || olga === undefined || stranger === undefined)
      throw new Error('no users');
    const group = fake.supergroup({ members: [olga], botStatus: 'administrator' });
    group.add(anna, 'creator', { anonymous: true, title: 'Boss' }).add(elsa, 'administrator');
    const status = async (user_id: number) =>
      ((await call(fake, 'getChatMember', { chat_id: group.id, user_id })) as { status: string }).status;
    expect(await Promise.all([anna, elsa, olga, stranger].map(({ user }) => status(user.id)))).toEqual([
      'creator',
      'administrator',
      'member',
      'left',
    ]);
    await expect(status(12_345)).rejects.toThrow('400: Bad Request: user not found');
    const administrators = (await call(fake, 'getChatAdministrators', { chat_id: group.id })) as {
      user: { first_name: string };
    }[];
    expect(administrators.map(({ user }) => user.first_name)).toEqual(['Anna', 'Elsa', 'Fashion']);
    const written = anna.sendText(group, '/reindex', { as: 'anonymous' });
    expect(written.message).toMatchObject({
      from: { id: 1_087_968_824, username: 'GroupAnonymousBot', is_bot: true },
      sender_chat: { id: group.id },
      author_signature: 'Boss',
    });
    expect(written.updateId).toBeDefined();
  });

  it('of channels post without a sender, and their posts reach a linked group', async () => {
    const fake = await start({ privacyMode: false });
    const anna = fake.user();
    const channel = fake.channel({ title: 'Looks' });
    const group = fake.supergroup({ members: [anna] }).linkChannel(channel);
    const post = await channel.postPhoto(await plainPicture(30, 30), { caption: 'today' });
    expect(post.message.from).toBeUndefined();
    expect(fake.updates.pending.map(({ update }) => update)).toMatchObject([
      { channel_post: { chat: { id: channel.id }, sender_chat: { id: channel.id }, caption: 'today' } },
      {
        message: {
          chat: { id: group.id },
          is_automatic_forward: true,
          from: { id: 777_000 },
          sender_chat: { id: channel.id },
        },
      },
    ]);
    const written = anna.sendText(group, 'as the channel', { as: channel });
    expect(written.message).toMatchObject({ from: { id: 136_817_688 }, sender_chat: { id: channel.id } });
    const answer = (await call(fake, 'sendMessage', { chat_id: channel.id, text: 'x' })) as Record<
      string,
      unknown
    >;
    expect(answer).toMatchObject({ sender_chat: { id: channel.id } });
    expect(answer).not.toHaveProperty('from');
  });
});

describe('rights', () => {
  it('are checked by chat: blocked, kicked, gone, restricted, unknown', async () => {
    const fake = await start();
    const anna = fake.user();
    const send = (chat_id: number | string) => call(fake, 'sendMessage', { chat_id, text: 'x' });
    await expect(send(anna.privateChat.id)).rejects.toThrow('400: Bad Request: chat not found');
    anna.sendText(anna.privateChat, '/start');
    await send(anna.privateChat.id);
    anna.block();
    await expect(send(anna.privateChat.id)).rejects.toThrow('403: Forbidden: bot was blocked by the user');
    anna.unblock();
    await send(anna.privateChat.id);
    const group = fake.group({ members: [anna] }).setBot('kicked');
    await expect(send(group.id)).rejects.toThrow('403: Forbidden: bot was kicked from the group chat');
    const supergroup = fake.supergroup({ members: [anna], username: 'street_style' });
    await send('@Street_Style');
    supergroup.setBot('member', { mayNot: ['photos'] });
    await expect(
      call(fake, 'sendPhoto', { chat_id: supergroup.id, photo: { source: await plainPicture(9, 9) } }),
    ).rejects.toThrow('400: Bad Request: not enough rights to send photos to the chat');
    await send(supergroup.id);
    const foreign = anna.sendText(supergroup, 'mine').message.message_id;
    await expect(
      call(fake, 'deleteMessage', { chat_id: supergroup.id, message_id: foreign }),
    ).rejects.toThrow("message can't be deleted");
    supergroup.setBot('administrator');
    await call(fake, 'deleteMessage', { chat_id: supergroup.id, message_id: foreign });
    await call(fake, 'leaveChat', { chat_id: supergroup.id });
    await expect(send(supergroup.id)).rejects.toThrow(
      '403: Forbidden: bot is not a member of the supergroup chat',
    );
    const channel = fake.channel({ botStatus: 'member' });
    await expect(send(channel.id)).rejects.toThrow('need administrator rights in the channel chat');
    const changes = fake.updates.pending.filter(({ update }) => 'my_chat_member' in update);
    expect(changes.map(({ update }) => update)).toMatchObject([
      { my_chat_member: { chat: { type: 'private' }, new_chat_member: { status: 'kicked' } } },
      { my_chat_member: { old_chat_member: { status: 'kicked' }, new_chat_member: { status: 'member' } } },
      { my_chat_member: { chat: { type: 'group' }, new_chat_member: { status: 'kicked' } } },
      { my_chat_member: { chat: { type: 'supergroup' } } },
      { my_chat_member: { new_chat_member: { status: 'administrator' } } },
    ]);
  });
});

describe('commands', () => {
  const command = (name: string, description = 'What it does') => ({ command: name, description });

  it('are kept by scope and language, and shown to those they are for', async () => {
    const fake = await start();
    const anna = fake.user({ languageCode: 'de' });
    const elsa = fake.user({ languageCode: 'en' });
    const group = fake.supergroup({ members: [anna] }).add(elsa, 'administrator');
    await call(fake, 'setMyCommands', { commands: [command('find')] });
    await call(fake, 'setMyCommands', { commands: [command('find', 'Suchen')], language_code: 'de' });
    const administrators = { type: 'all_chat_administrators' };
    await call(fake, 'setMyCommands', {
      commands: [command('find'), command('reindex')],
      scope: administrators,
    });
    const shown = (user: typeof anna, chat: typeof group) =>
      fake.commandsShownTo(user, chat).map(({ command: name, description }) => `${name}: ${description}`);
    expect(shown(anna, group)).toEqual(['find: Suchen']);
    expect(shown(anna, anna.privateChat)).toEqual(['find: Suchen']);
    expect(shown(elsa, group)).toEqual(['find: What it does', 'reindex: What it does']);
    expect(await call(fake, 'getMyCommands', { scope: administrators })).toHaveLength(2);
    expect(await call(fake, 'getMyCommands', { scope: administrators, language_code: 'de' })).toEqual([]);
    await call(fake, 'deleteMyCommands', { scope: administrators });
    expect(shown(elsa, group)).toEqual(['find: What it does']);
  });

  it('have names, descriptions, languages and numbers within limits', async () => {
    const fake = await start();
    const set = (commands: unknown, more = {}) => call(fake, 'setMyCommands', { commands, ...more });
    await set(Array.from({ length: 100 }, (_, index) => command(`c${index}`)));
    await expect(set(Array.from({ length: 101 }, (_, index) => command(`c${index}`)))).rejects.toThrow(
      'BOT_COMMANDS_TOO_MUCH',
    );
    await set([command('a'.repeat(32), 'x'.repeat(256))]);
    await expect(set([command('a'.repeat(33))])).rejects.toThrow('400: Bad Request: BOT_COMMAND_INVALID');
    await expect(set([command('more-like')])).rejects.toThrow('BOT_COMMAND_INVALID');
    await expect(set([command('find', '')])).rejects.toThrow('BOT_COMMAND_DESCRIPTION_INVALID');
    await expect(set([command('find', 'x'.repeat(257))])).rejects.toThrow('BOT_COMMAND_DESCRIPTION_INVALID');
    await expect(set([command('find')], { language_code: 'pt-BR' })).rejects.toThrow(
      'BOT_COMMAND_LANG_CODE_INVALID',
    );
    await expect(set([command('find')], { scope: { type: 'chat', chat_id: -5 } })).rejects.toThrow(
      'chat not found',
    );
  });
});
