import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { messageOf, OperatorError } from '../../src/util/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { entriesOf, type Store } from '../../src/store/store.ts';
import { describeStore } from '../contracts/store.ts';
import { freePort } from '../free-port.ts';
import {
  postgresFolder,
  redisProgram,
  startPostgres,
  startRedis,
  TEST_PASSWORD,
  type TestServer,
} from '../servers.ts';

const folder = mkdtempSync(join(tmpdir(), 'open-store-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Long enough for a server on a loaded machine, short enough to wait for one that never answers. */
const TIMEOUT_MS = 3_000;

describe('openStore', () => {
  it('keeps everything in the folder when no URL is set', async () => {
    const store = await openStore({ url: undefined, folder: join(folder, 'embedded') });
    await store.namespace('items').set('a', 1);
    await store.close();
    expect(existsSync(join(folder, 'embedded', 'CURRENT'))).toBe(true);
  });

  it.each([
    'mysql://me:hunter2@host/db',
    'http://me:hunter2@host',
    'hunter2',
    '',
    'redis://me:hunter2/x@ho st:1:2',
  ])('says what it supports, and not what it got, for another URL (case %#)', async (url) => {
    const message = await failure(openStore({ url, folder }));
    expect(message).toMatch(/redis:\/\/.*rediss:\/\/.*postgres:\/\/.*postgresql:\/\//);
    expect(message).not.toContain('hunter2');
  });

  it.each(['redis', 'postgres'])(
    'reports a %s server that is not there, without its URL',
    async (protocol) => {
      const port = await freePort();
      const message = await failure(
        openStore({ url: `${protocol}://me:hunter2@127.0.0.1:${port}/1`, folder, timeoutMs: TIMEOUT_MS }),
      );
      expect(message).toMatch(/Cannot use the (Redis|PostgreSQL) server that STORE_URL names: ECONNREFUSED/);
      expect(message).not.toContain('hunter2');
      expect(message).not.toContain(String(port));
    },
  );

  it.each(['redis', 'postgres'])(
    'gives up on a %s server that accepts connections but never answers',
    async (protocol) => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket));
      await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
      const { port } = silent.address() as AddressInfo;
      const message = await failure(
        openStore({ url: `${protocol}://me:hunter2@127.0.0.1:${port}/1`, folder, timeoutMs: 300 }),
      );
      expect(message).toMatch(/Cannot use the/);
      expect(message).not.toContain('hunter2');
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => silent.close(done));
    },
  );
});

describe.skipIf(!redisProgram)('the Redis store (needs redis-server: apt-get install redis-server)', () => {
  describeServer(startRedis, 'Redis', /WRONGPASS|NOAUTH/);
});

describe.skipIf(!postgresFolder)(
  'the PostgreSQL store (needs postgres and initdb: apt-get install postgresql)',
  () => {
    describeServer(startPostgres, 'PostgreSQL');
  },
);

function describeServer(start: () => Promise<TestServer>, name: string, refusal?: RegExp): void {
  let server: TestServer;
  const open = (timeoutMs = 10_000) => openStore({ url: server.url, folder, timeoutMs });

  beforeAll(async () => {
    server = await start();
    // The server listens before it answers.
    await vi.waitFor(async () => (await open()).close(), { timeout: 30_000, interval: 200 });
  });
  afterAll(async () => {
    await server.stop();
  });

  describe('contract', () => {
    describeStore({ open: () => open(), durable: true });
  });

  it.runIf(refusal)('reports a refused password without showing it', async () => {
    const url = server.url.replace(encodeURIComponent(TEST_PASSWORD), 'hunter2');
    const message = await failure(openStore({ url, folder }));
    expect(message).toMatch(refusal ?? /never/);
    expect(message).not.toMatch(/hunter2|secret/);
  });

  it('fails instead of hanging while the server hangs, and serves again afterwards', async () => {
    const store = await open(TIMEOUT_MS);
    await store.namespace('one').set('a', 1);
    server.pause();
    await expectEveryCallToFail(store, name);
    server.resume();
    // The server may still execute a call that timed out, so the value of `a` is not known here.
    await vi.waitFor(() => store.namespace('one').set('b', 3), 20_000);
    expect(await store.namespace('one').get('b')).toBe(3);
    await store.close();
  });

  it('fails while the server is gone, without ending the process, and serves again when it is back', async () => {
    const store = await open(TIMEOUT_MS);
    await store.namespace('one').set('a', 1);
    await server.kill();
    await expectEveryCallToFail(store, name);
    await server.start();
    await vi.waitFor(async () => {
      expect(await store.namespace('one').has('never set')).toBe(false);
    }, 20_000);
    await store.close();
  });
}

async function expectEveryCallToFail(store: Store, name: string): Promise<void> {
  const one = store.namespace<number>('one');
  const calls = [
    one.get('a'),
    one.getMany(['a', 'b']),
    one.set('a', 2),
    one.setMany([{ key: 'a', value: 2 }]),
    one.delete('b'),
    one.deleteMany(['b']),
    one.has('a'),
    one.clear(),
    list(one),
  ];
  for (const result of await Promise.allSettled(calls)) {
    expect(result).toMatchObject({ status: 'rejected' });
    if (result.status === 'rejected') expect(messageOf(result.reason)).toMatch(`The ${name} store failed`);
  }
}

async function list(records: Parameters<typeof entriesOf>[0]): Promise<void> {
  for await (const entry of entriesOf(records)) expect(entry).toHaveLength(2);
}

/** The message of an OperatorError, including its cause. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return `${messageOf(error)} ${messageOf((error as OperatorError).cause)}`;
}
