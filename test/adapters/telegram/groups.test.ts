import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../fakes/clock.ts';
import type { SimulatedChat } from '../../fakes/telegram/simulation/simulated-chat.ts';
import { colourPhoto, COLOURS } from '../../scenarios/colour-photo.ts';
import { type Bench, photo, useBenches } from './telegram-fixture.ts';
import { repliesIn } from './replies-in.ts';

const openBench = useBenches();
const NAME = '@fashion_fake_bot';

function replied({ driver }: Bench, chat: SimulatedChat, n = 1) {
  return driver.fake.waitFor(() => repliesIn(driver.fake, chat)[n - 1], `reply ${n}`);
}

describe('requests in Telegram', () => {
  it('in a topic are answered in that topic, both album and text', async () => {
    const bench = await openBench();
    const { fake } = bench.driver;
    const ada = fake.user();
    const forum = fake.forum({ members: [ada] });
    const shoes = forum.addTopic('Shoes');
    await ada.sendPhoto(forum, await colourPhoto(COLOURS.near), { topic: shoes, caption: NAME });
    const { messages } = await replied(bench, forum);
    expect(messages.map(({ topic, kind }) => [kind, topic])).toEqual([
      ['album', shoes],
      ['text', shoes],
    ]);
    expect(fake.bot.actionsIn(forum).every(({ topic }) => topic === shoes)).toBe(true);
  });

  it('follow the mode of their topic, which is set for that topic alone', async () => {
    const bench = await openBench();
    const { fake } = bench.driver;
    const mia = fake.user();
    const forum = fake.forum().add(mia, 'administrator');
    const [shoes, hats] = [forum.addTopic('Shoes'), forum.addTopic('Hats')];
    mia.sendText(forum, '/mode auto', { topic: shoes });
    await replied(bench, forum);
    await mia.sendPhoto(forum, await colourPhoto(COLOURS.near), { topic: hats });
    await mia.sendPhoto(forum, await colourPhoto(COLOURS.near), { topic: shoes });
    expect((await replied(bench, forum, 2)).messages[0]?.topic).toBe(shoes);
    await bench.driver.stop();
    expect(repliesIn(fake, forum)).toHaveLength(2);
  });

  it('by a reply outside of a forum are answered, although the thread of the reply is not a topic', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    const posted = await ada.sendPhoto(driver.group, await colourPhoto(COLOURS.near));
    const asked = ada.sendText(driver.group, '/find', { replyTo: posted });
    expect(asked.message.message_thread_id).toBeDefined();
    expect((await replied(bench, driver.group)).pictures).toHaveLength(5);
  });

  it('can be stickers, files with any name, and photos from other chats', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    const chat = ada.privateChat;
    const bytes = await colourPhoto(COLOURS.near);
    await ada.sendSticker(chat, bytes);
    expect((await replied(bench, chat, 1)).pictures).toHaveLength(5);
    ada.sendDocument(chat, bytes, { fileName: 'scan', mimeType: 'application/octet-stream' });
    expect((await replied(bench, chat, 2)).pictures).toHaveLength(5);
    const elsewhere = await driver.fake
      .channel()
      .postPhoto(await colourPhoto(COLOURS.alsoNear), { spoiler: true });
    ada.externalReply(chat, '/find', elsewhere);
    const answer = await replied(bench, chat, 3);
    expect(answer.text).toContain('<green-1>');
    expect(answer.pictures.every(({ spoiler }) => spoiler)).toBe(true);
  });

  it('download the smallest size of a photo that is large enough for the model', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    const { message } = await ada.sendPhoto(ada.privateChat, await colourPhoto(COLOURS.near));
    await replied(bench, ada.privateChat);
    // The colour embedder needs 16 pixels, and the thumbnail has at least twice as many.
    const smallest = [...(message.photo ?? [])].sort((a, b) => a.width - b.width)[0];
    expect(driver.fake.callsOf('getFile').map(({ parameters }) => parameters.file_id)).toEqual([
      smallest?.file_id,
    ]);
  });

  it('by /find are narrowed by the words after it, in upper or lower case', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    await ada.sendPhoto(driver.group, await colourPhoto(COLOURS.near), {
      caption: '/find ties for MEN, women',
    });
    const { text } = await replied(bench, driver.group);
    expect(text.match(/<red-\d+>/g)?.sort()).toEqual(['<red-12>', '<red-6>']);
  });

  it('can be photos in reply to the bot, but not texts in reply to it', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    await driver.post({ name: 'Ada' }, 'group', [await photo()], { mention: true });
    const { main } = await replied(bench, driver.group);
    ada.sendText(driver.group, 'thanks!', { replyTo: main });
    await ada.sendPhoto(driver.group, await colourPhoto(COLOURS.alsoNear), { replyTo: main });
    expect((await replied(bench, driver.group, 2)).text).toContain('<green-1>');
    await driver.stop();
    expect(repliesIn(driver.fake, driver.group)).toHaveLength(2);
  });

  it('are not seen in commands of other bots, unknown commands and conversations in a group', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const ada = driver.userOf(driver.person('Ada'));
    for (const text of ['/find@another_bot', '/ban', 'nice weather', 'mail me: a@fashion_fake_bot.example']) {
      ada.sendText(driver.group, text);
    }
    ada.sendText(driver.group, `/nonsense${NAME}`);
    expect((await replied(bench, driver.group)).text).toContain('There is no such command');
    await driver.stop();
    expect(repliesIn(driver.fake, driver.group)).toHaveLength(1);
  });

  it('by /start are answered with the help, in the language of the person', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const hans = driver.userOf(driver.person('Hans', { language: 'de' }));
    hans.sendText(hans.privateChat, '/start');
    expect((await replied(bench, hans.privateChat)).text).toContain('Sende ein Foto');
  });
});

describe('moderators', () => {
  it('include anonymous administrators, but not channels that write in a group', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const mia = driver.userOf(driver.person('Mia', { moderator: true }));
    driver.group.add(mia, 'administrator', { anonymous: true });
    const channel = driver.fake.channel({ title: 'Looks' });
    mia.sendText(driver.group, '/mode auto', { as: channel });
    expect((await replied(bench, driver.group, 1)).text).toContain('Only moderators');
    mia.sendText(driver.group, '/mode auto', { as: 'anonymous' });
    expect((await replied(bench, driver.group, 2)).text).toContain('auto: I also answer every photo');
  });

  it('are looked up when a command runs, so a person who has lost the right cannot run it', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const mia = driver.userOf(driver.person('Mia', { moderator: true }));
    mia.sendText(driver.group, '/mode off');
    expect((await replied(bench, driver.group, 1)).text).toContain('off: I only answer commands');
    driver.group.add(mia, 'member');
    mia.sendText(driver.group, '/mode auto');
    expect((await replied(bench, driver.group, 2)).text).toContain('Only moderators');
  });

  it('in a direct message are those that TELEGRAM_ADMINS names', async () => {
    const admins: string[] = [];
    const bench = await openBench({ settings: { admins } });
    const { driver } = bench;
    const mia = driver.userOf(driver.person('Mia'));
    mia.sendText(mia.privateChat, '/reindex');
    expect((await replied(bench, mia.privateChat, 1)).text).toContain('Only moderators');
    admins.push(String(mia.user.id));
    mia.sendText(mia.privateChat, '/reindex');
    await driver.until(
      () => repliesIn(driver.fake, mia.privateChat).some(({ text }) => text.includes('Reindex finished')),
      'the end of the reindex',
    );
  });

  it('can choose a mode by button when they typed none, and members cannot', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const mia = driver.userOf(driver.person('Mia', { moderator: true }));
    const bob = driver.userOf(driver.person('Bob'));
    mia.sendText(driver.group, '/mode');
    const { main, buttons } = await replied(bench, driver.group);
    expect(buttons).toEqual(['off', 'ask', 'auto']);
    mia.click(main, 'auto');
    await driver.until(
      () => repliesIn(driver.fake, driver.group)[0]?.text.includes('auto: I also answer') === true,
      'the new mode in place of the question',
    );
    bob.click(main, '/mode.off', { forged: true });
    await driver.until(
      () => repliesIn(driver.fake, driver.group)[0]?.text.includes('Only moderators') === true,
      'the refusal',
    );
  });

  it('are told which setting to change when privacy mode hides posted photos, unless the bot is an administrator', async () => {
    const bench = await openBench({ fake: { privacyMode: true } });
    const { driver } = bench;
    const mia = driver.userOf(driver.person('Mia', { moderator: true }));
    mia.sendText(driver.group, '/mode auto');
    expect((await replied(bench, driver.group, 1)).text).toContain('/setprivacy');
    driver.group.setBot('administrator');
    mia.sendText(driver.group, '/mode auto');
    expect((await replied(bench, driver.group, 2)).text).toContain('auto: I also answer every photo');
    expect(driver.logLines.join('\n')).toContain('privacy mode is on');
  });
});

describe('channels', () => {
  it('get answers below their posts only when their mode is auto', async () => {
    const bench = await openBench();
    const { fake } = bench.driver;
    const channel = fake.channel();
    await channel.postPhoto(await colourPhoto(COLOURS.near));
    channel.postText('/mode auto');
    expect((await replied(bench, channel, 1)).text).toContain('auto: I also answer every photo');
    const post = await channel.postPhoto(await colourPhoto(COLOURS.alsoNear));
    const answer = await replied(bench, channel, 2);
    expect(answer.messages[0]?.replyTo).toBe(post.message.message_id);
    await bench.driver.stop();
    expect(repliesIn(fake, channel)).toHaveLength(2);
  });
});

describe('the migration of a group', () => {
  it('keeps its mode', async () => {
    const bench = await openBench();
    const { driver } = bench;
    const mia = driver.fake.user();
    const group = driver.fake.group().add(mia, 'administrator');
    mia.sendText(group, '/mode auto');
    await replied(bench, group);
    const supergroup = driver.fake.migrate(group);
    await mia.sendPhoto(supergroup, await colourPhoto(COLOURS.near));
    expect((await replied(bench, supergroup)).pictures).toHaveLength(5);
  });

  it('during an answer leads to one answer, in the supergroup', async () => {
    const bench = await openBench();
    const { driver, bot } = bench;
    const ada = driver.fake.user();
    const group = driver.fake.group({ members: [ada] });
    const release = bot.hold('interactive');
    await ada.sendPhoto(group, await colourPhoto(COLOURS.near), { caption: NAME });
    await driver.until(() => bot.held === 1, 'the photo in the engine');
    const supergroup = driver.fake.migrate(group);
    release();
    expect((await replied(bench, supergroup)).pictures).toHaveLength(5);
    await driver.stop();
    expect(repliesIn(driver.fake, supergroup)).toHaveLength(1);
    expect(repliesIn(driver.fake, group)).toEqual([]);
  });
});

describe('the chat action', () => {
  it('is repeated every four seconds until the answer is sent', async () => {
    const clock = createManualClock();
    const { driver, bot } = await openBench({ clock });
    const ada = driver.userOf(driver.person('Ada'));
    const release = bot.hold('interactive');
    await ada.sendPhoto(ada.privateChat, await colourPhoto(COLOURS.near));
    for (let shown = 1; shown <= 3; shown++) {
      await driver.fake.waitFor(
        () => driver.fake.bot.actionsIn(ada.privateChat).length === shown,
        `chat action ${shown}`,
      );
      // Polls, because the fake has no event for what the door counts.
      await expect.poll(() => driver.counts.get('sendChatAction done')).toBe(shown);
      if (shown < 3) clock.advance(4000);
    }
    release();
    await driver.answer('direct', { name: 'Ada' }, 1);
    await driver.stop();
    clock.advance(60_000);
    expect(driver.fake.bot.actionsIn(ada.privateChat)).toHaveLength(3);
  });
});
