/** A data folder with the demo inventory in it, for tests that are not about the first start: that takes 10 s of a core. */

import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hasCode } from '../src/util/errors.ts';
import { DEMO_DATA } from './build-programs.ts';
import { startScript } from './scripts/run-script.ts';

/** @returns a copy of its own, in a temporary folder. */
export async function copyDemoDataFolder(): Promise<string> {
  while (!existsSync(DEMO_DATA)) {
    if (await claim()) await make();
    else await setTimeout(100);
  }
  const folder = await mkdtemp(join(tmpdir(), 'demo-data-'));
  await cp(DEMO_DATA, folder, { recursive: true });
  return folder;
}

// --- Internal helpers ---

const CLAIM = `${DEMO_DATA}-claim`;

/** Whoever comes first makes it, in whichever process; the others wait. */
function claim(): Promise<boolean> {
  return mkdir(CLAIM).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    },
  );
}

/** The first start of the bot, and an orderly end. */
async function make(): Promise<void> {
  try {
    const folder = `${DEMO_DATA}-unfinished`;
    const bot = startScript('src/main.ts', [], {
      DATA_DIR: folder,
      HOST: '',
      PORT: '0',
      LOG_LEVEL: 'info',
    });
    await bot.saw('ready: open');
    bot.kill('SIGTERM');
    const { code, stderr } = await bot.finished;
    if (code !== 0) throw new Error(`The first start ended with ${code}: ${stderr}`);
    await rename(folder, DEMO_DATA);
  } finally {
    await rm(CLAIM, { recursive: true });
  }
}
