import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, clientOf, plainPicture } from './telegram-bots.ts';
import { createManualClock } from './clock.ts';
import { startFakeTelegram, type FakeTelegram } from './telegram/start-fake-telegram.ts';
import type { SimulatedUser } from './telegram/simulation/simulated-user.ts';

const clock = createManualClock();
let fake: FakeTelegram;
let anna: SimulatedUser;

beforeAll(async () => {
  fake = await startFakeTelegram({ clock });
  anna = fake.user();
  anna.sendText(anna.privateChat, '/start');
});

afterAll(() => fake.close());

function send(method: string, payload: Record<string, unknown>): Promise<unknown> {
  return call(fake, method, { chat_id: anna.privateChat.id, ...payload });
}

function lastText(): string | undefined {
  return fake.bot.messagesIn(anna.privateChat).at(-1)?.text;
}

describe('text', () => {
  it('is counted in UTF-16 code units after parsing', async () => {
    await send('sendMessage', { text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' });
    await send('sendMessage', { text: '&lt;'.repeat(4096), parse_mode: 'HTML' });
    await send('sendMessage', { text: '👗'.repeat(2048) });
    await expect(send('sendMessage', { text: 'x'.repeat(4097) })).rejects.toThrow(
      '400: Bad Request: message is too long',
    );
    await expect(send('sendMessage', { text: '👗'.repeat(2049) })).rejects.toThrow('message is too long');
    await expect(send('sendMessage', { text: '' })).rejects.toThrow(
      '400: Bad Request: message text is empty',
    );
    await expect(send('sendMessage', { text: ' \n ' })).rejects.toThrow('text must be non-empty');
  });

  it('of a caption ends at 1,024', async () => {
    const photo = (caption: string) => send('sendPhoto', { photo: fileId, caption });
    const { photo: sizes } = (await send('sendPhoto', { photo: { source: await plainPicture(50, 50) } })) as {
      photo: { file_id: string }[];
    };
    const fileId = sizes[0]?.file_id;
    await photo('x'.repeat(1024));
    await expect(photo('x'.repeat(1025))).rejects.toThrow('400: Bad Request: message caption is too long');
  });

  it('in HTML must be well formed', async () => {
    const html = (text: string) => send('sendMessage', { text, parse_mode: 'HTML' });
    const refused = (text: string, problem: string) =>
      expect(html(text)).rejects.toThrow(`400: Bad Request: can't parse entities: ${problem}`);
    await refused('Tops & <Tees>', 'Unsupported start tag "tees" at byte offset 7');
    await refused('é <b>bold', 'Can\'t find end tag corresponding to start tag "b"');
    await refused('<b>bold</i>', 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"');
    await refused('bold</b>', 'Unexpected end tag at byte offset 4');
    await refused('<a href="https://shop.example"', 'Unclosed start tag at byte offset 0');
    await refused('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0');
    await html('1 &lt; 2 &amp; <i>three</i> &copy; <a href="https://shop.example/?a=1&amp;b=2">four</a>');
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)).toMatchObject({
      text: '1 < 2 & three &copy; four',
      entities: [
        { type: 'italic', offset: 8, length: 5 },
        { type: 'text_link', offset: 21, length: 4, url: 'https://shop.example/?a=1&b=2' },
      ],
    });
  });

  it('drops a text link whose host has no dot, as Telegram does', async () => {
    await send('sendMessage', { text: '<a href="http://localhost:8080/x">item</a>', parse_mode: 'HTML' });
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)).toMatchObject({ text: 'item', entities: [] });
  });

  it('in MarkdownV2 must have reserved characters escaped', async () => {
    const markdown = (text: string) => send('sendMessage', { text, parse_mode: 'MarkdownV2' });
    await expect(markdown('98.5 %')).rejects.toThrow(
      "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    );
    await expect(markdown('a *bold')).rejects.toThrow(
      "can't parse entities: Can't find end of Bold entity at byte offset 2",
    );
    await markdown('*98\\.5* __u__ ||s|| `x.y` [l](https://shop.example/\\)) 👗 ~no~');
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)).toMatchObject({
      text: '98.5 u s x.y l 👗 no',
      entities: [
        { type: 'bold', offset: 0, length: 4 },
        { type: 'underline', offset: 5, length: 1 },
        { type: 'spoiler', offset: 7, length: 1 },
        { type: 'code', offset: 9, length: 3 },
        { type: 'text_link', offset: 13, length: 1, url: 'https://shop.example/)' },
        { type: 'strikethrough', offset: 18, length: 2 },
      ],
    });
    await expect(send('sendMessage', { text: 'x', parse_mode: 'BBCode' })).rejects.toThrow(
      'unsupported parse_mode',
    );
  });

  it('gets the entities Telegram finds by itself', async () => {
    await send('sendMessage', { text: 'ask @anna or /find at https://shop.example/a, not a/b' });
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)?.entities).toEqual([
      { type: 'mention', offset: 4, length: 5 },
      { type: 'bot_command', offset: 13, length: 5 },
      { type: 'url', offset: 22, length: 22 },
    ]);
  });
});

describe('a keyboard', () => {
  const withButtons = (inline_keyboard: unknown) =>
    send('sendMessage', { text: 'buttons', reply_markup: { inline_keyboard } });

  it('has callback data of 1 to 64 bytes', async () => {
    await withButtons([[{ text: 'a', callback_data: 'ä'.repeat(32) }]]);
    await expect(withButtons([[{ text: 'a', callback_data: 'ä'.repeat(33) }]])).rejects.toThrow(
      '400: Bad Request: BUTTON_DATA_INVALID',
    );
    await expect(withButtons([[{ text: 'a', callback_data: '' }]])).rejects.toThrow(
      'Text buttons are unallowed',
    );
  });

  it('has at most 100 buttons and links with a host', async () => {
    const row = Array.from({ length: 10 }, (_, index) => ({
      text: String(index),
      callback_data: String(index),
    }));
    await withButtons(Array.from({ length: 10 }, () => row));
    await expect(withButtons([...Array.from({ length: 10 }, () => row), [row[0]]])).rejects.toThrow(
      'reply markup is too long',
    );
    await expect(withButtons([[{ text: 'a', url: 'http://localhost:8080/' }]])).rejects.toThrow(
      "inline keyboard button URL 'http://localhost:8080/' is invalid",
    );
    await expect(withButtons('none')).rejects.toThrow('must be of type Array');
  });
});

describe('an album', () => {
  it('has 2 to 10 items, no keyboard, and photos apart from documents', async () => {
    const photo = { type: 'photo', media: { source: await plainPicture(40, 40) } };
    const document = { type: 'document', media: { source: await plainPicture(40, 40) } };
    const album = (media: unknown[], more = {}) => send('sendMediaGroup', { media, ...more });
    const items = (count: number) => Array.from({ length: count }, () => photo);
    expect(await album(items(10))).toHaveLength(10);
    await expect(album(items(11))).rejects.toThrow('400: Bad Request: too many messages to send as an album');
    await expect(album(items(1))).rejects.toThrow('too few messages to send as an album');
    await expect(album([photo, document])).rejects.toThrow(
      "can't use the media of the specified type in the album",
    );
    await expect(album(items(2), { reply_markup: { inline_keyboard: [] } })).rejects.toThrow(
      'an album carries no reply_markup',
    );
    await expect(album([photo, { type: 'animation', media: 'x' }])).rejects.toThrow(
      'can\'t parse InputMedia: type "animation"',
    );
    await expect(album([photo, { type: 'photo', media: 'AgACnot-a-file' }])).rejects.toThrow(
      'failed to send message #2 with the error message "wrong file identifier/HTTP URL specified"',
    );
  });
});

describe('an upload', () => {
  it('as a photo is a picture of at most 10 MB, 10,000 pixels of sides and a ratio of 20', async () => {
    const photo = (source: Buffer) => send('sendPhoto', { photo: { source, filename: 'a.jpg' } });
    const noise = Buffer.alloc(10 * 1024 * 1024 + 1, 7);
    await expect(photo(noise)).rejects.toThrow(
      '400: Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes',
    );
    await expect(photo(Buffer.from('not a picture'))).rejects.toThrow(
      '400: Bad Request: IMAGE_PROCESS_FAILED',
    );
    await photo(await plainPicture(9_000, 1_000));
    await expect(photo(await plainPicture(9_000, 1_001))).rejects.toThrow(
      '400: Bad Request: PHOTO_INVALID_DIMENSIONS',
    );
    await photo(await plainPicture(200, 10));
    await expect(photo(await plainPicture(210, 10))).rejects.toThrow('PHOTO_INVALID_DIMENSIONS');
    await expect(send('sendPhoto', {})).rejects.toThrow('there is no photo in the request');
  });

  it('as a document is at most 50 MB', async () => {
    const document = (bytes: number) =>
      send('sendDocument', { document: { source: Buffer.alloc(bytes, 1), filename: 'catalogue.pdf' } });
    expect(await document(50 * 1024 * 1024)).toMatchObject({
      document: { file_name: 'catalogue.pdf', mime_type: 'application/pdf', file_size: 52_428_800 },
    });
    await expect(document(50 * 1024 * 1024 + 1)).rejects.toThrow('413: Request Entity Too Large');
  });

  it('by address is fetched by Telegram, not by the bot', async () => {
    const photo = await plainPicture(80, 60);
    fake.webPages.set('https://shop.example/a.jpg', photo);
    fake.webPages.set('https://shop.example/page', Buffer.from('<html></html>'));
    await send('sendPhoto', { photo: 'https://shop.example/a.jpg' });
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)?.pictures[0]?.bytes).toEqual(photo);
    await expect(send('sendPhoto', { photo: 'https://shop.example/b.jpg' })).rejects.toThrow(
      'failed to get HTTP URL content',
    );
    await expect(send('sendPhoto', { photo: 'https://shop.example/page' })).rejects.toThrow(
      'wrong type of the web page content',
    );
  });
});

describe('a file', () => {
  it('is sent again by its file_id until that is invalidated, and never by another bot or as another kind', async () => {
    const bytes = await plainPicture(300, 400);
    const sent = await clientOf(fake).sendPhoto(anna.privateChat.id, { source: bytes });
    const fileId = sent.photo.at(-1)?.file_id ?? '';
    await send('sendPhoto', { photo: fileId });
    const reused = fake.bot.messagesIn(anna.privateChat).at(-1)?.pictures[0];
    expect(reused).toMatchObject({ reused: true });
    expect(reused?.bytes).toEqual(bytes);
    await expect(send('sendDocument', { document: fileId })).rejects.toThrow(
      "can't use file of type Photo as Document",
    );
    const foreign = fake.files.foreignId();
    await expect(send('sendPhoto', { photo: foreign })).rejects.toThrow(
      '400: Bad Request: wrong file identifier/HTTP URL specified',
    );
    fake.files.invalidate(fileId);
    await expect(send('sendPhoto', { photo: fileId })).rejects.toThrow(
      'wrong file identifier/HTTP URL specified',
    );
    await expect(call(fake, 'getFile', { file_id: fileId })).rejects.toThrow(
      'wrong file_id or the file is temporarily unavailable',
    );
    await expect(call(fake, 'getFile', { file_id: '?' })).rejects.toThrow('invalid file_id');
  });

  it('is downloaded up to 20 MB, for an hour, and not without the token', async () => {
    const small = anna.sendDocument(anna.privateChat, Buffer.alloc(20 * 1024 * 1024, 1));
    const large = anna.sendDocument(anna.privateChat, Buffer.alloc(20 * 1024 * 1024 + 1, 1));
    const path = async (file_id = '') =>
      ((await call(fake, 'getFile', { file_id })) as { file_path: string }).file_path;
    await expect(path(large.message.document?.file_id)).rejects.toThrow('400: Bad Request: file is too big');
    const found = await path(small.message.document?.file_id);
    const status = async (address: string) => (await fetch(`${fake.url}${address}`)).status;
    expect(await status(`/file/bot${fake.token}/${found}`)).toBe(200);
    expect(await status(`/file/bot1:other/${found}`)).toBe(401);
    clock.advance(3_600_001);
    expect(await status(`/file/bot${fake.token}/${found}`)).toBe(404);
  });

  it('of a sent-in picture keeps its format: a file as it was, a sticker as WebP', async () => {
    const png = await plainPicture(64, 64, '#00ff00', 'png');
    const document = anna.sendDocument(anna.privateChat, png, {
      fileName: 'look.png',
      mimeType: 'image/png',
      caption: 'as a file',
    });
    expect(document.message).toMatchObject({
      document: { file_name: 'look.png', mime_type: 'image/png' },
      caption: 'as a file',
    });
    expect(document.message.photo).toBeUndefined();
    const webp = await plainPicture(64, 64, '#00ff00', 'webp');
    const sticker = await anna.sendSticker(anna.privateChat, webp);
    const link = await clientOf(fake).getFileLink(sticker.message.sticker?.file_id ?? '');
    expect(await sharp(Buffer.from(await (await fetch(link)).arrayBuffer())).metadata()).toMatchObject({
      format: 'webp',
      width: 64,
    });
  });
});

describe('an edit', () => {
  it('changes what the bot wrote, keeps the history, and is refused when it changes nothing', async () => {
    const { message_id } = (await send('sendMessage', { text: 'Indexing: 1 of 10' })) as {
      message_id: number;
    };
    await send('editMessageText', { message_id, text: 'Indexing: 2 of 10' });
    await expect(send('editMessageText', { message_id, text: 'Indexing: 2 of 10' })).rejects.toThrow(
      '400: Bad Request: message is not modified: specified new message content and reply markup are exactly the same',
    );
    await send('editMessageReplyMarkup', {
      message_id,
      reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'a' }]] },
    });
    const edited = fake.bot.messagesIn(anna.privateChat).find(({ id }) => id === message_id);
    expect(edited).toMatchObject({
      text: 'Indexing: 2 of 10',
      editions: ['Indexing: 1 of 10', 'Indexing: 2 of 10'],
      keyboard: [[{ text: 'a' }]],
    });
    await expect(send('editMessageCaption', { message_id, caption: 'x' })).rejects.toThrow(
      'there is no caption in the message to edit',
    );
    await expect(send('editMessageText', { message_id: 1, text: 'x' })).rejects.toThrow(
      'message to edit not found',
    );
    const own = anna.sendText(anna.privateChat, 'mine').message.message_id;
    await expect(send('editMessageText', { message_id: own, text: 'x' })).rejects.toThrow(
      "message can't be edited",
    );
  });

  it('replaces a picture and its caption', async () => {
    const other = await plainPicture(70, 90, '#123456');
    const { message_id } = (await send('sendPhoto', { photo: { source: await plainPicture(70, 90) } })) as {
      message_id: number;
    };
    await send('editMessageCaption', { message_id, caption: 'one' });
    await send('editMessageMedia', {
      message_id,
      media: { type: 'photo', media: { source: other }, caption: 'two' },
    });
    const edited = fake.bot.messagesIn(anna.privateChat).find(({ id }) => id === message_id);
    expect(edited).toMatchObject({ text: 'two', editions: ['', 'one'] });
    expect(edited?.pictures[0]?.bytes).toEqual(other);
  });
});

describe('a message', () => {
  it('answers one that exists, or stands alone when that is allowed', async () => {
    const gone = anna.sendText(anna.privateChat, 'soon gone');
    anna.remove(gone);
    const { message_id } = gone.message;
    await expect(send('sendMessage', { text: 'late', reply_parameters: { message_id } })).rejects.toThrow(
      '400: Bad Request: message to be replied not found',
    );
    await send('sendMessage', {
      text: 'late',
      reply_parameters: { message_id, allow_sending_without_reply: true },
    });
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)).toMatchObject({ text: 'late', replyTo: undefined });
  });

  it('is deleted within 48 hours and only once', async () => {
    const { message_id } = (await send('sendMessage', { text: 'brief' })) as { message_id: number };
    await send('deleteMessage', { message_id });
    expect(fake.bot.messagesIn(anna.privateChat).at(-1)?.deleted).toBe(true);
    await expect(send('deleteMessage', { message_id })).rejects.toThrow('message to delete not found');
    const old = (await send('sendMessage', { text: 'old' })) as { message_id: number };
    clock.advance(172_801_000);
    await expect(send('deleteMessage', old)).rejects.toThrow("message can't be deleted for everyone");
    expect(await send('deleteMessages', { message_ids: [old.message_id] })).toBe(true);
    expect(lastText()).toBe('old');
  });

  it('takes one known reaction of the bot', async () => {
    const { message_id } = anna.sendText(anna.privateChat, 'nice').message;
    const react = (...emoji: string[]) =>
      send('setMessageReaction', {
        message_id,
        reaction: emoji.map((sign) => ({ type: 'emoji', emoji: sign })),
      });
    await react('👀');
    await expect(react('👀', '👍')).rejects.toThrow('REACTIONS_TOO_MANY');
    await expect(react('🦞')).rejects.toThrow('REACTION_INVALID');
  });
});

describe('a callback answer', () => {
  it('has at most 200 characters', async () => {
    const { message_id } = (await send('sendMessage', {
      text: 'press',
      reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'a' }]] },
    })) as { message_id: number };
    const post = fake.bot.messagesIn(anna.privateChat).find(({ id }) => id === message_id)?.posts[0];
    if (post === undefined) throw new Error('the message is missing');
    const { id } = anna.click(post, 'a');
    await expect(clientOf(fake).answerCbQuery(id, 'x'.repeat(201))).rejects.toThrow('MESSAGE_TOO_LONG');
    await clientOf(fake).answerCbQuery(id, 'x'.repeat(200));
  });
});

describe('a chat action', () => {
  it('is a known one and ends after five seconds or with the next message', async () => {
    const elsa = fake.user({ firstName: 'Elsa' });
    elsa.sendText(elsa.privateChat, 'hi');
    const act = (action: string) => call(fake, 'sendChatAction', { chat_id: elsa.privateChat.id, action });
    await act('typing');
    await expect(act('thinking')).rejects.toThrow('wrong parameter action in request');
    const [typing] = fake.bot.actionsIn(elsa.privateChat);
    expect(typing?.until).toBe(clock.now() + 5_000);
    clock.advance(2_000);
    await call(fake, 'sendMessage', { chat_id: elsa.privateChat.id, text: 'done' });
    expect(typing?.until).toBe(clock.now());
  });
});

describe('an address', () => {
  it('needs the right token and a known method, in any case', async () => {
    const answer = async (path: string, init?: RequestInit) => (await fetch(fake.url + path, init)).json();
    expect(await answer('/bot1:unknown/getMe')).toEqual({
      ok: false,
      error_code: 401,
      description: 'Unauthorized',
    });
    expect(await answer('/botsomething/getMe')).toEqual({
      ok: false,
      error_code: 404,
      description: 'Not Found',
    });
    expect(await answer('/')).toEqual({ ok: false, error_code: 404, description: 'Not Found' });
    expect(await answer(`/bot${fake.token}/sendPigeon`)).toEqual({
      ok: false,
      error_code: 404,
      description: 'Not Found: method not found',
    });
    expect(await answer(`/bot${fake.token}/GETME`)).toMatchObject({
      ok: true,
      result: { username: 'fashion_fake_bot' },
    });
    const body = new URLSearchParams({ chat_id: String(anna.privateChat.id), text: 'urlencoded' });
    expect(await answer(`/bot${fake.token}/sendMessage`, { method: 'POST', body })).toMatchObject({
      result: { text: 'urlencoded', from: { is_bot: true } },
    });
  });

  it('shows up in no recorded call with its token', () => {
    expect(fake.calls.length).toBeGreaterThan(0);
    expect(JSON.stringify(fake.calls)).not.toContain(fake.token.split(':')[1]);
  });
});
