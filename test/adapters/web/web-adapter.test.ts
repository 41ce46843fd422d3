import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/util/errors.ts';
import { drawGarment } from './drawn-wares.ts';
import { createDoor, type Door, type DoorOptions, form } from './open-door.ts';

let photo: Uint8Array;
const open: Door[] = [];

beforeAll(async () => {
  photo = await drawGarment('Tshirts', '#1f2c56');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ web }) => web.stop()));
});

/** A door that listens, closed after the test. */
async function listen(options: DoorOptions = {}): Promise<Door & { port: number }> {
  const door = await createDoor(options);
  open.push(door);
  await door.web.start();
  return { ...door, port: Number(new URL(door.web.address ?? '').port) };
}

async function post(port: number, agent?: Agent): Promise<ClientRequest> {
  const { payload, headers } = await form(['photo', photo]);
  const sent = request({
    port,
    method: 'POST',
    path: '/api/recommendations',
    headers,
    ...(agent && { agent }),
  });
  sent.end(payload);
  return sent;
}

async function answerOf(sent: ClientRequest): Promise<{ response: IncomingMessage; body: string }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { response, body: await text(response) };
}

/** Resolves once the shop looks at that many photos. */
async function untilAsked({ shop }: Door, count: number): Promise<void> {
  while (shop.asked < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a door that listens', () => {
  it('has no address before it listens and a clickable one then', async () => {
    const door = await createDoor();
    open.push(door);
    expect(door.web.address).toBeUndefined();
    await door.web.start();
    expect(door.web.address).toMatch(/^http:\/\/localhost:\d+$/);
    expect(door.web.name).toBe('web');
    expect((await fetch(`${door.web.address ?? ''}/healthz`)).status).toBe(200);
  });

  it('answers over a real connection', async () => {
    const { port } = await listen();
    const { response, body } = await answerOf(await post(port));
    expect(response.statusCode).toBe(200);
    expect(body).toContain('"rank":1');
  });

  it('names port, program and remedy when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { web } = await createDoor({ port });
    const refusal = await web.start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OperatorError);
    expect((refusal as Error).message).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect((refusal as Error).message).toContain(`PORT=${port + 1}`);
    await web.stop();
    other.close();
  });

  it('names HOST when the address is not one of this machine', async () => {
    const { web } = await createDoor({ host: '203.0.113.7' });
    await expect(web.start()).rejects.toThrow(
      /203\.0\.113\.7 is not an address of this machine.*HOST=127\.0\.0\.1/s,
    );
    await web.stop();
  });
});

describe('an upload', () => {
  it('is refused while it is still arriving when one photo is over the limit', async () => {
    const { port } = await listen();
    const sent = request({
      port,
      method: 'POST',
      path: '/api/recommendations',
      headers: { 'content-type': 'multipart/form-data; boundary=cut', 'transfer-encoding': 'chunked' },
    });
    sent.on('error', () => undefined);
    sent.write('--cut\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n');
    sent.write(Buffer.alloc(200_001));
    // The form never ends: only an early refusal can answer.
    const { response, body } = await answerOf(sent);
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ type: '/problems/photo-too-large' });
    sent.destroy();
  });

  it('is cut off when its sender goes on after the refusal', async () => {
    const { port } = await listen();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /api/recommendations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000000\r\n' +
        'content-type: multipart/form-data; boundary=cut\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    await once(socket, 'close');
  });

  it('leaves the connection usable when the whole form has arrived', async () => {
    const { port } = await listen();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { payload, headers } = await form(['image', photo]);
    const refused = request({ port, method: 'POST', path: '/api/recommendations', headers, agent });
    refused.end(payload);
    expect((await answerOf(refused)).response.statusCode).toBe(400);
    expect((await answerOf(await post(port, agent))).response.statusCode).toBe(200);
    agent.destroy();
  });

  it('is given up when its sender goes away, which is nobody’s error', async () => {
    const door = await listen();
    const release = door.shop.hold();
    const sent = await post(door.port);
    sent.on('error', () => undefined);
    await untilAsked(door, 1);
    sent.destroy();
    while (door.shop.abandoned === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    expect(door.shop.abandoned).toBe(1);
    await door.web.stop();
    expect(door.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});

describe('stopping', () => {
  it('finishes what is in flight, takes nothing new and closes kept-alive connections', async () => {
    const door = await listen();
    const agent = new Agent({ keepAlive: true });
    const release = door.shop.hold();
    const sent = await post(door.port, agent);
    const answered = answerOf(sent);
    await untilAsked(door, 1);

    const stopped = door.web.stop();
    const refused = request({ port: door.port, path: '/healthz' });
    refused.end();
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');

    release();
    const { response, body } = await answered;
    expect(response.statusCode).toBe(200);
    expect(response.headers.connection).toBe('close');
    expect(body).toContain('"rank":5');
    await stopped;
    agent.destroy();
  });

  it('is done at once when connections are merely kept alive', async () => {
    const door = await listen();
    const agent = new Agent({ keepAlive: true });
    await answerOf(await post(door.port, agent));
    await door.web.stop();
    agent.destroy();
  });

  it('may be asked for twice, and before the start', async () => {
    const door = await listen();
    await Promise.all([door.web.stop(), door.web.stop()]);
    await door.web.stop();
    const { web } = await createDoor();
    await web.stop();
  });
});
