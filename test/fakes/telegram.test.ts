import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { Markup, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import { afterEach, describe, expect, it } from 'vitest';
import { call, clientOf, launchBot, plainPicture, type PollingBot } from './telegram-bots.ts';
import { createManualClock } from './clock.ts';
import type { FakeTelegramOptions } from './telegram/create-world.ts';
import { malformedUpdates, startFakeTelegram, type FakeTelegram } from './telegram/start-fake-telegram.ts';

const running: { fakes: FakeTelegram[]; bots: PollingBot[]; servers: Server[] } = {
  fakes: [],
  bots: [],
  servers: [],
};

async function start(options?: FakeTelegramOptions): Promise<FakeTelegram> {
  const fake = await startFakeTelegram(options);
  running.fakes.push(fake);
  return fake;
}

function launch(...parameters: Parameters<typeof launchBot>): PollingBot {
  const bot = launchBot(...parameters);
  running.bots.push(bot);
  return bot;
}

async function listen(server: Server): Promise<string> {
  running.servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await Promise.all(running.bots.splice(0).map((bot) => bot.stop()));
  await Promise.all(running.fakes.splice(0).map((fake) => fake.close()));
  for (const server of running.servers.splice(0)) server.close();
});

describe('the fake Telegram under unmodified telegraf', () => {
  it('lets an idle bot hang in one getUpdates instead of asking again and again', async () => {
    const fake = await start();
    const anna = fake.user();
    launch(fake, (bot) =>
      bot.on(message('text'), (context) => context.reply(`heard ${context.message.text}`)),
    );
    await fake.waitFor(() => fake.callsOf('getUpdates').length === 1, 'the first poll');
    anna.sendText(anna.privateChat, 'hello');
    await fake.waitFor(() => fake.bot.messagesIn(anna.privateChat).length === 1, 'an answer');
    expect(fake.bot.messagesIn(anna.privateChat)[0]?.text).toBe('heard hello');
    expect(fake.callsOf('getUpdates').length).toBeLessThanOrEqual(2);
  });

  it('gives out a photo in several sizes and lets the bot download one of them', async () => {
    const fake = await start();
    const anna = fake.user();
    const bot = launch(fake);
    await anna.sendPhoto(anna.privateChat, await plainPicture(900, 600), { caption: 'coat' });
    await fake.waitFor(() => bot.updates.length === 1, 'the update');
    const update = bot.updates[0];
    const sizes =
      update !== undefined && 'message' in update && 'photo' in update.message ? update.message.photo : [];
    const widths = sizes.map(({ width }) => width);
    expect([...widths].sort((a, b) => a - b)).toEqual([90, 320, 800, 900]);
    expect(widths).not.toEqual([90, 320, 800, 900]);
    const middle = sizes.find(({ width }) => width === 320);
    const link = await bot.bot.telegram.getFileLink(middle?.file_id ?? '');
    const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 213 });
  });

  it('keeps an album with captions and a text with buttons as the bot sent them', async () => {
    const fake = await start();
    const anna = fake.user();
    const asked = await anna.sendPhoto(anna.privateChat, await plainPicture(400, 500), { spoiler: true });
    const pictures = await Promise.all(
      ['#111111', '#222222', '#333333', '#444444', '#555555'].map((colour) => plainPicture(60, 80, colour)),
    );
    const telegram = clientOf(fake);
    await telegram.sendChatAction(anna.privateChat.id, 'upload_photo');
    // telegraf 4.16.3 leaves objects out of multipart bodies: only as JSON text does reply_parameters arrive.
    const reply_parameters = { message_id: asked.message.message_id, allow_sending_without_reply: true };
    await telegram.sendMediaGroup(
      anna.privateChat.id,
      pictures.map((source, index) => ({
        type: 'photo' as const,
        media: { source },
        caption: `<b>${index + 1}</b> &lt;skirt&gt;`,
        parse_mode: 'HTML' as const,
        has_spoiler: true,
      })),
      { reply_parameters: JSON.stringify(reply_parameters) as unknown as typeof reply_parameters },
    );
    const buttons = [
      Markup.button.callback('More', 'more:1'),
      Markup.button.url('Shop', 'https://shop.example/1'),
    ];
    await telegram.sendMessage(anna.privateChat.id, 'Five items', {
      reply_parameters,
      reply_markup: Markup.inlineKeyboard([buttons]).reply_markup,
    });
    const [album, text] = fake.bot.messagesIn(anna.privateChat);
    expect(album).toMatchObject({ kind: 'album', replyTo: asked.message.message_id, deleted: false });
    expect(album?.pictures.map(({ caption }) => caption)).toEqual(
      [1, 2, 3, 4, 5].map((rank) => `${rank} <skirt>`),
    );
    expect(album?.pictures.map(({ bytes }) => bytes)).toEqual(pictures);
    expect(album?.pictures.every(({ spoiler, reused }) => spoiler && !reused)).toBe(true);
    expect(album?.pictures[0]?.captionEntities).toEqual([{ type: 'bold', offset: 0, length: 1 }]);
    expect(text?.keyboard).toEqual([
      [
        { text: 'More', data: 'more:1', url: '' },
        { text: 'Shop', data: '', url: 'https://shop.example/1' },
      ],
    ]);
    expect(fake.bot.actionsIn(anna.privateChat)).toMatchObject([{ action: 'upload_photo' }]);
  });

  it('sends a button click to the bot, which may answer it once and within fifteen seconds', async () => {
    const clock = createManualClock();
    const fake = await start({ clock });
    const anna = fake.user();
    anna.sendText(anna.privateChat, '/start');
    await call(fake, 'sendMessage', {
      chat_id: anna.privateChat.id,
      text: 'Choose',
      reply_markup: { inline_keyboard: [[{ text: 'More', callback_data: 'more' }]] },
    });
    const post = fake.bot.messagesIn(anna.privateChat)[0]?.posts[0];
    if (post === undefined) throw new Error('the message is missing');
    const bot = launch(fake, (telegraf) =>
      telegraf.on('callback_query', (context) => context.answerCbQuery('on it')),
    );
    const click = anna.click(post, 'More');
    await fake.waitFor(() => click.answer, 'the answer');
    expect(click).toMatchObject({ data: 'more', answer: { text: 'on it', alert: false } });
    const tooLate = /query is too old and response timeout expired/;
    await expect(bot.bot.telegram.answerCbQuery(click.id)).rejects.toThrow(tooLate);
    await bot.stop();
    const second = anna.click(post, 'more');
    clock.advance(15_001);
    await expect(bot.bot.telegram.answerCbQuery(second.id)).rejects.toThrow(tooLate);
    expect(() => anna.click(post, 'Less')).toThrow('no button «Less»');
  });

  it('fails the older of two pollers with 409, and both while a webhook is set', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, anyWebhookAddress: true });
    const first = launch(fake);
    await fake.waitFor(() => fake.callsOf('getUpdates').length === 1, 'the first poller');
    const second = launch(fake);
    await expect(first.ended).resolves.toMatchObject({
      message: expect.stringContaining('409: Conflict: terminated by other getUpdates request') as string,
    });
    expect(fake.callsOf('getUpdates').at(-1)?.status).toBeUndefined();
    clock.advance(3_000);
    await call(fake, 'setWebhook', { url: 'http://127.0.0.1:9/hook' });
    await expect(second.ended).resolves.toMatchObject({
      message: expect.stringContaining('409: Conflict: terminated by setWebhook request') as string,
    });
    clock.advance(3_000);
    await expect(call(fake, 'getUpdates')).rejects.toThrow(
      "409: Conflict: can't use getUpdates method while webhook",
    );
  });

  it('spaces 409 answers three seconds apart', async () => {
    const clock = createManualClock();
    const fake = await start({ clock });
    const polls = [1, 2, 3].map(async () => call(fake, 'getUpdates', { timeout: 50 }).catch(String));
    await fake.waitFor(
      () => fake.callsOf('getUpdates').filter(({ status }) => status === 409).length === 1,
      'a 409',
    );
    await fake.waitFor(() => fake.callsOf('getUpdates').length === 3, 'three polls');
    expect(fake.callsOf('getUpdates').filter(({ status }) => status !== undefined)).toHaveLength(1);
    // One more call on the wire, so that the second refusal has been put off by now.
    await call(fake, 'getMe');
    clock.advance(3_000);
    await fake.waitFor(
      () => fake.callsOf('getUpdates').filter(({ status }) => status === 409).length === 2,
      'the next 409',
    );
    clock.advance(50_000);
    expect(await Promise.all(polls)).toContainEqual([]);
  });

  it('repeats unconfirmed updates, forgets confirmed ones and drops those older than a day', async () => {
    const clock = createManualClock();
    const fake = await start({ clock });
    const anna = fake.user();
    for (const word of ['one', 'two', 'three']) anna.sendText(anna.privateChat, word);
    const first = fake.updates.pending[0]?.id ?? 0;
    const read = async (payload: Record<string, unknown>) =>
      ((await call(fake, 'getUpdates', payload)) as { update_id: number }[]).map(
        ({ update_id }) => update_id - first,
      );
    expect(await read({ limit: 2 })).toEqual([0, 1]);
    expect(await read({})).toEqual([0, 1, 2]);
    expect(await read({ offset: first + 1 })).toEqual([1, 2]);
    expect(await read({})).toEqual([1, 2]);
    expect(await read({ offset: -1 })).toEqual([2]);
    clock.advance(86_400_001);
    expect(await read({})).toEqual([]);
  });

  it('remembers allowed_updates until another list comes', async () => {
    const fake = await start();
    const anna = fake.user();
    await call(fake, 'getUpdates', { allowed_updates: ['callback_query'] });
    anna.sendText(anna.privateChat, 'unheard');
    expect(await call(fake, 'getUpdates')).toEqual([]);
    await call(fake, 'getUpdates', { allowed_updates: [] });
    anna.sendText(anna.privateChat, 'heard');
    expect(await call(fake, 'getUpdates')).toMatchObject([{ message: { text: 'heard' } }]);
  });

  it('delivers an update twice, and malformed ones, when a test asks for it', async () => {
    const fake = await start();
    const anna = fake.user();
    const bot = launch(fake, (telegraf) => telegraf.catch(() => undefined));
    const post = anna.sendText(anna.privateChat, 'again');
    await fake.waitFor(() => bot.updates.length === 1, 'the update');
    fake.deliverAgain(post);
    await fake.waitFor(() => bot.updates.length === 2, 'the same update');
    expect(bot.updates[1]).toEqual(bot.updates[0]);
  });

  it('delivers malformed updates when a test asks for them', async () => {
    const fake = await start();
    for (const update of malformedUpdates) fake.deliverMalformed(update);
    const raw = (await call(fake, 'getUpdates', { offset: fake.updates.lastId })) as unknown[];
    expect(raw).toEqual([{ update_id: fake.updates.lastId, kind_of_the_future: { id: 1 } }]);
  });
});

describe('the webhook of the fake', () => {
  it('pushes with the secret, again after a failure, and stops when it is deleted', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, anyWebhookAddress: true });
    const anna = fake.user();
    const bot = new Telegraf(fake.token, { telegram: { apiRoot: fake.url, webhookReply: false } });
    bot.on(message('text'), (context) => context.reply('pushed'));
    const callback = bot.webhookCallback('/hook', { secretToken: 'a-secret_1' });
    let broken = 2;
    const url = await listen(
      createServer((request, response) => {
        if (broken > 0) {
          broken -= 1;
          response.writeHead(500).end();
        } else void callback(request, response);
      }),
    );
    await bot.telegram.setWebhook(`${url}/hook`, { secret_token: 'a-secret_1' });
    anna.sendText(anna.privateChat, 'hello');
    await fake.waitFor(() => fake.webhook.deliveries.length === 2, 'two failures');
    expect(await call(fake, 'getWebhookInfo')).toMatchObject({
      pending_update_count: 1,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    });
    clock.advance(2_000);
    await fake.waitFor(() => fake.bot.messagesIn(anna.privateChat).length === 1, 'the answer');
    await fake.waitFor(() => fake.updates.pending.length === 0, 'the confirmation');
    expect(fake.webhook.deliveries.map(({ status }) => status)).toEqual([500, 500, 200]);
    await bot.telegram.deleteWebhook();
    anna.sendText(anna.privateChat, 'later');
    expect(await call(fake, 'getUpdates')).toMatchObject([{ message: { text: 'later' } }]);
    expect(JSON.stringify(fake.calls)).not.toContain('a-secret_1');
  });

  it('is turned away by a bot that expects another secret', async () => {
    const fake = await start({ anyWebhookAddress: true });
    const bot = new Telegraf(fake.token, { telegram: { apiRoot: fake.url } });
    const callback = bot.webhookCallback('/hook', { secretToken: 'the-right-one' });
    const url = await listen(createServer((request, response) => void callback(request, response)));
    await bot.telegram.setWebhook(`${url}/hook`, { secret_token: 'the-wrong-one' });
    const anna = fake.user();
    anna.sendText(anna.privateChat, 'hello');
    await fake.waitFor(() => fake.webhook.deliveries.length > 0, 'a push');
    expect(fake.webhook.deliveries[0]?.status).toBe(403);
  });

  it('runs a method that the bot gives as its answer', async () => {
    const fake = await start({ anyWebhookAddress: true });
    const anna = fake.user();
    const bot = new Telegraf(fake.token, { telegram: { apiRoot: fake.url, webhookReply: true } });
    bot.on(message('text'), (context) => context.sendChatAction('typing'));
    const callback = bot.webhookCallback('/hook');
    const url = await listen(createServer((request, response) => void callback(request, response)));
    await bot.telegram.setWebhook(`${url}/hook`);
    anna.sendText(anna.privateChat, 'hello');
    await fake.waitFor(() => fake.bot.actionsIn(anna.privateChat).length === 1, 'the action');
    expect(fake.callsOf('sendChatAction')).toHaveLength(1);
  });

  it('accepts only https addresses on the four ports by default', async () => {
    const fake = await start();
    await expect(call(fake, 'setWebhook', { url: 'http://bot.example/hook' })).rejects.toThrow(
      'An HTTPS URL must be provided',
    );
    await expect(call(fake, 'setWebhook', { url: 'https://bot.example:8080/hook' })).rejects.toThrow(
      'only on ports 80, 88, 443 or 8443',
    );
    const secret_token = 'not allowed!';
    await expect(call(fake, 'setWebhook', { url: 'https://bot.example/', secret_token })).rejects.toThrow(
      'unallowed characters',
    );
    expect(await call(fake, 'setWebhook', { url: 'https://bot.example:8443/' })).toBe(true);
  });
});
