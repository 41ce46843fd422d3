import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostGuard } from '../../../src/adapters/web/host-guard.ts';
import { createUploadBudget } from '../../../src/adapters/web/upload-budget.ts';
import { BusyError } from '../../../src/util/errors.ts';
import { drawGarment } from './drawn-wares.ts';
import { createDoor, type Door, form } from './open-door.ts';

describe('the host guard', () => {
  const address = () => 'http://localhost:8080';
  const guard = createHostGuard({
    host: '127.0.0.1',
    allowedHosts: ['Fashion.Example', 'fd00::20'],
    address,
  });
  const refusal = (host: string | undefined, more: Record<string, string> = {}, method = 'GET') =>
    guard({ method, headers: { ...(host !== undefined && { host }), ...more } })?.slug;

  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:1',
    '127.0.0.1:8080',
    '[::1]:8080',
    '[::1]',
    'fashion.example',
    'fashion.example:443',
    '[fd00::20]:8080',
  ])('lets %s in', (host) => {
    expect(refusal(host)).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost:8080@evil.example',
    '192.168.1.20:8080',
    '[::2]:8080',
    'localhost:80:80',
    '::1',
  ])('refuses %s', (host) => {
    expect(refusal(host)).toBe('foreign-host');
  });

  it('says under which name and port to open it', () => {
    expect(guard({ method: 'GET', headers: { host: 'evil.example' } })?.message).toContain(
      'Open it as http://localhost:8080, or',
    );
  });

  it('answers to the address that it was told to listen on', () => {
    const wide = createHostGuard({ host: '192.168.1.20', allowedHosts: [], address });
    expect(wide({ method: 'GET', headers: { host: '192.168.1.20:8080' } })).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['its own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8080' }],
    ['its own page in a browser without Sec-Fetch-Site', { origin: 'http://localhost:8080' }],
    [
      'its own page behind a proxy that rewrites Host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://shop.example' },
    ],
    ['a program', {}],
  ])('takes a POST of %s', (_who, headers) => {
    expect(refusal('localhost:8080', headers, 'POST')).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['another website', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' }],
    ['another website in a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }],
    ['another port in a browser without Sec-Fetch-Site', { origin: 'http://localhost:3000' }],
    ['a sandboxed page', { origin: 'null' }],
  ])('refuses a POST of %s', (_who, headers) => {
    expect(refusal('localhost:8080', headers, 'POST')).toBe('foreign-origin');
  });

  it('lets other websites link here', () => {
    expect(refusal('localhost:8080', { 'sec-fetch-site': 'cross-site' })).toBeUndefined();
  });
});

describe('the upload budget', () => {
  it('refuses what does not fit and takes it once there is room', () => {
    const budget = createUploadBudget(100);
    const release = budget.reserve(60);
    expect(() => budget.reserve(50)).toThrow(BusyError);
    const other = budget.reserve(40);
    release();
    release();
    expect(() => budget.reserve(61)).toThrow(BusyError);
    other();
    expect(() => budget.reserve(100)).not.toThrow();
  });

  it('lets one upload in that is larger than all of it', () => {
    expect(() => createUploadBudget(10).reserve(48)).not.toThrow();
  });
});

describe('every answer', () => {
  let door: Door;
  beforeAll(async () => {
    door = await createDoor();
  });
  afterAll(async () => {
    await door.web.stop();
  });

  it.each([
    ['the page', '/', 200],
    ['the API', '/api/labels', 200],
    ['an unknown address', '/nothing', 404],
    ['a wrong method', '/api/recommendations', 405],
    ['a foreign host', '/', 421],
    ['a foreign host at an unknown address', '/nothing', 421],
  ])('has a strict policy: %s', async (_what, url, status) => {
    const headers = status === 421 ? { host: 'evil.example' } : {};
    const response = await door.web.app.inject({ url, headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' blob:;connect-src 'self';" +
        "form-action 'none';frame-ancestors 'none';base-uri 'none'",
    );
    expect(response.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  it('serves a page without inline code, inline style or anything from elsewhere', async () => {
    const { body } = await door.web.app.inject('/');
    expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
    expect(body.match(/(?:src|href)="(?!\/|#)[^"]*"/g)).toBeNull();
  });

  it('names every module of the page for loading ahead', async () => {
    const { body } = await door.web.app.inject('/');
    const named = [...body.matchAll(/(?:modulepreload" href|module" src)="(\/[\w-]+\.js)"/g)].map(
      ([, path]) => path ?? '',
    );
    const imported = new Set<string>(['/chat.js']);
    for (const path of named) {
      const module = await door.web.app.inject(path);
      expect(module.statusCode).toBe(200);
      for (const [, name] of module.body.matchAll(/from '\.(\/[\w-]+\.js)';/g)) imported.add(name ?? '');
    }
    expect(imported.size).toBeGreaterThan(5);
    expect([...imported].filter((path) => !named.includes(path))).toEqual([]);
  });

  it('leaves one log line with nothing of what was sent or asked for', async () => {
    const { lines, web } = door;
    const photo = await drawGarment('Tshirts', '#1f2c56');
    lines.length = 0;
    const secret = 'my-secret-holiday.jpg';
    const search = await web.app.inject({
      method: 'POST',
      url: '/api/recommendations',
      ...(await form(['photo', photo, secret], ['filter', '{"colour":["Navy Blue"]}'])),
    });
    const id = search.json<{ galleries: { id: string }[] }>().galleries[0]?.id ?? 'none';
    await web.app.inject(`/api/galleries/${id}?filter=${encodeURIComponent('{"gender":["Women"]}')}`);
    await web.app.inject(`/api/items/${encodeURIComponent('裙子 №1')}`);
    await web.app.inject({ method: 'POST', url: '/api/messages', payload: { text: 'what I wrote' } });
    await web.app.inject('/etc/passwd?token=hunter2');
    await web.app.inject({ url: '/', headers: { host: 'evil.example', authorization: 'Bearer hunter2' } });

    expect(lines.map(({ method, route, status }) => [method, route, status])).toEqual([
      ['POST', '/api/recommendations', 200],
      ['GET', '/api/galleries/:id', 200],
      ['GET', '/api/items/:id', 200],
      ['POST', '/api/messages', 200],
      ['GET', 'none', 404],
      ['GET', '/', 421],
    ]);
    const known = ['level', 'time', 'pid', 'hostname', 'adapter', 'method', 'route', 'status', 'ms', 'msg'];
    expect(new Set(lines.flatMap((line) => Object.keys(line)))).toEqual(new Set(known));
    const text = JSON.stringify(lines);
    for (const part of [
      secret,
      id,
      'Navy',
      'Women',
      '裙子',
      encodeURIComponent('裙子'),
      'wrote',
      'passwd',
      'hunter2',
      'evil',
    ]) {
      expect(text).not.toContain(part);
    }
  });
});
