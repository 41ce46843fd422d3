/** A shop with a page and a browser to look at it, for the tests of one file. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { drawGarment, drawnWares } from './drawn-wares.ts';
import { openBrowser, watchComplaints } from './open-browser.ts';
import { createDoor, type Door } from './open-door.ts';
import { ware } from './tiny-shop.ts';

/** Title of a pair of grey trousers that wants to be more than a title. */
export const MISCHIEF = '<img src=x onerror=alert(1)>';

/** Registers its own set-up and tear-down; a page opened in a test is closed after it. */
export function useShopPage() {
  let door: Door;
  let browser: Browser;
  let folder: string;
  let page: Page | undefined;
  let complaints: string[] = [];

  beforeAll(async () => {
    const mischief = ware(await drawGarment('Trousers', '#777777'), {
      id: MISCHIEF,
      title: MISCHIEF,
      labels: { type: 'Trousers', colour: 'Grey' },
      predicted: { gender: { value: 'Men', probability: 0.8 } },
    });
    door = await createDoor({ wares: [...(await drawnWares()), mischief], maxPhotoBytes: 5_000_000 });
    await door.web.start();
    browser = await openBrowser();
    folder = await mkdtemp(join(tmpdir(), 'page-test-'));
    await writeFile(photo('shirt'), await drawGarment('Tshirts', '#1f2c56'));
    await writeFile(photo('bag'), await drawGarment('Handbags', '#b3262e'));
    await writeFile(photo('trousers'), await drawGarment('Trousers', '#777777'));
    await writeFile(photo('shoe'), await drawGarment('Casual Shoes', '#222222'));
    await writeFile(photo('not-a-photo'), 'just text');
    const corner =
      '<svg width="225" height="300"><rect width="225" height="300" fill="#fff"/><rect width="30" height="20"/></svg>';
    await writeFile(photo('corner'), await sharp(Buffer.from(corner)).jpeg().toBuffer());
  });
  afterAll(async () => {
    await browser.close();
    await door.web.stop();
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    await page?.context().close();
  });

  /** Path of one of the photos made above, or of one that a test makes itself. */
  const photo = (name: string) => join(folder, `${name}.jpg`);

  /** Resolves once every question has an answer. */
  async function settled(): Promise<void> {
    await page?.locator('.bubble.answer, .bubble.problem').first().waitFor();
    await page?.locator('.waiting').first().waitFor({ state: 'detached' });
  }

  return {
    get shop() {
      return door.shop;
    },
    photo,
    settled,
    /** Console errors and warnings, exceptions, policy violations of the page that is open. */
    complaints: () => complaints,
    async open(options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      context.setDefaultTimeout(50_000);
      page = await context.newPage();
      complaints = watchComplaints(page);
      await page.goto(door.web.address ?? '');
      return page;
    },
    async send(...names: string[]): Promise<void> {
      await page?.setInputFiles('#photo-input', names.map(photo));
      await settled();
    },
    titles: async () => page?.locator('.card-open').allTextContents() ?? [],
    /** What a screen reader was told. */
    heard: async () => page?.locator('#announcements p').allTextContents() ?? [],
    focusedText: async () => page?.evaluate<string>('document.activeElement.textContent.trim()'),
  };
}
