import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createBotApi } from '../../../src/adapters/telegram/api/bot-api.ts';
import { freePort } from '../../free-port.ts';

const TOKEN = '1:a-token-of-twenty-letters';
const PICTURE = { source: Buffer.from('picture bytes'), filename: 'coat.jpg' };

describe('a call with files', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** Answers each call with `status` and `answer`. @returns the API, and the bodies that arrived. */
  async function apiOf(answer: string, status = 200) {
    const bodies: string[] = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(`${request.url ?? ''}\n${body}`);
        response.writeHead(status).end(answer);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { bodies, api: createBotApi({ token: TOKEN, apiUrl, count: () => undefined }) };
  }

  it('sends each file once, and refers to those of an album by name', async () => {
    const { api, bodies } = await apiOf('{"ok":true,"result":{"message_id":7}}');
    const media = [
      { type: 'photo', media: PICTURE, caption: 'One' },
      { type: 'photo', media: 'a file_id' },
    ];
    const payload = { chat_id: 5, media, reply_parameters: { message_id: 3 }, caption: undefined };
    expect(await api.call('sendMediaGroup', payload)).toEqual({ message_id: 7 });
    const [body = ''] = bodies;
    expect(body).toContain(`/bot${TOKEN}/sendMediaGroup`);
    expect(body.match(/picture bytes/g)).toHaveLength(1);
    expect(body).toMatch(/name="file0"; filename="coat.jpg"/);
    expect(body).toContain(
      '[{"type":"photo","media":"attach://file0","caption":"One"},{"type":"photo","media":"a file_id"}]',
    );
    expect(body).toMatch(/name="reply_parameters"\r\n\r\n\{"message_id":3\}/);
    expect(body).not.toContain('name="caption"');
  });

  it('says what Telegram refused, how long to wait, and what is unknown, without the token', async () => {
    const call = async (answer: string, status: number) =>
      (await apiOf(answer, status)).api.call('sendPhoto', { chat_id: 5, photo: PICTURE });
    await expect(
      call('{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}', 400),
    ).rejects.toMatchObject({ failure: 'refused', code: 400, description: 'Bad Request: chat not found' });
    await expect(
      call('{"ok":false,"error_code":429,"description":"Slow","parameters":{"retry_after":4}}', 429),
    ).rejects.toMatchObject({ failure: 'flood', retryAfterSeconds: 4 });
    await expect(call('<html>bad gateway</html>', 502)).rejects.toMatchObject({ failure: 'unknown' });
  });

  it('reports a server that cannot be reached, and ends when its signal aborts', async () => {
    const { api } = await apiOf('{}');
    const apiUrl = `http://127.0.0.1:${await freePort()}`;
    const gone = createBotApi({ token: TOKEN, apiUrl, count: () => undefined });
    const photo = { chat_id: 5, photo: PICTURE };
    await expect(gone.call('sendPhoto', photo)).rejects.toMatchObject({ failure: 'unreachable' });
    await expect(api.call('sendPhoto', photo, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      failure: 'stopped',
    });
  });
});
