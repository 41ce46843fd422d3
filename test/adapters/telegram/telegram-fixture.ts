/** Opens bots and doors for a test, and closes them after it. */

import { afterEach } from 'vitest';
import type { Photo } from '../../scenarios/door-driver.ts';
import type { MovableClock } from '../../fakes/clock.ts';
import { colourPhoto, COLOURS } from '../../scenarios/colour-photo.ts';
import { createScenarioBot, type ScenarioBot } from '../../scenarios/scenario-bot.ts';
import { openTelegramDoor, type TelegramDriver, type TelegramDriverOptions } from './telegram-driver.ts';

export interface Bench {
  readonly bot: ScenarioBot;
  readonly driver: TelegramDriver;
}

/** Call this at the top of a test file. The returned function opens a bot with its door, and starts the door by default. */
export function useBenches(): (
  options?: TelegramDriverOptions & { readonly start?: boolean },
) => Promise<Bench> {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  return async ({ start = true, ...options } = {}) => {
    const bot = await createScenarioBot();
    open.push(() => bot.close());
    const driver = await openTelegramDoor(bot, options);
    open.push(() => driver.close());
    if (start) await driver.start();
    return { bot, driver };
  };
}

/** Advances the clock in steps of 500 ms until `holds` returns true. */
export async function passTime(
  { driver }: Pick<Bench, 'driver'>,
  clock: MovableClock,
  holds: () => boolean,
  what: string,
): Promise<void> {
  await driver.until(() => {
    if (!holds()) clock.advance(500);
    return holds();
  }, what);
}

export async function photo(colour: string = COLOURS.near): Promise<Photo> {
  return { name: 'coat.jpg', type: 'image/jpeg', bytes: await colourPhoto(colour) };
}
