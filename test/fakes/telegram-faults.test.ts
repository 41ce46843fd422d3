import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { call, clientOf, launchBot, plainPicture } from './telegram-bots.ts';
import { createManualClock } from './clock.ts';
import { startFakeTelegram, type FakeTelegram } from './telegram/start-fake-telegram.ts';

const running: FakeTelegram[] = [];

async function start(options?: Parameters<typeof startFakeTelegram>[0]): Promise<FakeTelegram> {
  const fake = await startFakeTelegram(options);
  running.push(fake);
  return fake;
}

afterEach(() => Promise.all(running.splice(0).map((fake) => fake.close())));

async function startedChat(fake: FakeTelegram): Promise<number> {
  const anna = fake.user();
  anna.sendText(anna.privateChat, '/start');
  await call(fake, 'getUpdates');
  return anna.privateChat.id;
}

describe('a scheduled fault', () => {
  it('answers 429 with retry_after, and the call succeeds when it is made again by hand', async () => {
    const fake = await start();
    const chat_id = await startedChat(fake);
    fake.faults.schedule('sendMessage', { type: 'error', code: 429, retryAfter: 3 });
    const error: unknown = await call(fake, 'sendMessage', { chat_id, text: 'x' }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      response: {
        error_code: 429,
        description: 'Too Many Requests: retry after 3',
        parameters: { retry_after: 3 },
      },
    });
    await call(fake, 'sendMessage', { chat_id, text: 'x' });
    expect(fake.callsOf('sendMessage').map(({ status, retryAfter }) => [status, retryAfter])).toEqual([
      [429, 3],
      [200, undefined],
    ]);
  });

  it('can be a 500, an HTML page, half a document, a cut connection or silence, for so many calls', async () => {
    const fake = await start();
    const chat_id = await startedChat(fake);
    const send = () => call(fake, 'sendMessage', { chat_id, text: 'x' });
    fake.faults.schedule('sendMessage', { type: 'error', code: 500 }, { times: 2, skip: 1 });
    fake.faults.schedule('*', { type: 'html', code: 502 });
    fake.faults.schedule('sendMessage', { type: 'malformed' });
    fake.faults.schedule('sendMessage', { type: 'drop' });
    await send();
    await expect(send()).rejects.toThrow('500: Internal Server Error');
    await expect(send()).rejects.toThrow('500: Internal Server Error');
    await expect(send()).rejects.toThrow('502: Bad Gateway');
    await expect(send()).rejects.toThrow('invalid json response body');
    await expect(send()).rejects.toThrow('socket hang up');
    expect(fake.faults.left).toBe(0);
    fake.faults.schedule('sendMessage', { type: 'silence' });
    const hanging = new AbortController();
    const silent = fetch(`${fake.url}/bot${fake.token}/sendMessage`, { signal: hanging.signal }).catch(
      String,
    );
    await fake.waitFor(() => fake.callsOf('sendMessage').length === 7, 'the call');
    hanging.abort();
    expect(await silent).toContain('AbortError');
    await fake.waitFor(() => fake.callsOf('sendMessage')[6]?.status === 0, 'the end of the call');
  });

  it('can lose only the answer of a call that took effect', async () => {
    const fake = await start();
    const anna = fake.user();
    anna.sendText(anna.privateChat, '/start');
    fake.faults.schedule('sendMessage', { type: 'drop' }, { afterEffect: true });
    await expect(call(fake, 'sendMessage', { chat_id: anna.privateChat.id, text: 'once' })).rejects.toThrow(
      'socket hang up',
    );
    expect(fake.bot.messagesIn(anna.privateChat).map(({ text }) => text)).toEqual(['once']);
  });

  it('can strike the download of a file', async () => {
    const fake = await start();
    const anna = fake.user();
    const photo = await anna.sendPhoto(anna.privateChat, await plainPicture(20, 20));
    const link = await clientOf(fake).getFileLink(photo.message.photo?.[0]?.file_id ?? '');
    fake.faults.schedule('file', { type: 'error', code: 500 });
    expect((await fetch(link)).status).toBe(500);
    expect((await fetch(link)).status).toBe(200);
    expect(fake.callsOf('file').map(({ status }) => status)).toEqual([500, 200]);
  });

  it('on getUpdates loses no update', async () => {
    const fake = await start();
    const anna = fake.user();
    anna.sendText(anna.privateChat, 'kept');
    fake.faults.schedule('getUpdates', { type: 'error', code: 429, retryAfter: 0 });
    const bot = launchBot(fake);
    await fake.waitFor(() => bot.updates.length === 1, 'the update');
    await bot.stop();
    expect(fake.callsOf('getUpdates')[0]?.status).toBe(429);
  });
});

describe('flood control', () => {
  it('takes a burst of ten in a chat, one a second afterwards, and counts an album by its items', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, flood: { perChat: true } });
    const chat_id = await startedChat(fake);
    const send = () => call(fake, 'sendMessage', { chat_id, text: 'x' });
    const photo = { type: 'photo', media: { source: await plainPicture(20, 20) } };
    await call(fake, 'sendMediaGroup', { chat_id, media: Array.from({ length: 5 }, () => photo) });
    for (let sent = 0; sent < 5; sent += 1) await send();
    await expect(send()).rejects.toThrow('429: Too Many Requests: retry after 10');
    clock.advance(9_000);
    await expect(send()).rejects.toThrow('429: Too Many Requests: retry after 1');
    clock.advance(1_000);
    await send();
    clock.advance(10_000);
    for (let sent = 0; sent < 9; sent += 1) await send();
    await expect(call(fake, 'sendMediaGroup', { chat_id, media: [photo, photo] })).rejects.toThrow(
      'retry after 10',
    );
  });

  it('takes 20 messages and 20 edits a minute in a group, and any number in a private chat', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, flood: { perGroup: true } });
    const group = fake.group();
    const chat_id = group.id;
    const { message_id } = (await call(fake, 'sendMessage', { chat_id, text: '0' })) as {
      message_id: number;
    };
    for (let sent = 1; sent < 20; sent += 1) await call(fake, 'sendMessage', { chat_id, text: String(sent) });
    await expect(call(fake, 'sendMessage', { chat_id, text: 'x' })).rejects.toThrow('retry after 60');
    const edit = (text: string) => call(fake, 'editMessageText', { chat_id, message_id, text });
    for (let edits = 1; edits <= 20; edits += 1) await edit(String(edits));
    await expect(edit('x')).rejects.toThrow('retry after 60');
    clock.advance(60_000);
    await call(fake, 'sendMessage', { chat_id, text: 'x' });
    const person = await startedChat(fake);
    for (let sent = 0; sent < 25; sent += 1) await call(fake, 'sendMessage', { chat_id: person, text: 'x' });
  });

  it('takes 30 messages a second over all chats', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, flood: { global: true } });
    const chats = Array.from({ length: 31 }, () => fake.group().id);
    for (const chat_id of chats.slice(0, 30)) await call(fake, 'sendMessage', { chat_id, text: 'x' });
    await expect(call(fake, 'sendMessage', { chat_id: chats[30], text: 'x' })).rejects.toThrow(
      'retry after 1',
    );
    clock.advance(1_000);
    await call(fake, 'sendMessage', { chat_id: chats[30], text: 'x' });
  });
});

describe('a session', () => {
  it('is closed only after ten minutes, and a log-out lasts ten minutes', async () => {
    const clock = createManualClock();
    const fake = await start({ clock });
    await expect(call(fake, 'close')).rejects.toThrow('429: Too Many Requests: retry after 600');
    clock.advance(600_000);
    expect(await call(fake, 'close')).toBe(true);
    expect(await call(fake, 'logOut')).toBe(true);
    await expect(call(fake, 'getMe')).rejects.toThrow('400: Logged out');
    clock.advance(600_000);
    expect(await call(fake, 'getMe')).toMatchObject({ is_bot: true });
  });

  it('at a server in local mode has absolute file paths and no download limit', async () => {
    const fake = await start({ localMode: true });
    const anna = fake.user();
    const bytes = Buffer.alloc(21 * 1024 * 1024, 3);
    const { message } = anna.sendDocument(anna.privateChat, bytes);
    const found = (await call(fake, 'getFile', { file_id: message.document?.file_id })) as {
      file_path: string;
    };
    expect(found.file_path).toMatch(/^\//);
    expect(readFileSync(found.file_path).equals(bytes)).toBe(true);
    expect((await fetch(`${fake.url}/file/bot${fake.token}${found.file_path}`)).status).toBe(404);
  });

  it('can hold a poll that repeats its offset, against busy loops', async () => {
    const clock = createManualClock();
    const fake = await start({ clock, holdRepeatedPolls: true });
    expect(await call(fake, 'getUpdates', { offset: 0 })).toEqual([]);
    const held = call(fake, 'getUpdates', { offset: 0 });
    await fake.waitFor(() => fake.callsOf('getUpdates').length === 2, 'the second poll');
    expect(fake.callsOf('getUpdates')[1]?.status).toBeUndefined();
    clock.advance(3_000);
    expect(await held).toEqual([]);
  });
});

describe('waiting for the bot', () => {
  it('fails with what was awaited and what the bot called', async () => {
    const fake = await start();
    await call(fake, 'getMe');
    await expect(fake.waitFor(() => false, 'a miracle', 20)).rejects.toThrow(
      /20 ms in vain for a miracle[^]*1 getMe 200/,
    );
  });
});
