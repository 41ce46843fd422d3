import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  malformedUpdates,
  startFakeTelegram,
  type FakeTelegram,
} from '../../fakes/telegram/start-fake-telegram.ts';
import type { SimulatedChat } from '../../fakes/telegram/simulation/simulated-chat.ts';
import type { ChatRecord, Post } from '../../fakes/telegram/world.ts';
import type { Fault } from '../../fakes/telegram/faults.ts';
import { colourPhoto } from '../../scenarios/colour-photo.ts';
import { createDice, startSoakBot } from '../start-soak-bot.ts';

const POSTS = 2000;
const PEOPLE = 100;
const GROUPS = 20;
/** The most posts that wait for an answer at the same time. */
const IN_FLIGHT = 60;

const SENDING = ['sendMediaGroup', 'sendMessage'];
const FAULTS: readonly { readonly fault: Fault; readonly afterEffect?: boolean }[] = [
  { fault: { type: 'error', code: 429, retryAfter: 3 } },
  { fault: { type: 'error', code: 500 } },
  { fault: { type: 'html', code: 502 } },
  { fault: { type: 'drop' } },
  { fault: { type: 'drop' }, afterEffect: true },
  { fault: { type: 'html', code: 504 }, afterEffect: true },
  { fault: { type: 'malformed' }, afterEffect: true },
];

/** @returns how many calls will fail. */
function injectFaults(fake: FakeTelegram, dice: (sides: number) => number): number {
  const before = fake.faults.left;
  const { fault, afterEffect = false } = FAULTS[dice(FAULTS.length)]!;
  fake.faults.schedule(SENDING[dice(SENDING.length)]!, fault, { afterEffect });
  if (dice(3) === 0)
    fake.faults.schedule(['getFile', 'file', 'sendChatAction'][dice(3)]!, { type: 'error', code: 500 });
  if (dice(4) === 0) fake.faults.schedule('getUpdates', FAULTS[dice(4)]!.fault);
  if (dice(4) === 0) fake.deliverMalformed(malformedUpdates[dice(malformedUpdates.length)]!);
  return fake.faults.left - before;
}

describe('a soak', () => {
  it(`of ${POSTS} posts with faults gives each post exactly one reply, and memory use does not grow`, async () => {
    const fake = await startFakeTelegram();
    const dice = createDice(7);
    const people = Array.from({ length: PEOPLE }, (_, n) => fake.user({ firstName: `Person ${n}` }));
    const groups = Array.from({ length: GROUPS }, (_, n) =>
      fake.supergroup({ title: `Group ${n}`, members: people }),
    );
    const photos = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        colourPhoto(isNear(n) ? `rgb(${200 + n}, ${n * 3}, ${60 - n})` : `rgb(${n}, ${40 - n}, ${215 + n})`),
      ),
    );
    const bot = await startSoakBot('telegram', fake);
    let faults = 0;
    const heaps: number[] = [];
    const asked: Asked[] = [];
    const untilOpen = async (most: number): Promise<void> => {
      const chats = new Set(asked.map(({ chat }) => chat.record));
      const open = () => asked.length - [...chats].reduce((sum, record) => sum + textsIn(record), 0);
      const end = Date.now() + 30_000;
      while (open() > most) {
        if (Date.now() > end) throw new Error(`${open()} posts were waiting for half a minute`);
        await setTimeout(25);
      }
    };

    for (let n = 1; n <= POSTS; n++) {
      if (dice(5) === 0) faults += injectFaults(fake, dice);
      const person = people[dice(PEOPLE)]!;
      const inGroup = dice(8) === 0;
      const chat = inGroup ? groups[dice(GROUPS)]! : person.privateChat;
      const caption = inGroup ? '@fashion_fake_bot' : '';
      const chosen = Array.from({ length: dice(20) === 0 ? 2 : 1 }, () => dice(photos.length));
      const bytes = chosen.map((place) => photos[place]!);
      const [post] =
        bytes.length > 1
          ? await person.sendAlbum(chat, bytes, { caption })
          : [await person.sendPhoto(chat, bytes[0]!, { caption })];
      // Telegram may deliver an earlier post again.
      const earlier = asked[dice(POSTS)];
      if (earlier && asked.length > 200 && dice(4) === 0) fake.deliverAgain(earlier.post);
      // With privacy mode on, a group's album reaches the bot as the one message whose caption names it.
      const seen = inGroup ? chosen.slice(0, 1) : chosen;
      asked.push({ chat, post: post!, albums: seen.some(isNear) ? 1 : 0 });
      if (n % 10 === 0) await untilOpen(IN_FLIGHT);
      if (n % 700 === 0) await bot.ask('restart');
      if (n % 500 === 0) heaps.push((await bot.ask('memory')).heap);
    }
    // Missing replies are counted below.
    await untilOpen(0).catch(() => undefined);
    const last = await bot.ask('stop');
    await bot.ended;

    const replies = asked.map((one) => repliesTo(fake, one));
    const withTexts = (holds: (n: number) => boolean) => replies.filter(({ texts }) => holds(texts)).length;
    console.log(
      [
        `${POSTS} posts, ${faults} faults, 2 restarts:`,
        `${withTexts((n) => n === 1)} with exactly one reply, ${withTexts((n) => n === 0)} with none, ${withTexts((n) => n > 1)} with more;`,
        `${replies.filter(({ albums }) => albums === 'missing').length} replies without their pictures;`,
        `heap after 500, 1000, 1500 and 2000 posts: ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')} MB;`,
        `calls: ${JSON.stringify(last.counts)}; warnings: ${JSON.stringify(last.warnings)}`,
      ].join(' '),
    );
    expect(replies.filter(({ texts, albums }) => texts !== 1 || albums !== 'right')).toEqual([]);
    expect(last.leaks).toBe(0);
    expect(heaps.at(-1)! - heaps[0]!).toBeLessThan(10e6);
    await fake.close();
  }, 180_000);
});

// --- Internal helpers ---

interface Asked {
  readonly chat: SimulatedChat;
  readonly post: Post;
  /** How many albums its reply should have. */
  readonly albums: number;
}

/** Every second photo is near some item. The others are weak matches, which are answered with text only. */
function isNear(place: number): boolean {
  return place % 2 === 0;
}

/** The number of the bot's texts in a chat. Each reply ends with one. */
function textsIn({ posts }: ChatRecord): number {
  return [...posts.values()].filter(({ fromBot, message }) => fromBot && message.text !== undefined).length;
}

function repliesTo(fake: FakeTelegram, { chat, post, albums }: Asked) {
  const own = fake.bot.messagesIn(chat).filter(({ replyTo }) => replyTo === post.message.message_id);
  const sent = own.filter(({ kind }) => kind === 'album').length;
  return {
    texts: own.filter(({ kind }) => kind === 'text').length,
    albums: sent === albums ? 'right' : sent < albums ? 'missing' : 'surplus',
  };
}
