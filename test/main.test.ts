import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { type AddressInfo } from 'node:net';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { copyDemoDataFolder } from './demo-data-folder.ts';
import { startFakeDiscord } from './fakes/discord/fake-discord.ts';
import { startFakeTelegram } from './fakes/telegram/start-fake-telegram.ts';
import { type Running, runScript, startScript } from './scripts/run-script.ts';
import { assetsFolder, shippedModel } from './shipped-model.ts';

const started: Running[] = [];
afterEach(async () => {
  for (const bot of started.splice(0)) {
    bot.kill('SIGKILL');
    await bot.finished;
  }
});

const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'main-'));

async function startBot(dataFolder: string): Promise<{ bot: Running; address: string }> {
  const bot = startScript('src/main.ts', [], {
    DATA_DIR: dataFolder,
    PORT: '0',
    HOST: '',
    LOG_LEVEL: 'info',
  });
  started.push(bot);
  const [, address = ''] = await bot.sawMatch(/ready: open (http:\/\/[^ ]+) /);
  return { bot, address };
}

async function upload(): Promise<{ type: string; body: Uint8Array<ArrayBuffer> }> {
  const form = new FormData();
  const photo = await readFile(join(assetsFolder, 'demo-inventory', 'images', '10007.jpg'));
  form.set('photo', new Blob([Uint8Array.from(photo)]), 'secret-file-name.jpg');
  const encoded = new Response(form);
  return {
    type: encoded.headers.get('content-type') ?? '',
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

async function ask(address: string): Promise<Response> {
  const { type, body } = await upload();
  const headers = { 'content-type': type };
  return fetch(`${address}/api/recommendations`, { method: 'POST', headers, body });
}

/** Sends half a photo, so that the request is surely in flight, and the rest when asked. */
async function startUpload(
  address: string,
): Promise<{ finish(): Promise<{ status: number | undefined; items: number }> }> {
  const { type, body } = await upload();
  const half = Math.floor(body.length / 2);
  const headers = { 'content-type': type, 'content-length': body.length, expect: '100-continue' };
  const request = httpRequest(`${address}/api/recommendations`, { method: 'POST', headers });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  await once(request, 'continue');
  request.write(body.subarray(0, half));
  return {
    async finish() {
      request.end(body.subarray(half));
      const [response] = await answered;
      const answer = (await json(response)) as { galleries?: { items: unknown[] }[] };
      return { status: response.statusCode, items: answer.galleries?.[0]?.items.length ?? 0 };
    },
  };
}

describe('the bot', () => {
  it('starts from nothing, answers from the demo inventory, and ends in order on SIGTERM with a photo in flight', async () => {
    const folder = await freshFolder();
    const { bot, address } = await startBot(folder);
    const { galleries } = (await (await ask(address)).json()) as {
      galleries: { weak: boolean; items: { rank: number; id: string; similarity: number }[] }[];
    };
    expect(galleries).toHaveLength(1);
    expect(galleries[0]?.weak).toBe(false);
    expect(galleries[0]?.items.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect(galleries[0]?.items[0]).toMatchObject({ id: '10007' });
    expect(galleries[0]?.items[0]?.similarity).toBeGreaterThan(0.999);
    expect((await fetch(`${address}/readyz`)).status).toBe(200);

    const inFlight = await startUpload(address);
    bot.kill('SIGTERM');
    await bot.sawMatch(/stopping: finishing accepted work/);
    expect(await inFlight.finish()).toMatchObject({ status: 200, items: 5 });
    const { code, stdout, stderr } = await bot.finished;
    expect(code).toBe(0);
    expect(stdout).toContain('"msg":"stopped"');
    expect(stdout).toMatch(/TELEGRAM_TOKEN.*DISCORD_TOKEN/);
    expect(stdout + stderr).not.toContain('secret-file-name');

    const again = await startBot(folder);
    expect((await ask(again.address)).status).toBe(200);
  }, 60_000);

  it('survives being killed during its first start', async () => {
    const folder = await freshFolder();
    const bot = startScript('src/main.ts', [], { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'info' });
    started.push(bot);
    await bot.sawMatch(/photos are embedded by/);
    bot.kill('SIGKILL');
    await bot.finished;
    const { address } = await startBot(folder);
    expect((await ask(address)).status).toBe(200);
  }, 60_000);

  it('leaves a data folder alone that another process holds', async () => {
    const folder = await copyDemoDataFolder();
    const { bot } = await startBot(folder);
    const second = await runScript('src/main.ts', [], { DATA_DIR: folder, PORT: '0' });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process ${bot.pid} (the bot`);
    expect(second.stderr).not.toMatch(/\n\s+at /);
  }, 60_000);

  it('names the port that is taken, and every setting that is wrong', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const PORT = String((server.address() as AddressInfo).port);
    const taken = await runScript('src/main.ts', [], {
      DATA_DIR: await copyDemoDataFolder(),
      PORT,
      HOST: '127.0.0.1',
    });
    server.close();
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(new RegExp(`Port ${PORT} of 127.0.0.1 is taken`));

    const wrong = await runScript('src/main.ts', [], {
      PORT: 'http',
      ENGINE: 'abacus',
      STORE_URL: 'p4ssword',
    });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/PORT: [^]*ENGINE: [^]*STORE_URL: /);
    expect(wrong.stderr).not.toMatch(/abacus|p4ssword|\n\s+at /);
  }, 60_000);

  it('opens Telegram beside the web chat, both on one embedder and one index, and keeps its token to itself', async () => {
    const fake = await startFakeTelegram();
    const bot = startScript('src/main.ts', [], {
      DATA_DIR: await copyDemoDataFolder(),
      PORT: '0',
      LOG_LEVEL: 'trace',
      TELEGRAM_TOKEN: fake.token,
      TELEGRAM_API_URL: fake.url,
    });
    started.push(bot);
    const [, address = ''] = await bot.sawMatch(/ready: open (http:\/\/[^ ]+) /);
    const photo = await readFile(join(assetsFolder, 'demo-inventory', 'images', '10007.jpg'));
    const anna = fake.user();
    await anna.sendPhoto(anna.privateChat, photo);
    const [, web] = await Promise.all([
      fake.waitFor(() => fake.bot.messagesIn(anna.privateChat).length === 2, 'an album and a text'),
      ask(address),
    ]);
    expect(web.status).toBe(200);
    expect(fake.bot.messagesIn(anna.privateChat)[0]?.pictures).toHaveLength(5);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('fashion_index_items 1200');
    expect(metrics).toMatch(/fashion_photos_total\{outcome="(answered|weak)"\} \d/);
    expect(metrics).toContain('fashion_telegram_updates_total{outcome="accepted"} 1');
    bot.kill('SIGTERM');
    const { code, stdout, stderr } = await bot.finished;
    await fake.close();
    expect(code).toBe(0);
    const secret = fake.token.split(':')[1]!;
    for (const text of [stdout, stderr, metrics]) expect(text).not.toContain(secret);
  }, 60_000);

  it('opens Discord beside the web chat, on the same embedder and index, and keeps its token to itself', async () => {
    const fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'] });
    const bot = startScript('src/main.ts', [], {
      DATA_DIR: await copyDemoDataFolder(),
      PORT: '0',
      LOG_LEVEL: 'trace',
      DISCORD_TOKEN: fake.token,
      DISCORD_API_URL: fake.url,
    });
    started.push(bot);
    const [, address = ''] = await bot.sawMatch(/ready: open (http:\/\/[^ ]+) /);
    const bytes = await readFile(join(assetsFolder, 'demo-inventory', 'images', '10007.jpg'));
    const ana = fake.user('ana');
    await ana.dm({ files: [{ name: 'secret-file-name.jpg', bytes }] });
    const answer = await fake.waitFor('the answer', () => fake.bot.directMessages(ana)[0]);
    expect(answer.gallery).toHaveLength(5);
    expect(answer.text).toMatch(/nearly identical \(1\.00\)/);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('fashion_discord_events_total{outcome="accepted"} 1');
    bot.kill('SIGTERM');
    const { code, stdout, stderr } = await bot.finished;
    await fake.stop();
    expect(code).toBe(0);
    for (const text of [stdout, stderr, metrics]) {
      for (const secret of [fake.token.split('.')[2]!, 'secret-file-name', 'hm='])
        expect(text).not.toContain(secret);
    }
  }, 60_000);

  it('ends with one line and an exit code of its own when Telegram does not know the token', async () => {
    const fake = await startFakeTelegram();
    const wrong = '1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    const refused = await runScript('src/main.ts', [], {
      DATA_DIR: await copyDemoDataFolder(),
      PORT: '0',
      TELEGRAM_TOKEN: wrong,
      TELEGRAM_API_URL: fake.url,
    });
    await fake.close();
    expect(refused.code).toBe(77);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    expect(refused.stderr).toMatch(/TELEGRAM_TOKEN/);
    expect(refused.stdout + refused.stderr).not.toContain('aaaaaaaa');
  }, 60_000);

  it('ends with one line and an exit code of its own when Discord does not know the token, or refuses an intent', async () => {
    const fake = await startFakeDiscord();
    const settings = { PORT: '0', DISCORD_API_URL: fake.url };
    const folder = await copyDemoDataFolder();
    const wrong = `${fake.token.split('.')[0] ?? ''}.Gwrong.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`;
    const unknown = await runScript('src/main.ts', [], {
      ...settings,
      DATA_DIR: folder,
      DISCORD_TOKEN: wrong,
    });
    const refused = await runScript('src/main.ts', [], {
      ...settings,
      DATA_DIR: folder,
      DISCORD_TOKEN: fake.token,
    });
    await fake.stop();
    expect(unknown.code).toBe(77);
    expect(unknown.stderr).toMatch(/^Discord does not know this DISCORD_TOKEN[^\n]*\n$/);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^[^\n]*4014[^\n]*DISCORD_MESSAGE_CONTENT=off[^\n]*\n$/);
    const said = [unknown, refused].map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const secret of ['aaaaaaaa', fake.token.split('.')[2]!]) expect(said).not.toContain(secret);
  }, 120_000);

  it('refuses an index of another model with the command that repairs it', async () => {
    const folder = await freshFolder();
    const shop = await smallShop();
    expect((await runScript('scripts/inventory.ts', ['import', shop], { DATA_DIR: folder })).code).toBe(0);
    const other = await otherModel();
    const refused = await runScript('src/main.ts', [], { DATA_DIR: folder, PORT: '0', MODEL_DIR: other });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/version: [^]*npm run inventory -- reindex/);
    const inventory = (command: string) =>
      runScript('scripts/inventory.ts', [command], { DATA_DIR: folder, MODEL_DIR: other });
    const status = await inventory('status');
    expect(status.stdout).toMatch(/^Index {4}The index .* was made by another model [^]*version: /m);
    expect(status.stdout).toMatch(/^Source {3}shop: .*24 items not searchable yet, /m);
    expect(status.stdout).not.toMatch(/^\{/m);
    expect((await inventory('duplicates')).stderr).toContain('was made by another model');
    const repaired = await inventory('reindex');
    expect(repaired.stdout).not.toMatch(/^\{/m);
    expect(repaired.stderr).toContain('This run rebuilds it.');
    expect(repaired.stdout).toContain('24 items can be found now');
    const bot2 = startScript('src/main.ts', [], { DATA_DIR: folder, PORT: '0', MODEL_DIR: other });
    started.push(bot2);
    await bot2.sawMatch(/ready: open/);
  }, 120_000);
});

// --- Internal helpers ---

/** Pictures of the demo inventory as a folder of their own: how many there are is not what is tested. */
async function smallShop(): Promise<string> {
  const folder = join(await freshFolder(), 'shop');
  await mkdir(folder);
  const pictures = join(assetsFolder, 'demo-inventory', 'images');
  for (const name of (await readdir(pictures)).sort().slice(0, 24))
    await cp(join(pictures, name), join(folder, name));
  return folder;
}

/** The shipped model under another version: another fingerprint, the same network. */
async function otherModel(): Promise<string> {
  const folder = join(await freshFolder(), 'other');
  await cp(join(shippedModel.weightsPath, '..'), folder, { recursive: true });
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ ...shippedModel.manifest, version: '99.0.0' }),
  );
  return folder;
}
