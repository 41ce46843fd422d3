/** Measures how soon the bot is ready, and how fast it answers. */

import { type Child, startChild } from './child.ts';
import { load, phonePhotos } from './clients.ts';
import { atLeast, atMost, type Figure } from './figures.ts';

const COMMAND = 'npm run benchmark -- import serve';

export async function measureServing({
  photos: folder,
  data,
}: {
  readonly photos: string;
  readonly data: string;
}): Promise<Figure[]> {
  const photos = await phonePhotos(folder);
  const { bot, address, seconds } = await startWarm(() =>
    startChild('../../src/main.js', [], {
      DATA_DIR: data,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    }),
  );
  const one = await load({ address, photos, clients: 1, seconds: 10 });
  const eight = await load({ address, photos, clients: 8, seconds: 10 });
  await stop(bot);
  console.error(
    `One client: p99 ${one.p99Ms.toFixed(0)} ms. Eight clients: median ${eight.medianMs.toFixed(0)} ms. Peak memory ${bot.peakMemory().toFixed(0)} MB.`,
  );
  return [
    atMost('start until ready', seconds, 4, 's', COMMAND),
    atMost('1280x960 photo to JSON gallery, one client, median', one.medianMs, 30, 'ms', COMMAND),
    atLeast('the same, eight clients', eight.perSecond, 60, 'a second', COMMAND),
  ];
}

/** Starts the bot twice, because the first start copies the demo inventory into an empty data folder. @returns the second start and its duration. */
export async function startWarm(
  start: () => Child,
): Promise<{ readonly bot: Child; readonly address: string; readonly seconds: number }> {
  const first = start();
  await ready(first);
  await stop(first);
  const started = performance.now();
  const bot = start();
  const address = await ready(bot);
  return { bot, address, seconds: (performance.now() - started) / 1000 };
}

// --- Internal helpers ---

/** @returns the address of its web chat. */
async function ready(bot: Child): Promise<string> {
  const [, address = ''] = await bot.saw(/open (http:\/\/[^ ]+)/);
  return address;
}

async function stop(bot: Child): Promise<void> {
  bot.process.kill('SIGTERM');
  await bot.ended;
}
