import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FakeChannel } from '../../fakes/discord/fake-types.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/fake-discord.ts';
import type { Fault } from '../../fakes/discord/faults.ts';
import type { SeenInteraction, SeenMessage } from '../../fakes/discord/observe.ts';
import type { FakeUser } from '../../fakes/discord/fake-types.ts';
import { ATTACHMENT_ROUTE } from '../../fakes/discord/server.ts';
import type { MessageRecord } from '../../fakes/discord/state.ts';
import { colourPhoto } from '../../scenarios/colour-photo.ts';
import { createDice, startSoakBot } from '../start-soak-bot.ts';

const POSTS = 2000;
const PEOPLE = 100;
const SERVERS = 20;
/** The most posts that wait for an answer at the same time. */
const IN_FLIGHT = 60;

const FAULTS: readonly Fault[] = [
  { kind: 'rate-limit', retryAfterSeconds: 1 },
  { kind: 'rate-limit', retryAfterSeconds: 1, scope: 'shared' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'drop', when: 'before' },
  { kind: 'drop', when: 'after' },
];
/** The calls that are needed to answer a message or a command. */
const CALLS: readonly (readonly [method: string, route: string])[] = [
  ['POST', '/channels/:channel/messages'],
  ['POST', '/channels/:channel/messages'],
  ['POST', '/channels/:channel/typing'],
  ['GET', ATTACHMENT_ROUTE],
  ['POST', '/interactions/:interaction/:token/callback'],
  ['PATCH', '/webhooks/:application/:token/messages/:message'],
];
const MALFORMED: readonly (readonly [event: string, data: unknown])[] = [
  ['INTERACTION_CREATE', { id: '1', type: 2, token: 'x', data: { id: '2', name: 'find', type: 3 } }],
  ['MESSAGE_CREATE', { id: '3', content: null }],
  ['CHANNEL_UPDATE', 'nothing'],
  ['AN_EVENT_OF_TOMORROW', { new: true }],
];

/** Cuts the gateway connection, closes it with a code that allows a resume, requests a reconnect, or invalidates the session. */
function breakGateway({ gateway }: FakeDiscord, which: number): void {
  switch (which) {
    case 0:
      gateway.cut();
      return;
    case 1:
      gateway.close(4000);
      return;
    case 2:
      gateway.askReconnect();
      return;
    default:
      gateway.invalidate(true);
  }
}

function injectFaults(fake: FakeDiscord, dice: (sides: number) => number): void {
  const [method, route] = CALLS[dice(CALLS.length)]!;
  fake.faults.next({ method, route }, FAULTS[dice(FAULTS.length)]!);
  if (dice(8) === 0) breakGateway(fake, dice(4));
  if (dice(4) === 0) fake.gateway.inject(...MALFORMED[dice(MALFORMED.length)]!);
}

describe('a soak', () => {
  it(`of ${POSTS} posts with faults gives each post exactly one reply, and memory use does not grow`, async () => {
    const fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'], keepUploads: false });
    const dice = createDice(7);
    const people = Array.from({ length: PEOPLE }, (_, n) => fake.user(`person ${n}`));
    const channels = Array.from({ length: SERVERS }, (_, n) => {
      const server = fake.guild(`server ${n}`);
      for (const person of people) server.join(person);
      return server.textChannel('outfits');
    });
    const photos = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        colourPhoto(isNear(n) ? `rgb(${200 + n}, ${n * 3}, ${60 - n})` : `rgb(${n}, ${40 - n}, ${215 + n})`),
      ),
    );
    const bot = await startSoakBot('discord', fake);
    await fake.waitFor('the commands', () => fake.bot.commands().length > 0, 20_000);

    const asked: Asked[] = [];
    const untilOpen = async (most: number): Promise<void> => {
      const end = Date.now() + 60_000;
      for (let replies = repliesOf(fake); ; replies = repliesOf(fake)) {
        const open = asked.filter((one) => isOpen(one, replies)).length;
        if (open <= most) return;
        if (Date.now() > end) throw new Error(`${open} posts were waiting for a minute`);
        await setTimeout(50);
      }
    };
    /** Nothing that was taken may be lost; what came too late for the old door is delivered to the new one. */
    const restart = async (): Promise<number> => {
      const waiting = asked.filter((one) => isOpen(one, repliesOf(fake)));
      const loaded = new Set(fake.downloads.map(({ fileId }) => fileId));
      const taken = waiting.filter(({ files }) => files.some((id) => loaded.has(id)));
      await bot.ask('restart');
      const replies = repliesOf(fake);
      for (const one of waiting) {
        if (isOpen(one, replies) && !taken.includes(one)) fake.duplicateDelivery(one.target);
      }
      return taken.length;
    };

    const heaps: { readonly heap: number; readonly external: number }[] = [];
    let takenAtRestarts = 0;
    const began = Date.now();
    for (let n = 1; n <= POSTS; n++) {
      if (dice(5) === 0) injectFaults(fake, dice);
      const chosen = Array.from({ length: dice(20) === 0 ? 2 : 1 }, () => dice(photos.length));
      const files = chosen.map((place) => ({ name: `look-${place}.jpg`, bytes: photos[place]! }));
      const target = await ask(people[dice(PEOPLE)]!, channels[dice(SERVERS)]!, files, dice(16));
      asked.push({ target, files: filesOf(fake, target), galleries: chosen.filter(isNear).length });
      // As Discord may after a resume: an earlier one.
      const earlier = asked[dice(POSTS)];
      if (earlier && asked.length > 200 && dice(4) === 0) fake.duplicateDelivery(earlier.target);
      if (n % 10 === 0) await untilOpen(IN_FLIGHT);
      if (n % 700 === 0) takenAtRestarts += await restart();
      if (n % 500 === 0) heaps.push(await bot.ask('memory'));
    }
    // What is missing then is counted below.
    await untilOpen(0).catch(() => undefined);
    const seconds = Math.round((Date.now() - began) / 1000);
    const last = await bot.ask('stop');
    await bot.ended;

    const replies = repliesOf(fake);
    const accepted = asked.filter(({ target }) => !isMissed(target));
    const results = accepted.map((one) => ({ ...one, replies: replies.get(one.target.id) ?? [] }));
    const withReplies = (holds: (n: number) => boolean) =>
      results.filter((result) => holds(result.replies.length)).length;
    const wrong = results.filter((result) => result.replies.length !== 1);
    const bare = results.filter(
      ({ galleries, replies: [reply] }) => galleries > 0 && reply?.body.files.length === 0,
    );
    const { identifies, resumes } = fake.gateway.counts;
    const megabytes = (name: 'heap' | 'external') =>
      heaps.map((memory) => (memory[name] / 1e6).toFixed(1)).join(', ');
    console.log(
      [
        `${POSTS} posts in ${seconds} s, ${asked.length - accepted.length} of them commands that Discord itself gave up after 3 s without the bot;`,
        `${accepted.length} accepted: ${withReplies((n) => n === 1)} with exactly one reply, ${withReplies((n) => n === 0)} with none, ${withReplies((n) => n > 1)} with more;`,
        `${bare.length} replies without their pictures;`,
        `${identifies} logins, ${resumes} resumes, ${takenAtRestarts} posts in work at the 2 restarts;`,
        `heap after 500, 1000, 1500 and 2000 posts: ${megabytes('heap')} MB, outside of it: ${megabytes('external')} MB;`,
        `calls: ${JSON.stringify(last.counts)}; warnings: ${JSON.stringify(last.warnings)}`,
      ].join(' '),
    );
    expect(wrong.map(({ target, replies: some }) => [target.id, some.length])).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0.98 * POSTS);
    expect(bare.length).toBeLessThan(0.02 * POSTS);
    expect(resumes).toBeGreaterThan(0);
    expect(last.leaks).toBe(0);
    expect(heaps.at(-1)!.heap - heaps[0]!.heap).toBeLessThan(10e6);
    expect(heaps.at(-1)!.external - heaps[0]!.external).toBeLessThan(10e6);
    await fake.stop();
  }, 480_000);
});

// --- Internal helpers ---

interface Asked {
  readonly target: SeenMessage | SeenInteraction;
  /** The ids of its photos. */
  readonly files: readonly string[];
  /** How many of its photos are near some item, so that the reply shows pictures. */
  readonly galleries: number;
}

/** Every second photo is near some item. The others are weak matches, which are answered with text only. */
function isNear(place: number): boolean {
  return place % 2 === 0;
}

type Files = readonly { readonly name: string; readonly bytes: Buffer }[];

/** Asks by direct message most of the time, otherwise by a mention in a channel, by context menu, or by a command. */
async function ask(person: FakeUser, channel: FakeChannel, files: Files, variant: number) {
  switch (variant) {
    case 0:
    case 1:
      return person.post(channel, { files, mention: ['bot'] });
    case 2:
      return person.contextMenu('Find similar items', await person.post(channel, { files }));
    case 3:
      return person.slash('find', { photo: files[0]! }, { in: channel });
    default:
      return person.dm({ files });
  }
}

function filesOf({ world }: FakeDiscord, target: SeenMessage | SeenInteraction): string[] {
  const interaction = world.interactions.get(target.id);
  const message = world.messages.get(interaction?.targetId ?? target.id);
  return message?.body.files.map(({ id }) => id) ?? [];
}

/** Whether this is a command that the bot did not acknowledge within 3 s, because it was restarting. Discord says so itself. */
function isMissed(target: Asked['target']): boolean {
  return 'status' in target && target.status === 'failed';
}

function isOpen({ target }: Asked, replies: ReadonlyMap<string, unknown>): boolean {
  return !replies.has(target.id) && !isMissed(target);
}

/** The bot's visible, complete messages, by the message or interaction that they answer. */
function repliesOf({ world }: FakeDiscord): Map<string, MessageRecord[]> {
  const replies = new Map<string, MessageRecord[]>();
  for (const message of world.messages.values()) {
    const isWhole = message.body.components.length > 0 || message.body.content !== '';
    if (message.authorId !== world.application.id || message.deletedAt !== null || !isWhole) continue;
    const cause = message.interactionId ?? message.reference?.messageId ?? '';
    replies.set(cause, [...(replies.get(cause) ?? []), message]);
  }
  return replies;
}
