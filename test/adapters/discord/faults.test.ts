import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COLOURS } from '../../scenarios/colour-photo.ts';
import { createFastClock, type FastClock } from '../../test-clock.ts';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

const CREATE = { method: 'POST', route: '/channels/:channel/messages' };
const EDIT = { method: 'PATCH', route: '/webhooks/:application/:token/messages/:message' };
const CALLBACK = { method: 'POST', route: '/interactions/:interaction/:token/callback' };

let door: OpenDoor;
let clock: FastClock;

beforeEach(async () => {
  clock = createFastClock();
  door = await openDoor({ dependencies: { clock }, fake: { clock: clock.platform } });
  await door.adapter.start();
  await door.fake.waitFor('the commands', () => door.fake.bot.commands().length > 0);
});

afterEach(async () => {
  await door.close();
});

describe('a broken connection', () => {
  it('leads to no second answer when the first one had arrived', async () => {
    const { fake, ana, channel } = door;
    fake.faults.next(CREATE, { kind: 'drop', when: 'after' });
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    await door.answer();
    await door.adapter.stop();
    expect(
      fake.calls.filter(({ route, method }) => method === 'POST' && route === CREATE.route),
    ).toHaveLength(2);
    expect(fake.bot.messagesIn(channel)).toHaveLength(1);
  });

  it('before or after an acknowledgement or an edit still leads to one answer', async () => {
    const { fake, ana, channel } = door;
    fake.faults.next(CALLBACK, { kind: 'drop', when: 'before' });
    fake.faults.next(CALLBACK, { kind: 'drop', when: 'after' });
    fake.faults.next(EDIT, { kind: 'drop', when: 'after' });
    const post = await ana.post(channel, { files: [await photo()] });
    const seen = ana.contextMenu('Find similar items', post);
    await fake.waitFor('the answer', () => seen.response?.gallery.length === 5);
    expect(fake.faults.pending()).toBe(0);
    await door.adapter.stop();
    expect(fake.bot.messagesIn(channel)).toHaveLength(1);
  });

  it('is opened again when it closes while Discord requests a reconnect, and the process survives', async () => {
    const { fake, ana } = door;
    fake.gateway.invalidate(true);
    fake.gateway.askReconnect();
    fake.gateway.close(4000);
    await fake.waitFor('a connection', () => fake.gateway.counts.resumes > 0);
    await ana.dm({ files: [await photo()] });
    await fake.waitFor('the answer', () => fake.bot.directMessages(ana).length === 1);
    expect(fake.gateway.counts).toMatchObject({ identifies: 1, resumes: 1 });
  });

  it('is resumed, and events that are delivered again are not answered again', async () => {
    const { fake, ana, channel } = door;
    const post = await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    await door.answer();
    fake.gateway.cut();
    fake.duplicateDelivery(post);
    await ana.post(channel, { mention: ['bot'], files: [await photo(COLOURS.alsoNear)] });
    expect((await door.answer(2)).text).toContain('green-');
    expect(fake.gateway.counts).toMatchObject({ identifies: 1, resumes: 1 });
    await door.adapter.stop();
    expect(fake.bot.messagesIn(channel)).toHaveLength(2);
  });

  it('whose session Discord has ended gets a new session, no sooner than the gateway allows', async () => {
    const { fake, ana, channel } = door;
    fake.gateway.invalidate(false);
    await fake.waitFor(
      'the new session',
      () => fake.gateway.sessions.length === 1 && fake.gateway.counts.identifies === 2,
    );
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    await door.answer();
  });
});

describe('a stop', () => {
  it('while a connection is being opened lets the connection fail without ending the process', async () => {
    const own = await openDoor({ dependencies: { clock } });
    const { port } = new URL(own.fake.url);
    const held: Socket[] = [];
    let holds = false;
    const front = createServer((here) => {
      if (holds) held.push(here);
      else here.pipe(connect(Number(port), '127.0.0.1')).pipe(here);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    own.fake.world.origin = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const uncaught: unknown[] = [];
    const hear = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', hear);
    try {
      await own.adapter.start();
      holds = true;
      own.fake.gateway.cut();
      await expect.poll(() => held.length).toBe(1);
      await own.adapter.stop();
      held[0]!.destroy();
      await delay(100);
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', hear);
      await own.close();
      await new Promise((resolve) => front.close(resolve));
    }
  });
});

describe('an interaction', () => {
  it('that is delivered twice is answered once', async () => {
    const { fake, ana, channel } = door;
    const post = await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    const answer = await door.answer();
    expect(answer.replyTo).toBe(post.id);
    const click = ana.click(answer, 'More');
    fake.duplicateDelivery(click);
    await fake.waitFor('the next five', () => click.response?.gallery.length === 5);
    await door.adapter.stop();
    expect(fake.bot.messagesIn(channel)).toHaveLength(2);
    expect(await door.bot.metrics.render()).toContain('fashion_discord_events_total{outcome="repeated"} 1');
  });

  it('that is malformed is logged and ignored', async () => {
    const { fake, ana, channel } = door;
    fake.gateway.inject('INTERACTION_CREATE', {
      id: '1',
      type: 2,
      token: 'secret-interaction-token',
      application_id: fake.applicationId,
      channel_id: channel.id,
      data: { id: '2', type: 3, name: 'Find similar items', target_id: '5' },
      user: { id: '3', username: 'x', discriminator: '0', avatar: null, global_name: null },
    });
    fake.gateway.inject('MESSAGE_CREATE', { id: '9', channel_id: channel.id, type: 0, content: 7 });
    await fake.waitFor(
      'the lines',
      () => door.lines.filter((line) => line.includes('a malformed one is ignored')).length === 2,
    );
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    expect((await door.answer()).gallery).toHaveLength(5);
    expect(await door.bot.metrics.render()).toContain('fashion_discord_events_total{outcome="malformed"} 2');
    expect(door.lines.join('')).not.toContain('secret-interaction-token');
  });

  it('with a button of an older version of the bot is answered with a notice that the button has expired', async () => {
    const { fake, ana, channel } = door;
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    const answer = await door.answer();
    const record = fake.world.messages.get(answer.id);
    const text = JSON.stringify(record?.body.components).replaceAll('v1:', 'v0:');
    if (record)
      record.body = { ...record.body, components: JSON.parse(text) as typeof record.body.components };
    const click = ana.click(answer, 'More');
    await fake.waitFor('the notice', () => click.response?.text.includes('has expired'));
    expect(click.ephemeral).toBe(true);
  });
});

describe('a channel that refuses the bot', () => {
  it('is logged once, is not tried for a while, and is answered again when its permissions change', async () => {
    const { fake, ana, channel } = door;
    channel.deny('bot', ['SendMessages']);
    const ask = async (): Promise<void> => {
      await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    };
    const creates = (): number =>
      fake.calls.filter(({ method, route }) => method === 'POST' && route === CREATE.route).length;
    await ask();
    await fake.waitFor('the refusal', () => door.lines.some((line) => line.includes('could not be sent')));
    await ask();
    await ask();
    await ana.dm({ files: [await photo()] });
    await fake.waitFor('the direct answer', () => fake.bot.directMessages(ana).length === 1);
    await fake.waitFor('one here, one in the direct messages', () => creates() === 2);
    clock.advance(61_000);
    await ask();
    await fake.waitFor('the second try', () => creates() === 3);
    channel.allow('bot', ['SendMessages']);
    await fake.waitFor('the news', () => door.lines.length > 0);
    await ask();
    expect((await door.answer()).gallery).toHaveLength(5);
    expect(door.lines.filter((line) => line.includes('could not be sent'))).toHaveLength(1);
  });

  it('only attachments and message history still gets the text', async () => {
    const { ana, channel } = door;
    channel.deny('bot', ['AttachFiles', 'ReadMessageHistory']);
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    const answer = await door.answer();
    expect(answer).toMatchObject({ replyTo: null, gallery: [] });
    expect(answer.text).toContain('Item <red-');
  });
});

describe('a rate limit of Discord', () => {
  it('is waited for and counted', async () => {
    const { fake, ana, channel, bot } = door;
    fake.faults.next(CREATE, { kind: 'rate-limit', retryAfterSeconds: 0.3 });
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    await door.answer();
    const metrics = await bot.metrics.render();
    expect(metrics).toMatch(
      /fashion_discord_rate_limited_total\{how="refused",route="\/channels\/:id\/messages"\} 1/,
    );
    expect(metrics).toMatch(/fashion_discord_rate_limit_wait_seconds_total\{how="refused",[^}]*\} \d/);
    expect(metrics).toMatch(/fashion_discord_invalid_requests_total 1/);
    expect(metrics).toMatch(
      /fashion_discord_calls_total\{method="POST",route="\/channels\/:id\/messages",status="429"\} 1/,
    );
    // Ids and tokens in labels would create a time series for each of them.
    expect(metrics).not.toContain(channel.id);
  });
});

describe('secrets', () => {
  it('are not in any log line, whatever fails', async () => {
    const { fake, ana, channel, guild } = door;
    const post = await ana.post(channel, { files: [{ ...(await photo()), delivery: { status: 500 } }] });
    const first = ana.contextMenu('Find similar items', post);
    await fake.waitFor('the first', () => first.status === 'answered');
    fake.faults.next(EDIT, { kind: 'status', status: 404, code: 10_015, message: 'Unknown Webhook' });
    const second = ana.contextMenu('Find similar items', post);
    await fake.waitFor('its line', () => door.lines.some((line) => line.includes('10015')));
    fake.faults.next(CALLBACK, { kind: 'status', status: 404, code: 10_062, message: 'Unknown interaction' });
    const third = ana.contextMenu('Find similar items', post);
    await fake.waitFor('its line', () => door.lines.some((line) => line.includes('10062')));
    guild.setBotPermissions([]);
    await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    await ana.dm({ files: [await photo()] });
    await fake.waitFor('the direct answer', () => fake.bot.directMessages(ana).length === 1);
    await door.adapter.stop();
    const tokens = [first, second, third].map(({ id }) => fake.world.interactions.get(id)?.token ?? 'none');
    expect(tokens).not.toContain('none');
    for (const secret of [
      ...tokens,
      fake.token,
      fake.token.split('.')[2],
      'hm=',
      '/attachments/',
      'coat.jpg',
    ]) {
      expect(door.lines.filter((line) => line.includes(secret ?? ''))).toEqual([]);
    }
  });
});

describe('stopping the door', () => {
  it('tells people whose answer is not ready that the bot is being restarted', async () => {
    const { fake, ana, channel, bot } = door;
    const release = bot.hold('interactive');
    const target = await ana.post(channel, { files: [await photo()] });
    const menu = ana.contextMenu('Find similar items', target);
    await ana.post(channel, { mention: ['bot'], files: [await photo(COLOURS.alsoNear)] });
    await fake.waitFor('both in the engine', () => bot.held === 2);
    await door.adapter.stop();
    expect(
      menu.followUps
        .concat(menu.response ?? [])
        .map(({ text }) => text)
        .join(),
    ).toContain('being restarted');
    expect(fake.bot.messagesIn(channel).map(({ text }) => text)).toEqual([
      expect.stringContaining('being restarted'),
      expect.stringContaining('being restarted'),
    ]);
    expect(door.lines.filter((line) => line.includes('could not be finished'))).toHaveLength(1);
    release();
    await bot.conversation.close();
    expect(fake.bot.messagesIn(channel).flatMap(({ gallery }) => gallery)).toEqual([]);
  });
});
