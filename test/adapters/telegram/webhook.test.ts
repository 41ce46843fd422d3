import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../free-port.ts';
import { createMemoryStore } from '../../memory-store.ts';
import type { WebhookSettings } from '../../../src/adapters/telegram/updates/serve-webhook.ts';
import { photo, useBenches } from './telegram-fixture.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { createServer, type AddressInfo } from 'node:net';

const openBench = useBenches();
const SECRET = 'a-Secret_of_the_webhook';

async function openWebhook() {
  const port = await freePort();
  const webhook: WebhookSettings = {
    url: `http://127.0.0.1:${port}/telegram`,
    secret: SECRET,
    host: '127.0.0.1',
    port,
    path: '/telegram',
  };
  const bench = await openBench({ settings: { webhook }, fake: { anyWebhookAddress: true } });
  return { ...bench, webhook };
}

/** Sends an update as Telegram, or somebody else, would. @returns the HTTP status of the response. */
function push(
  { port }: WebhookSettings,
  options: { path?: string; secret?: string; body?: string; method?: string },
): Promise<number> {
  const { path = '/telegram', secret, body = '{}', method = 'POST' } = options;
  const headers = secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    // A body that is too long is answered before it has arrived completely.
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a webhook', () => {
  it('is registered with its secret and the kinds of updates, and answers a photo', async () => {
    const { driver, webhook } = await openWebhook();
    expect(driver.fake.webhook.registration).toMatchObject({ url: webhook.url, secret: SECRET });
    expect(driver.fake.updates.allowed).toEqual([
      'message',
      'channel_post',
      'callback_query',
      'my_chat_member',
    ]);
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    expect((await driver.answer('direct', ada, 1)).pictures).toHaveLength(5);
    expect(driver.fake.callsOf('getUpdates')).toEqual([]);
    expect(driver.logLines.join('')).not.toContain(SECRET);
  });

  it('responds with 200 before the update is handled', async () => {
    const { driver, bot } = await openWebhook();
    const release = bot.hold('interactive');
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    await driver.fake.waitFor(() => driver.fake.webhook.deliveries.length === 1, 'the push');
    expect(driver.fake.webhook.deliveries[0]?.status).toBe(200);
    expect(driver.answers('direct', ada)).toEqual([]);
    release();
    await driver.answer('direct', ada, 1);
  });

  it('answers an update once when it is pushed twice', async () => {
    const { driver } = await openWebhook();
    const ada = driver.person('Ada');
    const asked = await driver.post(ada, 'direct', [await photo()]);
    await driver.deliverAgain(asked);
    await driver.answer('direct', ada, 1);
    await driver.fake.waitFor(() => driver.fake.webhook.deliveries.length === 2, 'both pushes');
    await driver.stop();
    expect(driver.answers('direct', ada)).toHaveLength(1);
    expect(driver.counts.get('update repeated')).toBe(1);
  });

  it('refuses requests without the secret, to another path, with another method, or with a body that is too large', async () => {
    const { driver, webhook } = await openWebhook();
    expect(await push(webhook, {})).toBe(401);
    expect(await push(webhook, { secret: 'wrong' })).toBe(401);
    expect(await push(webhook, { secret: `${SECRET}x` })).toBe(401);
    expect(await push(webhook, { secret: SECRET, path: '/other' })).toBe(404);
    expect(await push(webhook, { secret: SECRET, path: '//' })).toBe(404);
    expect(await push(webhook, { secret: SECRET, method: 'PUT' })).toBe(405);
    expect(await push(webhook, { secret: SECRET, body: 'not json' })).toBe(400);
    expect(await push(webhook, { secret: SECRET, body: ' '.repeat(1_000_001) })).toBe(413);
    expect(await push(webhook, { secret: SECRET, body: '{"update_id":1,"message":{}}' })).toBe(200);
    expect(driver.counts.get('update malformed')).toBe(1);
  });

  it('responds with 503 to an update that cannot be stored, so that Telegram pushes it again', async () => {
    let isFull = true;
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}/`, secret: SECRET, host: '127.0.0.1', port, path: '/' };
    const { driver } = await openBench({
      settings: { webhook },
      fake: { anyWebhookAddress: true },
      store: (store) => ({
        ...store,
        namespace: (name) => {
          const kept = store.namespace(name);
          if (name !== 'telegram-updates') return kept;
          const full = createMemoryStore().namespace(name);
          full.set = () => Promise.reject(new Error('The disk is full.'));
          return new Proxy(kept, {
            get: (target, member): unknown => Reflect.get(isFull && member === 'set' ? full : target, member),
          });
        },
      }),
    });
    const ada = driver.person('Ada');
    await driver.post(ada, 'direct', [await photo()]);
    await driver.fake.waitFor(() => driver.fake.webhook.deliveries.length > 0, 'the first push');
    expect(driver.fake.webhook.deliveries[0]?.status).toBe(503);
    isFull = false;
    await driver.answer('direct', ada, 1);
  });

  it('that Telegram does not accept makes the start fail with a message that says what to check', async () => {
    const webhook = { url: 'http://bot.example/', secret: SECRET, host: '127.0.0.1', port: 0, path: '/' };
    const { driver } = await openBench({ settings: { webhook }, start: false });
    const failure: unknown = await driver.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect((failure as Error).message).toMatch(/HTTPS URL.*TELEGRAM_WEBHOOK_URL/);
  });

  it('whose port is in use makes the start fail with an error that names the setting to change', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const webhook = { url: 'https://bot.example/', secret: SECRET, host: '127.0.0.1', port, path: '/' };
    const { driver } = await openBench({ settings: { webhook }, start: false });
    const failure: unknown = await driver.start().catch((error: unknown) => error);
    expect((failure as Error).message).toContain(`127.0.0.1:${port}`);
    expect((failure as Error).message).toContain('TELEGRAM_WEBHOOK_PORT');
    await new Promise((resolve) => server.close(resolve));
  });
});
