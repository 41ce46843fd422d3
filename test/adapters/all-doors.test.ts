import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyDemoDataFolder } from '../demo-data-folder.ts';
import { type FakeDiscord, startFakeDiscord } from '../fakes/discord/fake-discord.ts';
import { type FakeTelegram, startFakeTelegram } from '../fakes/telegram/start-fake-telegram.ts';
import { type Running, startScript } from '../scripts/run-script.ts';
import { assetsFolder } from '../shipped-model.ts';

describe('one process', () => {
  let discord: FakeDiscord;
  let telegram: FakeTelegram;
  let folder: string;
  let bot: Running | undefined;

  beforeEach(async () => {
    discord = await startFakeDiscord({ privilegedIntents: ['MessageContent'] });
    telegram = await startFakeTelegram();
    folder = await copyDemoDataFolder();
  });
  afterEach(async () => {
    bot?.kill('SIGKILL');
    await bot?.finished;
    await discord.stop();
    await telegram.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('serves Discord, Telegram and the web chat at the same time from one embedder and one index', async () => {
    bot = startScript('src/main.ts', [], {
      DATA_DIR: folder,
      HOST: '',
      PORT: '0',
      LOG_LEVEL: 'trace',
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.url,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_URL: telegram.url,
    });
    const [, address = ''] = await bot.sawMatch(/ready: open (http:\/\/[^ ]+) /);

    // Photos that differ, so that none is answered from memory.
    const photo = (id: string) => readFile(join(assetsFolder, 'demo-inventory', 'images', `${id}.jpg`));
    const [onDiscord, another, onTelegram, onWeb] = await Promise.all([
      photo('10007'),
      photo('10219'),
      photo('10414'),
      photo('10478'),
    ]);
    const ada = discord.user('ada');
    const bob = telegram.user();
    await Promise.all([
      ada.dm({ files: [{ name: 'look.jpg', bytes: onDiscord }] }),
      ada.dm({ files: [{ name: 'look.jpg', bytes: another }] }),
    ]);
    bob.sendDocument(bob.privateChat, onTelegram, { fileName: 'look.jpg', mimeType: 'image/jpeg' });
    const [web] = await Promise.all([
      upload(address, onWeb),
      discord.waitFor('two answers on Discord', () => discord.bot.directMessages(ada).length === 2),
      telegram.waitFor(
        () => telegram.bot.messagesIn(bob.privateChat).length === 2,
        'an album and a text on Telegram',
      ),
    ]);
    const answers = discord.bot.directMessages(ada).map(({ gallery }) => gallery);
    expect(answers.map(({ length }) => length)).toEqual([5, 5]);
    expect(telegram.bot.messagesIn(bob.privateChat)[0]?.pictures).toHaveLength(5);
    // The photo is a picture of the inventory itself.
    expect(web.galleries[0]?.items[0]?.id).toBe('10478');

    const metrics = await (await fetch(`${address}/metrics`)).text();
    const valuesOf = (name: string): string[] =>
      metrics.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    expect(valuesOf('fashion_door_photos_total').sort()).toEqual([
      'fashion_door_photos_total{door="discord",outcome="found"} 2',
      'fashion_door_photos_total{door="telegram",outcome="found"} 1',
      'fashion_door_photos_total{door="web",outcome="found"} 1',
    ]);
    // One embedder and one index served all four.
    expect(metrics).toContain('fashion_stage_duration_seconds_count{stage="embed"} 4');
    expect(metrics).toContain('fashion_stage_duration_seconds_count{stage="own-picture"} 4');
    expect(metrics).toContain('fashion_stage_duration_seconds_count{stage="search"} 4');
    expect(valuesOf('fashion_index_items')).toEqual(['fashion_index_items 1200']);

    bot.kill('SIGTERM');
    const { code, stdout, stderr } = await bot.finished;
    expect(code).toBe(0);
    expect(stdout.match(/photos are embedded by/g)).toHaveLength(1);
    for (const secret of [discord.token.split('.')[2]!, telegram.token.split(':')[1]!]) {
      for (const text of [stdout, stderr, metrics]) expect(text).not.toContain(secret);
    }
  }, 120_000);
});

// --- Internal helpers ---

async function upload(address: string, photo: Buffer): Promise<{ galleries: { items: { id: string }[] }[] }> {
  const form = new FormData();
  form.set('photo', new Blob([Uint8Array.from(photo)]), 'look.jpg');
  const response = await fetch(`${address}/api/recommendations`, { method: 'POST', body: form });
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof upload>>;
}
