import { afterAll, describe, expect, it } from 'vitest';
import { call, plainPicture } from './telegram-bots.ts';
import { renderChat } from './telegram/render.ts';
import { startFakeTelegram } from './telegram/start-fake-telegram.ts';

const fake = await startFakeTelegram();

afterAll(() => fake.close());

describe('a rendered chat', () => {
  it('shows album, caption, quote, spoiler, text, buttons and what the bot is doing, and nothing deleted', async () => {
    const anna = fake.user();
    const asked = await anna.sendPhoto(anna.privateChat, await plainPicture(50, 60), {
      caption: 'this <coat>?',
    });
    const chat_id = anna.privateChat.id;
    const source = await plainPicture(30, 40);
    const photo = { type: 'photo', media: { source }, has_spoiler: true };
    await call(fake, 'sendMediaGroup', {
      chat_id,
      media: [{ ...photo, caption: '<b>Two</b> items', parse_mode: 'HTML' }, photo],
    });
    await call(fake, 'sendMessage', {
      chat_id,
      text: '1. <a href="https://shop.example/1">Skirt</a> 👗',
      parse_mode: 'HTML',
      reply_parameters: { message_id: asked.message.message_id },
      reply_markup: { inline_keyboard: [[{ text: 'More', callback_data: 'more' }]] },
    });
    const { message_id } = (await call(fake, 'sendMessage', { chat_id, text: 'regretted' })) as {
      message_id: number;
    };
    await call(fake, 'deleteMessage', { chat_id, message_id });
    await call(fake, 'sendChatAction', { chat_id, action: 'upload_photo' });
    const page = renderChat(fake, anna.privateChat, { theme: 'dark' });
    expect(page).toContain('<html lang="en" class="dark">');
    expect(page.match(/<figure class="spoiler">/g)).toHaveLength(2);
    expect(page).toContain('<div class="mosaic pairs">');
    expect(page).toContain('<div class="text"><b>Two</b> items</div>');
    expect(page).toContain('<span>this &lt;coat&gt;?</span>');
    expect(page).toContain('1. <a>Skirt</a> 👗');
    expect(page).toContain('<nav><div><span>More</span></div></nav>');
    expect(page).toContain('sending a photo…');
    expect(page).not.toContain('regretted');
  });

  it('says that several captions of an album show only when a picture is opened', async () => {
    const group = fake.group();
    const media = { source: await plainPicture(30, 40) };
    const items = ['one', 'two', 'three'].map((caption) => ({ type: 'photo', media, caption }));
    await call(fake, 'sendMediaGroup', { chat_id: group.id, media: items });
    expect(renderChat(fake, group)).toContain(
      'Seen only when a picture is opened:<ol><li>one</li><li>two</li><li>three</li></ol>',
    );
  });
});
