import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { chromiumPath, withoutBrowser } from './open-browser.ts';
import { useShopPage } from './use-shop-page.ts';

const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
};
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
const views = [
  ['a phone by day', { ...PHONE, colorScheme: 'light' }],
  ['a phone by night', { ...PHONE, colorScheme: 'dark' }],
  ['a desktop by day', { ...DESKTOP, colorScheme: 'light' }],
  ['a desktop by night', { ...DESKTOP, colorScheme: 'dark' }],
] as const;

/** CSS pixels that a finger needs. */
const FINGER = 44;

describe.skipIf(chromiumPath === undefined)(`the page for everybody${withoutBrowser}`, () => {
  const kit = useShopPage();

  /** What axe finds, as `rule: element`. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const result = await page.evaluate<axe.AxeResults>('axe.run()');
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`),
    );
  }

  /** Names of the visible buttons and links that are smaller than a finger. A card's opener covers its card. */
  async function smallTargets(page: Page): Promise<string[]> {
    return page.evaluate(`[...document.querySelectorAll('button:not(.card-open), a[href]:not(.skip), .option')]
      .filter((target) => target.checkVisibility())
      .filter((target) => {
        const { width, height } = target.getBoundingClientRect();
        return Math.round(width) < ${FINGER} || Math.round(height) < ${FINGER};
      })
      .map((target) => target.outerHTML.slice(0, 80))`);
  }

  const sideways = async (page: Page) =>
    page.evaluate<number>('document.scrollingElement.scrollWidth - document.documentElement.clientWidth');

  // Axe looks at every element of the page, which takes its time on a busy machine.
  it.each(views)('is accessible at every step on %s', { timeout: 120_000 }, async (_view, options) => {
    const page = await kit.open(options);
    const steps: Record<string, () => Promise<unknown>> = {
      greeting: async () => page.getByRole('heading', { name: 'Show me an outfit' }).waitFor(),
      'answers, weak and several, an error, words': async () => {
        await kit.send('shirt');
        await kit.send('corner', 'bag', 'not-a-photo');
        await page.locator('.bubble.problem').waitFor();
        await page.locator('.card-similar').first().click();
        await page.locator('.gallery').nth(3).waitFor();
        await page.getByRole('button', { name: 'Help' }).click();
        await page.locator('.facts').waitFor();
      },
      'item dialog': async () => page.locator('.card-open').first().click(),
      'filter dialog': async () => {
        await page.keyboard.press('Escape');
        await page.locator('[data-filter="colour"]').first().click();
        await page.locator('.option').nth(1).click();
      },
      'active filter': async () => {
        await page.keyboard.press('Escape');
        await page.locator('.chip-active').waitFor();
      },
    };
    for (const [step, take] of Object.entries(steps)) {
      await take();
      expect([step, await violations(page)]).toEqual([step, []]);
      expect([step, await smallTargets(page)]).toEqual([step, []]);
      expect([step, await sideways(page)]).toEqual([step, 0]);
    }
  });

  it('puts five cards in a row on a desktop, and a strip to swipe on a phone', async () => {
    const tops = `[...document.querySelectorAll('.card')].map((card) => Math.round(card.getBoundingClientRect().top))`;
    const widths = `[document.querySelector('.cards').scrollWidth, document.querySelector('.cards').clientWidth]`;
    for (const [options, swipes] of [
      [DESKTOP, false],
      [PHONE, true],
    ] as const) {
      const page = await kit.open(options);
      await kit.send('shirt');
      expect(new Set(await page.evaluate<number[]>(tops)).size).toBe(1);
      const [whole = 0, shown = 0] = await page.evaluate<number[]>(widths);
      expect(whole > shown).toBe(swipes);
      if (options === DESKTOP) await page.context().close();
    }
  });

  it('offers the camera on phones only', async () => {
    const desktop = await kit.open(DESKTOP);
    expect(await desktop.getByRole('button', { name: 'Take a photo' }).count()).toBe(0);
    await desktop.context().close();
    const phone = await kit.open(PHONE);
    const chooser = phone.waitForEvent('filechooser');
    await phone.getByRole('button', { name: 'Take a photo' }).first().tap();
    expect(await (await chooser).element().getAttribute('capture')).toBe('environment');
  });

  it('moves nothing for people who asked for that, and a little for the others', async () => {
    const moving = `document.getAnimations().length > 0`;
    for (const reducedMotion of ['reduce', 'no-preference'] as const) {
      const page = await kit.open({ reducedMotion });
      const release = kit.shop.hold();
      await page.setInputFiles('#photo-input', kit.photo('shirt'));
      await page.getByText('Looking for similar items', { exact: true }).waitFor();
      expect(await page.evaluate(moving)).toBe(reducedMotion === 'no-preference');
      release();
      await kit.settled();
      if (reducedMotion === 'reduce') await page.context().close();
    }
  });

  it('is used by keyboard alone, from the first key to a narrowed answer', async () => {
    const page = await kit.open();
    const tabTo = async (text: RegExp, key = 'Tab') => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press(key);
        if (text.test((await kit.focusedText()) ?? '')) return;
      }
      throw new Error(`${key} never came to ${String(text)}`);
    };
    await page.keyboard.press('Tab');
    expect(await kit.focusedText()).toBe('Skip to the message field');
    await page.keyboard.press('Enter');
    await page.keyboard.type('/help');
    await page.keyboard.press('Enter');
    await page.locator('.gallery').waitFor();

    await tabTo(/^1\. /, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('#item-dialog').getByRole('button', { name: 'More like this' }).waitFor();
    await tabTo(/^More like this/);
    await page.keyboard.press('Enter');
    await page.locator('.gallery').nth(1).waitFor();

    await tabTo(/^Colour/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: /^Remove filter/ }).waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await expect.poll(kit.focusedText).toBe('Colour');
    expect(kit.complaints()).toEqual([]);
  });
});
