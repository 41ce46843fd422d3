import { MessageFlags } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { type PlainAnswer, findings, plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';

const FIND = { name: 'find', description: 'Finds items' };

let fake: FakeDiscord;
let guild: Boutique['guild'];
let channel: Boutique['channel'];
let ana: Boutique['ana'];

beforeEach(async () => {
  fake = await startFakeDiscord({ rateLimits: 'off' });
  ({ guild, channel, ana } = openBoutique(fake));
});

afterEach(async () => {
  await fake.stop();
});

describe('an interaction', () => {
  beforeEach(async () => {
    await register([FIND]);
  });

  it('that nobody answers within 3 s has failed', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    fake.clock.advance(3001);
    expect(seen.status).toBe('failed');
    expect(await respond(seen.id, { type: 5 })).toMatchObject({ status: 404, json: { code: 10062 } });
  });

  it('is answered once', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    const both = await Promise.all(
      [1, 2].map(async (n) => respond(seen.id, { type: 4, data: { content: `${n}` } })),
    );
    expect(both.map((one) => [one.status, one.json.code])).toEqual([
      [204, undefined],
      [400, 40060],
    ]);
    expect(fake.bot.messagesIn(channel).map((message) => message.content)).toEqual(['1']);
  });

  it('may be deferred with no flag but the ephemeral one', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    const refused = await respond(seen.id, { type: 5, data: { flags: MessageFlags.IsComponentsV2 } });
    expect(findings(refused.json.errors)).toEqual(['data.flags: MESSAGE_FLAGS_INVALID']);
    expect((await respond(seen.id, { type: 5, data: { flags: MessageFlags.Ephemeral } })).status).toBe(204);
    expect(seen).toMatchObject({ status: 'thinking', ephemeral: true });
    expect(seen.response).toMatchObject({ loading: true, ephemeralTo: ana.id });
  });

  it('has a token that works after the first answer and for 15 minutes', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    const original = `/webhooks/${fake.applicationId}/${tokenOf(seen.id)}/messages/@original`;
    expect(await plainRequest(fake, 'PATCH', original, { content: 'x' })).toMatchObject({
      status: 404,
      json: { code: 10015 },
    });
    await respond(seen.id, { type: 5 });
    expect((await plainRequest(fake, 'PATCH', original, { content: 'x' })).status).toBe(200);
    expect(seen.status).toBe('answered');
    fake.clock.advance(15 * 60_000);
    expect(await plainRequest(fake, 'PATCH', original, { content: 'y' })).toMatchObject({
      status: 401,
      json: { code: 50027 },
    });
    const message = `/channels/${channel.id}/messages/${seen.response?.id ?? ''}`;
    expect((await plainRequest(fake, 'PATCH', message, { content: 'y' })).status).toBe(200);
  });

  it('that was deferred and forgotten is stuck', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    await respond(seen.id, { type: 5 });
    fake.clock.advance(15 * 60_000 + 1);
    expect(seen.status).toBe('stuck');
  });

  it('cannot update a message when it is a command', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    expect(findings((await respond(seen.id, { type: 6 })).json.errors)).toEqual([
      'type: INTERACTION_RESPONSE_TYPE_INVALID',
    ]);
  });

  it('answered for one person cannot be reached through the channel', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    await respond(seen.id, { type: 4, data: { content: 'x', flags: MessageFlags.Ephemeral } });
    const path = `/channels/${channel.id}/messages/${seen.response?.id ?? ''}`;
    expect(await plainRequest(fake, 'PATCH', path, { content: 'y' })).toMatchObject({
      status: 404,
      json: { code: 10008 },
    });
  });

  it('fills the waiting message with the first follow-up, as the old behaviour is documented', async () => {
    const seen = await ana.slash('find', {}, { in: channel });
    await respond(seen.id, { type: 5 });
    const webhook = `/webhooks/${fake.applicationId}/${tokenOf(seen.id)}`;
    await plainRequest(fake, 'POST', webhook, { content: 'one' });
    await plainRequest(fake, 'POST', webhook, { content: 'two' });
    expect(seen.response?.content).toBe('one');
    expect(seen.followUps.map((message) => message.content)).toEqual(['two']);
  });
});

describe('permissions', () => {
  it('hide a channel, silence it, keep files out and history closed', async () => {
    const post = await ana.post(channel, { content: 'x' });
    channel.deny('bot', ['AttachFiles']);
    expect(await send({}, true)).toMatchObject({ status: 403, json: { code: 50013 } });
    channel.deny('bot', ['ReadMessageHistory']);
    const reply = { content: 'x', message_reference: { message_id: post.id } };
    expect(await send(reply)).toMatchObject({ status: 400, json: { code: 160002 } });
    channel.deny('bot', ['SendMessages']);
    expect(await send({ content: 'x' })).toMatchObject({ status: 403, json: { code: 50013 } });
    channel.deny('bot', ['ViewChannel']);
    expect(await send({ content: 'x' })).toMatchObject({ status: 403, json: { code: 50001 } });
    expect(fake.invalidRequests()).toBe(3);
    channel.allow('bot', ['ViewChannel', 'SendMessages']);
    expect(await send({ content: 'x' })).toMatchObject({ status: 200 });
  });

  it('do not stop an interaction from being answered', async () => {
    await register([FIND]);
    channel.deny('bot', ['ViewChannel']);
    const seen = await ana.slash('find', {}, { in: channel });
    expect((await respond(seen.id, { type: 4, data: { content: 'x' } })).status).toBe(204);
  });

  it('let a person close direct messages', async () => {
    const opened = await plainRequest(fake, 'POST', '/users/@me/channels', { recipient_id: ana.id });
    ana.closeDirectMessages();
    const path = `/channels/${String(opened.json.id)}/messages`;
    expect(await plainRequest(fake, 'POST', path, { content: 'x' })).toMatchObject({
      status: 403,
      json: { code: 50007 },
    });
  });
});

describe('replies and mentions', () => {
  it('to a message that is gone are refused, or sent plainly when the request says so', async () => {
    const post = await ana.post(channel, { content: 'x' });
    ana.delete(post);
    const refused = await send({ content: 'y', message_reference: { message_id: post.id } });
    expect(findings(refused.json.errors)).toEqual(['message_reference: REPLIES_UNKNOWN_MESSAGE']);
    await send({ content: 'y', message_reference: { message_id: post.id, fail_if_not_exists: false } });
    expect(fake.bot.messagesIn(channel)[0]?.replyTo).toBeNull();
  });

  it('notify exactly those whom allowed_mentions lets through', async () => {
    const ben = fake.user('ben');
    guild.join(ben);
    const role = guild.role('Stylists', { mentionable: true });
    const post = await ana.post(channel, { content: 'x' });
    const content = `<@${ben.id}> <@&${role.id}> @everyone`;
    const reference = { message_reference: { message_id: post.id } };
    await send({ content, ...reference });
    await send({ content, ...reference, allowed_mentions: { parse: [] } });
    await send({ content, ...reference, allowed_mentions: { users: [ben.id], replied_user: true } });
    await send({ content, ...reference, flags: MessageFlags.SuppressNotifications });
    expect(fake.bot.messagesIn(channel).map((message) => message.pinged)).toEqual([
      { users: [ben.id, ana.id], roles: [role.id], everyone: false },
      { users: [], roles: [], everyone: false },
      { users: [ben.id, ana.id], roles: [], everyone: false },
      { users: [], roles: [], everyone: false },
    ]);
  });

  it('with an enforced nonce are sent once however often they are tried', async () => {
    const tried = { content: 'x', nonce: '42', enforce_nonce: true };
    const ids = [await send(tried), await send(tried)].map((answer) => answer.json.id);
    expect(ids[0]).toBe(ids[1]);
    expect(fake.bot.messagesIn(channel)).toHaveLength(1);
  });
});

async function register(commands: readonly object[]): Promise<PlainAnswer> {
  return plainRequest(fake, 'PUT', `/applications/${fake.applicationId}/commands`, commands);
}

async function respond(id: string, body: object): Promise<PlainAnswer> {
  return plainRequest(fake, 'POST', `/interactions/${id}/${tokenOf(id)}/callback`, body);
}

function tokenOf(id: string): string {
  return fake.world.interactions.get(id)?.token ?? '';
}

async function send(body: object, withFile = false): Promise<PlainAnswer> {
  const files = withFile ? [{ name: 'a.png', bytes: Buffer.alloc(1) }] : undefined;
  return plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, body, files);
}
