import { type Client, Events, GatewayIntentBits, Status } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { createManualClock } from './clock.ts';
import { connect, createClient, plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';

let fake: FakeDiscord;
const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.destroy()));
  await fake.stop();
});

describe('the gateway', () => {
  it('replays what a client missed while its connection was cut', async () => {
    const { channel, ana, client } = await boutique();
    const heard: string[] = [];
    client.on(Events.MessageCreate, (message) => heard.push(message.content));
    await ana.post(channel, { content: 'before' });
    await fake.waitFor('the first', () => heard.length === 1);
    fake.gateway.cut();
    await fake.waitFor('the cut', () => fake.gateway.sessions[0]?.socket() === null);
    await ana.post(channel, { content: 'meanwhile' });
    await fake.waitFor('the resume', () => fake.gateway.counts.resumes === 1);
    await ana.post(channel, { content: 'after' });
    await fake.waitFor('the rest', () => heard.length === 3);
    expect(heard).toEqual(['before', 'meanwhile', 'after']);
    expect(fake.gateway.counts.identifies).toBe(1);
  });

  it.each([
    [
      'asked to reconnect',
      () => {
        fake.gateway.askReconnect();
      },
    ],
    [
      'closed with 4000',
      () => {
        fake.gateway.close(4000);
      },
    ],
    [
      'told that its session is invalid but resumable',
      () => {
        fake.gateway.invalidate(true);
      },
    ],
  ])('is resumed by a client that was %s', async (_, interrupt) => {
    await boutique();
    interrupt();
    await fake.waitFor('the resume', () => fake.gateway.counts.resumes === 1);
    expect(fake.gateway.counts.identifies).toBe(1);
  });

  it('is replaced by a new session when the client cannot resume the old one', async () => {
    const { client } = await boutique();
    fake.clock.advance(5000);
    fake.gateway.invalidate(false);
    await fake.waitFor('a new session', () => fake.gateway.counts.identifies === 2);
    // discord.js 14.28 never finishes a destroy() that comes while a shard still waits for its READY.
    await fake.waitFor('its READY', () => client.ws.shards.first()?.status === Status.Ready);
  });

  it('refuses a privileged intent that is off with 4014, and a client gives up', async () => {
    fake = await startFakeDiscord();
    const client = createClient(fake);
    clients.push(client);
    const errors: string[] = [];
    client.on(Events.ShardDisconnect, (event) => errors.push(`${event.code}`));
    await expect(client.login(fake.token)).rejects.toThrow('Used disallowed intents');
    expect(fake.gateway.counts.identifies).toBe(0);
  });

  it('refuses a wrong token with 4004, and the REST side with 401', async () => {
    fake = await startFakeDiscord();
    const socket = new WebSocket(fake.url.replace('http', 'ws').replace('/api', '/?v=10&encoding=json'));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.once('message', () => {
      socket.send(JSON.stringify({ op: 2, d: { token: 'wrong', intents: 1, properties: {} } }));
    });
    expect(await closed).toBe(4004);
    const client = createClient(fake);
    clients.push(client);
    await expect(client.login('wrong')).rejects.toThrow('An invalid token was provided');
    expect(fake.calls.at(-1)).toMatchObject({ route: '/gateway/bot', status: 401 });
    expect(JSON.stringify(fake.calls)).not.toContain('wrong');
  });

  it('lets a connection go that sends no heartbeat', async () => {
    fake = await startFakeDiscord({ limits: { heartbeatMs: 40 } });
    const socket = new WebSocket(fake.url.replace('http', 'ws').replace('/api', '/?v=10&encoding=json'));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(4009);
  });

  it('keeps a client whose heartbeats come', async () => {
    fake = await startFakeDiscord({ limits: { heartbeatMs: 1_000 } });
    const { client } = await boutique(fake);
    await fake.waitFor('five heartbeats', () => fake.gateway.counts.heartbeats >= 5);
    expect(client.ws.shards.first()?.status).toBe(Status.Ready);
  });

  it('counts identifies, keeps them five seconds apart, and replaces the token after too many', async () => {
    fake = await startFakeDiscord({
      clock: createManualClock(Date.now()),
      limits: { identifiesPerDay: 2 },
    });
    const token = fake.token;
    const options = { intents: [GatewayIntentBits.Guilds] };
    clients.push(await connect(fake, options));
    const limit = async (): Promise<unknown> =>
      (await plainRequest(fake, 'GET', '/gateway/bot')).json.session_start_limit;
    expect(await limit()).toMatchObject({ total: 2, remaining: 1, max_concurrency: 1 });
    expect(await identify(token)).toBe('{"op":9,"d":false}');
    expect(await limit()).toMatchObject({ remaining: 0 });
    fake.clock.advance(5000);
    expect(await identify(token)).toBe(4004);
    expect(fake.token).not.toBe(token);
    expect(await identify(token)).toBe(4004);
  });

  it('sends each shard its own servers, and direct messages to the first', async () => {
    fake = await startFakeDiscord({
      privilegedIntents: ['MessageContent'],
      shards: 2,
      limits: { identifyConcurrency: 2 },
    });
    const guilds = Array.from({ length: 4 }, (_, n) => {
      fake.clock.advance(1);
      return fake.guild(`g${n}`);
    });
    const client = await connect(fake, { shards: 'auto' });
    clients.push(client);
    await fake.waitFor('both', () => client.ws.shards.size === 2 && client.guilds.cache.size === 4);
    for (const guild of guilds) {
      expect(client.guilds.cache.get(guild.id)?.shardId).toBe(Number((BigInt(guild.id) >> 22n) % 2n));
    }
    const shards: number[] = [];
    client.on(Events.Raw, (packet: { t: string | null }, shard: number) => {
      if (packet.t === 'MESSAGE_CREATE') shards.push(shard);
    });
    await fake.user('ben').dm({ content: 'hello' });
    await fake.waitFor('the message', () => shards.length > 0);
    expect(shards).toEqual([0]);
  });

  it('passes on an event that no client expects', async () => {
    const { client } = await boutique();
    const raw: unknown[] = [];
    client.on(Events.Raw, (packet: { t: string | null }) => raw.push(packet.t));
    fake.gateway.inject('SOMETHING_NEW', { unexpected: true });
    await fake.waitFor('it', () => raw.includes('SOMETHING_NEW'));
  });
});

async function boutique(existing?: FakeDiscord): Promise<Boutique & { client: Client<true> }> {
  fake = existing ?? (await startFakeDiscord({ privilegedIntents: ['MessageContent'] }));
  const opened = openBoutique(fake);
  const client = await connect(fake, existing ? { intents: [GatewayIntentBits.Guilds] } : {});
  clients.push(client);
  return { ...opened, client };
}

/** Identifies by hand and gives the first answer after hello: a payload, or the code the connection closes with. */
async function identify(token: string): Promise<string | number> {
  const socket = new WebSocket(fake.url.replace('http', 'ws').replace('/api', '/?v=10&encoding=json'));
  const answer = new Promise<string | number>((resolve) => {
    socket.once('message', () => {
      socket.on('message', (raw: Buffer) => {
        resolve(raw.toString());
        socket.close(1000);
      });
      socket.send(JSON.stringify({ op: 2, d: { token, intents: 1, properties: {} } }));
    });
    socket.once('close', resolve);
  });
  return answer;
}
