import { REST } from '@discordjs/rest';
import { afterEach, describe, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { createManualClock } from './clock.ts';
import { plainRequest } from './discord/connect.ts';
import { type FakeDiscord, type FakeDiscordOptions, startFakeDiscord } from './discord/fake-discord.ts';

let fake: FakeDiscord;

afterEach(async () => {
  await fake.stop();
});

describe('the REST side', () => {
  it('refuses with 429, and @discordjs/rest waits and succeeds without a second message', async () => {
    const { channel } = await boutique();
    const rest = restClient();
    const create = { method: 'POST', route: '/channels/:channel/messages' };
    fake.faults.next(create, { kind: 'rate-limit', retryAfterSeconds: 0.2 });
    fake.faults.next(create, { kind: 'status', status: 500 });
    await rest.post(`/channels/${channel.id}/messages`, { body: { content: 'x' } });
    expect(fake.calls.map((call) => call.status)).toEqual([429, 500, 200]);
    expect(fake.bot.messagesIn(channel)).toHaveLength(1);
    expect(fake.faults.pending()).toBe(0);
  });

  it('announces its buckets and refuses what goes over them', async () => {
    const { channel } = await boutique({
      rateLimits: { 'message-create': { requests: 2, windowMs: 60_000 } },
    });
    const send = async () => plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, { content: 'x' });
    const [first, second, third] = [await send(), await send(), await send()];
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect([first, second].map((one) => one.headers.get('x-ratelimit-remaining'))).toEqual(['1', '0']);
    expect(first.headers.get('x-ratelimit-bucket')).toMatch(/^[0-9a-f]{32}$/);
    expect(third).toMatchObject({ status: 429, json: { global: false } });
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(Number(third.json.retry_after) - 0.001);
    fake.clock.advance(60_000);
    expect((await send()).status).toBe(200);
  });

  it('refuses the 51st request of a second with a global limit', async () => {
    await boutique({ clock: createManualClock(Date.now()) });
    const all = await Promise.all(
      Array.from({ length: 51 }, async () => plainRequest(fake, 'GET', '/users/@me')),
    );
    const refused = all.filter(
      (one) => one.status === 429 && one.headers.get('x-ratelimit-global') === 'true',
    );
    expect(refused).toHaveLength(1);
  });

  it('counts refused requests and, after too many, bans', async () => {
    fake = await startFakeDiscord({ limits: { invalidRequests: 3 } });
    const wrong = restClient('wrong');
    for (let n = 0; n < 3; n += 1) {
      await expect(wrong.setToken('wrong').get('/users/@me')).rejects.toMatchObject({ status: 401 });
    }
    expect(fake.invalidRequests()).toBe(3);
    expect(await plainRequest(fake, 'GET', '/users/@me')).toMatchObject({ status: 429 });
    fake.clock.advance(10 * 60_000);
    expect(await plainRequest(fake, 'GET', '/users/@me')).toMatchObject({ status: 200 });
  });

  it('can lose a request before and after its work, and hold one back', async () => {
    const { channel } = await boutique();
    const create = { method: 'POST', route: '/channels/:channel/messages' };
    const send = async (content: string) =>
      plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, { content });
    fake.faults.next(create, { kind: 'drop', when: 'before' });
    await expect(send('lost')).rejects.toThrow();
    fake.faults.next(create, { kind: 'drop', when: 'after' });
    await expect(send('unheard')).rejects.toThrow();
    const held = fake.faults.hold(create);
    const late = send('late');
    await held.arrived;
    expect(fake.bot.messagesIn(channel).map((message) => message.content)).toEqual(['unheard']);
    held.release();
    expect((await late).status).toBe(200);
  });

  it('takes only its version, its user agent and its routes', async () => {
    fake = await startFakeDiscord();
    const headers = {
      authorization: `Bot ${fake.token}`,
      'user-agent': 'DiscordBot (https://example.org, 1.0)',
    };
    expect((await fetch(`${fake.url}/v9/users/@me`, { headers })).status).toBe(400);
    expect((await fetch(`${fake.url}/v10/nothing`, { headers })).status).toBe(404);
    expect(
      (await fetch(`${fake.url}/v10/users/@me`, { headers: { authorization: headers.authorization } }))
        .status,
    ).toBe(403);
  });
});

describe('attachments', () => {
  it('expire, and cannot be had with a changed address', async () => {
    const { channel, ana } = await boutique();
    const post = await ana.post(channel, { files: [{ name: 'a.png', bytes: Buffer.from('hello') }] });
    const message = await plainRequest(fake, 'GET', `/channels/${channel.id}/messages/${post.id}`);
    const [attachment] = message.json.attachments as { url: string }[];
    const url = attachment?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(/hm=./, 'hm=z'))).status).toBe(404);
    expect((await fetch(url.replace(/ex=\w+/, 'ex=ffffffff'))).status).toBe(404);
    expect((await fetch(url.split('?')[0] ?? '')).status).toBe(404);
    fake.clock.advance(24 * 60 * 60_000 + 1000);
    expect((await fetch(url)).status).toBe(404);
  });

  it('can be large, cut short, redirected and refused', async () => {
    const { channel, ana } = await boutique();
    const deliveries = [
      {},
      { cutAfter: 1000 },
      { redirectTo: 'https://example.org/' },
      { status: 500 },
      { chunked: true },
    ];
    const files = deliveries.map((delivery, n) => ({
      name: `${n}.png`,
      bytes: 3_000_000,
      delivery,
      size: 5,
    }));
    const post = await ana.post(channel, { files });
    const message = await plainRequest(fake, 'GET', `/channels/${channel.id}/messages/${post.id}`);
    const [whole, cut, moved, broken, chunked] = message.json.attachments as {
      url: string;
      size: number;
    }[];
    expect(whole?.size).toBe(5);
    expect((await (await fetch(whole?.url ?? '')).arrayBuffer()).byteLength).toBe(3_000_000);
    await expect(fetch(cut?.url ?? '').then(async (answer) => answer.arrayBuffer())).rejects.toThrow();
    expect((await fetch(moved?.url ?? '', { redirect: 'manual' })).headers.get('location')).toBe(
      'https://example.org/',
    );
    expect((await fetch(broken?.url ?? '')).status).toBe(500);
    expect((await fetch(chunked?.url ?? '')).headers.get('content-length')).toBeNull();
  });

  it('can be slow, and record how much a client read before it gave up', async () => {
    const { channel, ana } = await boutique();
    const delivery = { bytesPerSecond: 20_000 };
    const post = await ana.post(channel, { files: [{ name: 'a.png', bytes: 1_000_000, delivery }] });
    const message = await plainRequest(fake, 'GET', `/channels/${channel.id}/messages/${post.id}`);
    const [attachment] = message.json.attachments as { url: string }[];
    const giveUp = new AbortController();
    const answer = await fetch(attachment?.url ?? '', { signal: giveUp.signal });
    await answer.body?.getReader().read();
    giveUp.abort();
    const download = await fake.waitFor('the download', () => fake.downloads[0]);
    expect(download.bytesSent).toBeLessThan(200_000);
  });
});

async function boutique(options: FakeDiscordOptions = {}): Promise<Boutique> {
  fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'], ...options });
  return openBoutique(fake);
}

function restClient(token = fake.token): REST {
  return new REST({ api: fake.url }).setToken(token);
}
