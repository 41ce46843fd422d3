import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/util/errors.ts';
import { refusalReason } from '../../../src/sources/http/address-rules.ts';
import { displayUrl, FetchError } from '../../../src/sources/http/fetch-error.ts';
import type { FetchOptions } from '../../../src/sources/http/fetch-options.ts';
import { createFetcher, type Fetcher, type FetcherDependencies } from '../../../src/sources/http/fetcher.ts';
import { type ShopServer, startShop } from '../../fakes/shop-server.ts';

let shop: ShopServer;
const fetchers: Fetcher[] = [];

beforeEach(async () => {
  shop = await startShop();
});
afterEach(async () => {
  await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.close()));
  await shop.close();
});

const OPTIONS: FetchOptions = {
  allowPrivate: true,
  maxBytes: 1000,
  attemptMs: 60_000,
  totalMs: 60_000,
  requestsPerSecond: 1000,
  signal: new AbortController().signal,
};

/** Waits are recorded, and end at once. */
function open(dependencies: FetcherDependencies = {}): { fetcher: Fetcher; waits: number[] } {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const fetcher = createFetcher({ sleep, ...dependencies });
  fetchers.push(fetcher);
  return { fetcher, waits };
}

async function text(
  fetcher: Fetcher,
  address: string,
  options: Partial<FetchOptions> = {},
): Promise<string | undefined> {
  return fetcher.fetch(new URL(address, shop.url), { ...OPTIONS, ...options }, async ({ body }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  });
}

/** A resolver that gives these answers, one for each call. */
function names(
  ...answers: string[]
): { asked: string[] } & Required<Pick<FetcherDependencies, 'resolveHost'>> {
  const asked: string[] = [];
  return {
    asked,
    resolveHost(host, done) {
      const address = answers[Math.min(asked.length, answers.length - 1)]!;
      asked.push(host);
      const found: LookupAddress = { address, family: address.includes(':') ? 6 : 4 };
      done(null, [found]);
    },
  };
}

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.10',
    '10.0.0.1',
    '172.16.5.5',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'fec0::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '4000::1',
    'shop.example',
    '',
  ])('%s is refused', (address) => {
    expect(refusalReason(address, { allowPrivate: false })).toMatch(/^is /);
  });

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is allowed', (address) => {
    expect(refusalReason(address, { allowPrivate: false })).toBeUndefined();
  });

  it('of a LAN is allowed when the operator says so, that of a cloud metadata service never', () => {
    for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', 'fd12::1', '::1', '100.64.0.1'])
      expect(refusalReason(address, { allowPrivate: true })).toBeUndefined();
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', '224.0.0.1', '0.0.0.0', 'fe80::1'])
      expect(refusalReason(address, { allowPrivate: true })).toMatch(/^is /);
  });
});

describe('a fetch', () => {
  it('follows redirects, also to private addresses when they are allowed', async () => {
    shop.pages.set('/a', { status: 302, headers: { location: '/b?token=1' } });
    shop.pages.set('/b?token=1', { body: 'goods' });
    expect(await text(open().fetcher, '/a')).toBe('goods');
  });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0/',
    'http://localhost:PORT/',
    'http://169.254.169.254/latest/meta-data/',
  ])('does not connect to %s', async (address) => {
    shop.pages.set('/', { body: 'secret' });
    const fetching = text(open().fetcher, address.replace('PORT', String(shop.port)), {
      allowPrivate: false,
    });
    await expect(fetching).rejects.toThrow(FetchError);
    await expect(fetching).rejects.toThrow(/nothing is fetched from there/);
    expect(shop.visits).toEqual([]);
  });

  it('does not follow a redirect to a private address', async () => {
    // The first hop may be fetched, because the name is public; the connection is made to the shop all the same.
    const hops = await startShop();
    const { fetcher } = open({
      resolveHost: (_, done) => {
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    hops.pages.set('/', { status: 302, headers: { location: 'http://169.254.169.254/latest/' } });
    await expect(text(fetcher, `http://shop.example:${hops.port}/`)).rejects.toThrow(
      /169\.254\.169\.254 is a link-local address/,
    );
    hops.pages.set('/', { status: 302, headers: { location: 'file:///etc/passwd' } });
    await expect(text(fetcher, `http://shop.example:${hops.port}/`)).rejects.toThrow(/only http and https/);
    await hops.close();
  });

  it('does not connect to a public name with a private address', async () => {
    shop.pages.set('/', { body: 'secret' });
    const rebinding = names('127.0.0.1');
    const { fetcher } = open(rebinding);
    await expect(text(fetcher, `http://shop.example:${shop.port}/`, { allowPrivate: false })).rejects.toThrow(
      /shop\.example \(at 127\.0\.0\.1\) is a loopback address/,
    );
    expect(rebinding.asked).toEqual(['shop.example']);
    expect(shop.visits).toEqual([]);
  });

  it('refuses a name as soon as one of its addresses is private', async () => {
    const { fetcher } = open({
      resolveHost: (_, done) => {
        done(null, [
          { address: '8.8.8.8', family: 4 },
          { address: '10.0.0.7', family: 4 },
        ]);
      },
    });
    await expect(text(fetcher, 'http://shop.example/', { allowPrivate: false })).rejects.toThrow(
      /at 10\.0\.0\.7\) is a private address/,
    );
  });

  it('connects to the address that was checked, whatever the name answers next', async () => {
    shop.pages.set('/', { body: 'goods', headers: { connection: 'close' } });
    // A fetcher that resolved the name before connecting would resolve it twice, and connect to the second answer.
    const rebinding = names('127.0.0.1', '169.254.169.254');
    const { fetcher } = open(rebinding);
    const address = `http://shop.example:${shop.port}/`;
    expect(await text(fetcher, address)).toBe('goods');
    expect(rebinding.asked).toEqual(['shop.example']);
    await expect(text(fetcher, address)).rejects.toThrow(/169\.254\.169\.254\) is a link-local address/);
  });

  it('ends after too many redirects', async () => {
    shop.pages.set('/', { status: 301, headers: { location: '/' } });
    await expect(text(open().fetcher, '/')).rejects.toThrow(/redirected more than 5 times/);
    expect(shop.visits).toHaveLength(6);
  });

  it('reads no more bytes than allowed, whether they are announced or not', async () => {
    shop.pages.set('/announced', { body: 'x'.repeat(1001) });
    shop.pages.set('/endless', (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(500), () => setImmediate(more));
      };
      more();
    });
    for (const path of ['/announced', '/endless'])
      await expect(text(open().fetcher, path)).rejects.toThrow(/at most 0\.0 MB are read/);
  });

  it('gives up on a server that hangs before or during its response', async () => {
    shop.pages.set('/silent', () => undefined);
    shop.pages.set('/stuck', (_, response) => response.write('beginning'));
    for (const path of ['/silent', '/stuck'])
      await expect(text(open().fetcher, path, { attemptMs: 50 })).rejects.toThrow(
        /did not arrive within 0 s/,
      );
  });

  it('does not accept an incomplete response', async () => {
    shop.pages.set('/', (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    await expect(text(open().fetcher, '/')).rejects.toThrow(/before the transfer was complete/);
    expect(shop.busiest).toBe(1);
  });

  it('waits as long as a busy server asks, and tries again', async () => {
    let visits = 0;
    shop.pages.set('/', (_, response) => {
      if (++visits < 3) response.writeHead(429, { 'retry-after': '7' }).end();
      else response.end('goods');
    });
    const { fetcher, waits } = open();
    expect(await text(fetcher, '/')).toBe('goods');
    expect(waits).toContain(7000);
    expect(visits).toBe(3);
  });

  it('ends the run when a server asks for a pause that is too long', async () => {
    shop.pages.set('/', { status: 429, headers: { 'retry-after': '3600' } });
    const { fetcher, waits } = open();
    const fetching = text(fetcher, '/');
    await expect(fetching).rejects.toThrow(OperatorError);
    await expect(fetching).rejects.toThrow(/asks for a pause of 3600 s[^]*left as it was/);
    await expect(text(fetcher, '/other')).rejects.toThrow(/asks for a pause/);
    expect(shop.visits).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('retries a failing server with growing pauses, and counts it as down after many failures', async () => {
    shop.pages.set('/', { status: 500 });
    const { fetcher, waits } = open();
    await expect(text(fetcher, '/')).rejects.toThrow('the server answered 500');
    expect(shop.visits).toHaveLength(3);
    expect(waits[0]).toBeGreaterThanOrEqual(1000);
    expect(waits[1]).toBeGreaterThanOrEqual(2000);
    for (let round = 0; round < 3; round++) await text(fetcher, '/').catch(() => undefined);
    expect(shop.visits).toHaveLength(12);
    await expect(text(fetcher, '/')).rejects.toThrow(OperatorError);
    expect(shop.visits).toHaveLength(12);
  });

  it('does not retry what does not exist', async () => {
    await expect(text(open().fetcher, '/gone?token=secret')).rejects.toThrow('the server answered 404');
    expect(shop.visits).toHaveLength(1);
  });

  it('sends at most four requests to a host at once', async () => {
    const waiting: (() => void)[] = [];
    for (let page = 0; page < 12; page++) {
      shop.pages.set(`/${page}`, (_, response) => {
        waiting.push(() => response.end(String(page)));
        // The fifth request never arrives while four are waiting.
        if (waiting.length === 4)
          setImmediate(() => {
            for (const answer of waiting.splice(0)) answer();
          });
      });
    }
    const { fetcher } = open();
    const all = Array.from({ length: 12 }, (_, page) => text(fetcher, `/${page}`));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 12 }, (_, page) => String(page)));
    expect(shop.busiest).toBe(4);
  });

  it('sends secrets only to the origin of the URL', async () => {
    const other = await startShop();
    other.pages.set('/', { body: 'goods' });
    shop.pages.set('/', { status: 302, headers: { location: `${other.url}/` } });
    const address = `http://jo:pass%20word@127.0.0.1:${shop.port}/`;
    expect(await text(open().fetcher, address, { headers: { 'x-token': 'secret' } })).toBe('goods');
    expect(shop.visits[0]?.headers).toMatchObject({
      'x-token': 'secret',
      authorization: `Basic ${Buffer.from('jo:pass word').toString('base64')}`,
    });
    expect(other.visits[0]?.headers).not.toHaveProperty('x-token');
    expect(other.visits[0]?.headers).not.toHaveProperty('authorization');
    await other.close();
  });

  it('makes conditional requests, and returns nothing when the validators match', async () => {
    shop.pages.set('/', { body: 'goods', etag: '"1"' });
    const { fetcher } = open();
    expect(await text(fetcher, '/', { validators: { etag: '"1"' } })).toBeUndefined();
    expect(await text(fetcher, '/', { validators: { etag: '"0"' } })).toBe('goods');
  });

  it('trusts Last-Modified only when it is at least a second old', async () => {
    const { fetcher } = open();
    const validators = (path: string) =>
      fetcher.fetch(new URL(path, shop.url), OPTIONS, ({ validators }) => Promise.resolve(validators));
    const now = new Date();
    const date = now.toUTCString();
    shop.pages.set('/new', { body: 'x', lastModified: date, headers: { date } });
    shop.pages.set('/old', { body: 'x', lastModified: new Date(0).toUTCString(), headers: { date } });
    expect(await validators('/new')).toEqual({});
    expect(await validators('/old')).toEqual({ lastModified: new Date(0).toUTCString() });
  });

  it('ends when the run is cancelled or the program closes', async () => {
    const arrived = new Promise<void>((resolve) => {
      shop.pages.set('/', () => {
        resolve();
      });
    });
    const cancelling = new AbortController();
    const { fetcher } = open();
    const cancelled = text(fetcher, '/', { signal: cancelling.signal });
    await arrived;
    cancelling.abort(new Error('cancelled by a test'));
    await expect(cancelled).rejects.toThrow('cancelled by a test');
    const closed = expect(text(fetcher, '/')).rejects.toThrow('the program is closing');
    await fetcher.close();
    await closed;
  });

  it('names addresses by host and path only', async () => {
    expect(displayUrl(new URL('https://jo:secret@shop.example:8443/feed.xml?key=secret#x'))).toBe(
      'shop.example:8443/feed.xml',
    );
    const failing = text(open().fetcher, `http://jo:secret@127.0.0.1:1/feed?key=secret`);
    await expect(failing).rejects.toThrow(/127\.0\.0\.1:1 /);
    await expect(failing).rejects.not.toThrow(/secret/);
  });
});
