import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLocalPerson } from '../../../src/adapters/web/local-person.ts';
import { ShrinkGuardError } from '../../../src/reindex/shrink-guard.ts';
import { createFakeReindexJob, PLAN, SUMMARY } from './fake-reindex-job.ts';
import { createDoor, type Door } from './open-door.ts';

describe('a local person', () => {
  const headers = { host: 'localhost:8080' };

  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('comes from %s', (address) => {
    expect(isLocalPerson({ address, headers })).toBe(true);
  });

  it.each([undefined, '', '192.168.1.20', '10.0.0.1', '::ffff:192.168.1.20', 'fe80::1', '::2', 'localhost'])(
    'does not come from %s',
    (address) => {
      expect(isLocalPerson({ address, headers })).toBe(false);
    },
  );

  it.each<[string, Record<string, string>]>([
    ['a proxy that says for whom', { 'x-forwarded-for': '192.168.1.20' }],
    ['a proxy by the standard', { forwarded: 'for=192.168.1.20' }],
    ['a proxy that names itself', { via: '1.1 proxy' }],
    ['a public name', { host: 'fashion.example' }],
    ['the name of this machine in its network', { host: '192.168.1.20:8080' }],
    ['no name at all', { host: '' }],
    ['a page of another site', { origin: 'https://shop.example' }],
    ['a page of another port', { origin: 'http://localhost:3000' }],
    ['a page without an origin', { origin: 'null' }],
  ])('does not come through %s', (_what, more) => {
    expect(isLocalPerson({ address: '127.0.0.1', headers: { ...headers, ...more } })).toBe(false);
  });

  it('comes from its own page', () => {
    const origin = 'http://localhost:8080';
    expect(isLocalPerson({ address: '127.0.0.1', headers: { ...headers, origin } })).toBe(true);
  });
});

describe('the inventory in the API', () => {
  let door: Door;
  let fake: ReturnType<typeof createFakeReindexJob>;

  beforeEach(async () => {
    fake = createFakeReindexJob();
    door = await createDoor({ panel: fake.panel });
  });
  afterEach(async () => {
    await fake.panel.reindex.close();
    await door.web.stop();
  });

  interface More {
    readonly remoteAddress?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  const look = async (more: More = {}) =>
    (await door.web.app.inject({ url: '/api/inventory', ...more })).json<Record<string, unknown>>();
  const post = (path: string, payload: object, more: More = {}) =>
    door.web.app.inject({ method: 'POST', url: `/api/inventory/runs${path}`, payload, ...more });

  it('is told to a local person', async () => {
    expect(await look()).toMatchObject({
      local: true,
      model: { name: 'net' },
      sources: [
        { name: 'boots', items: 100, hidden: 7, readAt: '2026-11-24T12:00:00.000Z' },
        { name: 'coats', items: null, hidden: 0, readAt: null },
      ],
      recall: { value: 0.9987 },
      runs: [{ outcome: 'needs-confirmation' }],
      run: null,
    });
  });

  it.each<[string, More]>([
    ['somebody in the network', { remoteAddress: '192.168.1.20' }],
    ['somebody behind a proxy', { headers: { 'x-forwarded-for': '192.168.1.20' } }],
  ])('is neither told to nor touched by %s', async (_who, more) => {
    expect(await look(more)).toEqual({ local: false });
    const refused = await post('', { kind: 'reindex' }, more);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ type: '/problems/not-local' });
    const run = fake.panel.reindex.start({ kind: 'plan', by: { door: 'web', person: '', place: '' } });
    expect((await post(`/${run?.id ?? ''}`, { step: 'cancel' }, more)).statusCode).toBe(403);
    expect(fake.asked).toHaveLength(1);
    expect(fake.last.options.signal?.aborted).toBe(false);
  });

  it('is not touched by another website, even on this machine', async () => {
    const callers: NonNullable<More['headers']>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' },
      // What a browser says whose proxy rewrites the host.
      { 'sec-fetch-site': 'same-origin', origin: 'https://shop.example' },
      { host: 'evil.example' },
    ];
    for (const headers of callers) {
      expect((await post('', { kind: 'reindex' }, { headers })).statusCode).toBeGreaterThanOrEqual(403);
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await door.web.app.inject({
      method: 'POST',
      url: '/api/inventory/runs',
      payload: 'kind=full',
      headers: form,
    });
    expect(sent.statusCode).toBe(415);
    expect(fake.asked).toEqual([]);
  });

  it('is not there when the operator switched it off', async () => {
    await door.web.stop();
    door = await createDoor();
    expect(await look()).toEqual({ local: false });
    const refused = await post('', { kind: 'reindex' });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      detail:
        'The operator switched this off (INVENTORY_PANEL=off). At the machine that runs this server, stop it and use npm run inventory.',
    });
  });

  it('is shown the way to on the port that is listened on', async () => {
    await door.web.start();
    const refused = await post('', { kind: 'plan' }, { remoteAddress: '192.168.1.20' });
    expect(refused.json<{ detail: string }>().detail).toContain(`page at ${door.web.address ?? '-'}.`);
  });

  it.each<[string, string, object, string]>([
    [
      '',
      'another kind',
      { kind: 'foo' },
      'Expected {"kind":"plan"}, {"kind":"reindex"}, {"kind":"full"} or {"kind":"confirm","run":ID}, got {"kind":"foo"}.',
    ],
    [
      '/any',
      'another step',
      { step: 'x' },
      'Expected {"step":"pause"}, {"step":"resume"} or {"step":"cancel"}, got {"step":"x"}.',
    ],
    [
      '/zzz',
      'a run that is not there',
      { step: 'pause' },
      'Expected the id of the last run, got "zzz". GET /api/inventory returns it.',
    ],
  ])('says at %j what was wrong with %s', async (path, _what, payload, detail) => {
    expect((await post(path, payload)).json()).toMatchObject({ detail });
  });

  it.each([{}, { kind: 'all' }, { kind: 'plan', confirmed: true }, { kind: 'confirm' }, [], 7])(
    'is not touched by %j',
    async (payload) => {
      const response = await post('', payload as object);
      expect(response.statusCode).toBe(400);
      expect(fake.asked).toEqual([]);
    },
  );

  it('is read again, held back, taken up and finished', async () => {
    const { run } = (await post('', { kind: 'full' })).json<{ run: { id: string } }>();
    expect(fake.last.options).toMatchObject({ full: true, confirmed: [], who: 'web' });
    fake.last.options.onProgress?.({ phase: 'embed', done: 3, total: 8 });
    expect(await look()).toMatchObject({
      run: {
        full: true,
        by: 'web',
        state: { kind: 'running', canPause: true, progress: { done: 3, total: 8 } },
      },
    });
    expect((await post(`/${run.id}`, { step: 'pause' })).json()).toMatchObject({
      done: true,
      run: { state: { phase: 'paused' } },
    });
    expect((await post('', { kind: 'plan' })).json()).toMatchObject({ joined: true, run: { id: run.id } });
    expect((await post(`/${run.id}`, { step: 'resume' })).json()).toMatchObject({ done: true });
    expect((await post('/another', { step: 'cancel' })).statusCode).toBe(404);
    fake.last.finish(SUMMARY);
    await fake.panel.reindex.last()?.ended;
    expect((await post(`/${run.id}`, { step: 'cancel' })).json()).toMatchObject({ done: false });
    expect(await look()).toMatchObject({
      run: { state: { kind: 'finished', summary: { added: 12, rejected: 1, reasons: SUMMARY.rejected } } },
    });
    expect(fake.audit.entries.map(({ person, argument, outcome }) => [person, argument, outcome])).toEqual([
      ['local', 'full', 'started'],
      ['local', 'pause', 'done'],
      ['local', 'plan', 'already-running'],
      ['local', 'resume', 'done'],
      ['local', 'full', 'finished'],
      ['local', 'cancel', 'too-late'],
    ]);
  });

  it('loses much only when the last run asked for that, and once', async () => {
    const { run } = (await post('', { kind: 'reindex' })).json<{ run: { id: string } }>();
    const confirm = () => post('', { kind: 'confirm', run: run.id });
    expect((await confirm()).statusCode).toBe(400);
    fake.last.fail(new ShrinkGuardError(PLAN));
    await fake.panel.reindex.last()?.ended;
    expect(await look()).toMatchObject({
      run: { state: { kind: 'needs-confirmation', plan: { losses: PLAN.losses, rejected: 1 } } },
    });
    expect((await post('', { kind: 'confirm', run: 'another' })).statusCode).toBe(400);
    expect((await confirm()).statusCode).toBe(200);
    expect(fake.last.options).toMatchObject({ confirmed: PLAN.losses });
    fake.last.finish(SUMMARY);
    await fake.panel.reindex.last()?.ended;
    expect((await confirm()).statusCode).toBe(400);
    expect(fake.asked).toHaveLength(2);
  });

  it('tells of a defect only that it was logged', async () => {
    await post('', { kind: 'reindex' });
    fake.last.fail(new TypeError('x is not a function'));
    await fake.panel.reindex.last()?.ended;
    expect(JSON.stringify(await look())).not.toContain('not a function');
    expect(JSON.stringify(door.lines)).toContain('not a function');
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((face) => face?.family === 'IPv4' && !face.internal)?.address;

  it.skipIf(outside === undefined)(
    'is closed to a real connection from the network (needs one)',
    async () => {
      await door.web.stop();
      door = await createDoor({ panel: fake.panel, host: '0.0.0.0' });
      await door.web.start();
      const port = new URL(door.web.address ?? '').port;
      const body = await new Promise<string>((resolve, reject) => {
        // It even claims to be asking for localhost.
        request(
          { host: outside, port, path: '/api/inventory', headers: { host: `localhost:${port}` } },
          (response) => {
            let text = '';
            response.on('data', (chunk: Buffer) => (text += chunk.toString()));
            response.on('end', () => {
              resolve(text);
            });
          },
        )
          .on('error', reject)
          .end();
      });
      expect(JSON.parse(body)).toEqual({ local: false });
    },
  );
});
