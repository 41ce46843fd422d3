import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDownload, isDiscordAddress } from '../../../src/adapters/discord/api/download.ts';
import { systemClock } from '../../../src/util/clock.ts';
import type { FakeFile } from '../../fakes/discord/fake-types.ts';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

describe('photo downloads', () => {
  const api = 'http://127.0.0.1:3000/api';

  it.each([
    'https://cdn.discordapp.com/attachments/1/2/a.jpg?ex=1',
    'https://media.discordapp.net/attachments/1/2/a.jpg',
    'https://images-ext-1.discordapp.net/external/abc/https/shop.example/a.jpg',
    'http://127.0.0.1:3000/attachments/1/2/a.jpg',
  ])('are allowed from Discord’s own hosts and from the configured API host: %s', (address) => {
    expect(isDiscordAddress(address, api)).toBe(true);
  });

  it.each([
    'http://cdn.discordapp.com/attachments/1/2/a.jpg',
    'https://cdn.discordapp.com.evil.example/a.jpg',
    'https://cdn.discordapp.com:8443/a.jpg',
    'https://cdn.discordapp.com@evil.example/a.jpg',
    'https://someone@cdn.discordapp.com/a.jpg',
    'https://shop.example/a.jpg',
    'http://127.0.0.1:3001/a.jpg',
    'http://127.0.0.1/a.jpg',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'nonsense',
    '',
  ])('are not allowed from other addresses: %s', (address) => {
    expect(isDiscordAddress(address, api)).toBe(false);
    if (address.includes('127.0.0.1')) expect(isDiscordAddress(address, undefined)).toBe(false);
  });

  it('do not follow redirects', async () => {
    let visited = 0;
    const elsewhere = createServer((_, response) => {
      visited++;
      response.end('secret');
    });
    const own = createServer((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${portOf(elsewhere)}/` }).end();
    });
    const portOf = (server: typeof own): number => (server.address() as AddressInfo).port;
    for (const server of [elsewhere, own])
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${portOf(own)}`;
    const download = createDownload({ apiUrl: `${origin}/api`, clock: systemClock, maxBytes: 1000 });
    const reading = download(
      { urls: [`${origin}/a.jpg`], spoiler: false, isImage: true },
      new AbortController().signal,
    );
    await expect(reading).rejects.toThrow(/does not deliver the photo/);
    expect(visited).toBe(0);
    for (const server of [elsewhere, own]) server.close();
  });
});

describe('photos with wrong or missing metadata', () => {
  let door: OpenDoor;

  afterEach(async () => {
    await door.close();
  });

  async function answerTo(file: Partial<FakeFile>): Promise<string> {
    door = await openDoor();
    await door.adapter.start();
    await door.ana.dm({ files: [{ ...(await photo()), ...file }] });
    const { fake, ana } = door;
    return (await fake.waitFor('the answer', () => fake.bot.directMessages(ana)[0])).text;
  }

  it('are refused without a download when the stated size is too large', async () => {
    expect(await answerTo({ size: 13_000_000 })).toContain('12 MB at most');
    expect(door.fake.downloads).toEqual([]);
  });

  it('are refused during the download when they are larger than stated', async () => {
    expect(await answerTo({ bytes: 30_000_000, size: 1000, delivery: { chunked: true } })).toContain(
      '12 MB at most',
    );
    expect(door.fake.downloads[0]?.bytesSent).toBeLessThan(30_000_000);
  });

  it('are retried when the connection is cut, and fail with an explanation when it stays cut', async () => {
    expect(await answerTo({ delivery: { cutAfter: 100 } })).toContain('Too many photos are waiting');
    expect(door.fake.downloads.length).toBeGreaterThan(1);
  });

  it('are answered when Discord does not state their content type', async () => {
    expect(await answerTo({ contentType: null, name: 'noending' })).toContain('Item <red-');
    // The token of the bot goes to the API only, never to the host of a file.
    expect(door.fake.downloads).toMatchObject([{ withAuthorization: false }]);
  });
});
