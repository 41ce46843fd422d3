import { describe, expect, it } from 'vitest';
import type { GalleryJson } from '../../../src/adapters/web/gallery-json.ts';
import { chromiumPath, withoutBrowser } from './open-browser.ts';
import { MISCHIEF, useShopPage } from './use-shop-page.ts';

describe.skipIf(chromiumPath === undefined)(`the page with an answer${withoutBrowser}`, () => {
  const kit = useShopPage();

  describe('with an answer', () => {
    it('shows more of it below, and the keyboard goes on there', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      await page.getByRole('button', { name: 'More', exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.locator('.card').nth(9).waitFor();
      expect(await page.locator('.rank').allTextContents()).toEqual(
        Array.from({ length: 10 }, (_, i) => String(i + 1)),
      );
      expect(await kit.focusedText()).toMatch(/^6\. /);
      expect((await kit.heard()).at(-1)).toBe('Five items more.');
    });

    it('takes More away when there is no more', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const more = page.getByRole('button', { name: 'More', exact: true });
      for (const count of [10, 15, 20]) {
        await more.click();
        await page
          .locator('.card')
          .nth(count - 1)
          .waitFor();
      }
      await more.waitFor({ state: 'hidden' });
    });

    it('shows what is like an item in a new turn', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const second =
        (await page.locator('.card').nth(1).locator('.card-open').textContent())?.replace(/^\d+\. /, '') ??
        '';
      await page.getByRole('button', { name: `More like this: ${second}` }).click();
      await page.locator('.gallery').nth(1).waitFor();
      expect(await page.locator('.echo').textContent()).toBe(`More like ${second}`);
      const found = await page
        .locator('.gallery')
        .nth(1)
        .locator('.card')
        .locator('.card-open')
        .allTextContents();
      expect(found.join()).not.toContain(second);
      expect(kit.complaints()).toEqual([]);
    });

    it('narrows it down and widens it again without sending the photo again', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const uploads: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST') uploads.push(request.url());
      });
      await page.getByRole('button', { name: 'Colour' }).click();
      const dialog = page.getByRole('dialog', { name: 'Colour' });
      expect(await dialog.locator('.option-value').first().textContent()).toBe('Navy Blue');
      await dialog.getByText('Red', { exact: true }).click();
      await dialog.getByText('Pink', { exact: true }).click();
      await page.getByRole('button', { name: 'Remove filter Pink' }).waitFor({ state: 'attached' });
      await expect
        .poll(kit.titles)
        .toSatisfy((all: string[]) => all.length === 5 && all.every((title) => /Red|Pink/.test(title)));
      await dialog.getByRole('button', { name: 'Done' }).click();
      await expect.poll(kit.focusedText).toBe('Colour');

      await page.getByRole('button', { name: 'Remove filter Pink' }).click();
      await expect.poll(kit.titles).toSatisfy((all: string[]) => all.every((title) => title.includes('Red')));
      await page.getByRole('button', { name: 'Remove filter Red' }).click();
      await expect.poll(async () => (await kit.titles())[0]).toContain('Navy Blue');
      expect(uploads).toEqual([]);
      expect(kit.complaints()).toEqual([]);
    });

    it('says when no item is left', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      for (const [filter, value] of [
        ['Type', 'Handbags'],
        ['Colour', 'Grey'],
      ] as const) {
        await page.getByRole('button', { name: filter, exact: true }).click();
        await page.locator('dialog[open]').getByText(value, { exact: true }).click();
        await page.keyboard.press('Escape');
      }
      await page.getByText('Nothing here matches these filters.').first().waitFor();
      expect(await page.locator('.card').count()).toBe(0);
    });

    it('goes on after the server has forgotten it', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      kit.shop.expire();
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.locator('.card').nth(9).waitFor();
      expect(await page.locator('.problem-text').count()).toBe(0);
    });

    it('says which items cannot be had now, in the card and closely, and of the others nothing', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const card = (title: string) => page.locator('.card').filter({ hasText: title });
      const words: Record<string, string[]> = {
        'Navy Blue Tshirts No. 1': [],
        'Red Tshirts No. 2': ['Out of stock'],
        'Green Tshirts No. 3': ['Pre-order'],
        'Black Tshirts No. 4': ['Back-order'],
        'Pink Tshirts No. 5': [],
      };
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.locator('.card').nth(9).waitFor();
      for (const [title, expected] of Object.entries(words)) {
        expect(await card(title).locator('.availability').allTextContents()).toEqual(expected);
        await card(title).locator('.card-open').click();
        const dialog = page.locator('#item-dialog');
        await dialog.getByRole('heading', { name: title }).waitFor();
        expect(await dialog.locator('.availability').allTextContents()).toEqual(expected);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
      }
      expect(kit.complaints()).toEqual([]);
    });

    it('says what the photo looks like, as far as the model is sure, and of items nothing', async () => {
      const page = await kit.open();
      const answer = page.waitForResponse((response) => response.url().endsWith('/api/recommendations'));
      await kit.send('shirt');
      const { galleries } = (await (await answer).json()) as { galleries: GalleryJson[] };
      const { type, colour, gender } = galleries[0]!.shows;
      const sure = [type, colour, gender].filter((it) => it && it.probability >= 0.5);
      expect(sure.length).toBeGreaterThan(0);
      const told = sure.map((it) => `${it!.value} ${Math.round(it!.probability * 100)}%`);
      expect(await page.locator('.shows').textContent()).toBe(`Looks like: ${told.join(' · ')}`);
      await page
        .getByRole('button', { name: /^More like this/ })
        .first()
        .click();
      await page.locator('.gallery').nth(1).waitFor();
      expect(await page.locator('.shows').filter({ visible: true }).count()).toBe(1);
      expect(kit.complaints()).toEqual([]);
    });

    it('marks what the model tells of an item, and how sure it is', async () => {
      const page = await kit.open();
      await kit.send('trousers');
      await page.locator('.card').filter({ hasText: MISCHIEF }).locator('.card-open').click();
      const dialog = page.locator('#item-dialog');
      const facts = (await dialog.locator('dl').innerText()).replaceAll(/\s+/g, ' ');
      expect(facts).toMatch(/Trousers.*Grey.*Men predicted, 80%/);
      expect(await dialog.locator('.predicted').count()).toBe(1);
      expect(kit.complaints()).toEqual([]);
    });

    it('shows an item closely, steps to its neighbours and comes back', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const opener = page.locator('.card').first().locator('.card-open');
      await opener.click();
      const dialog = page.locator('#item-dialog');
      await dialog.getByRole('heading', { name: 'Navy Blue Tshirts No. 1' }).waitFor();
      expect(await dialog.locator('dd').allTextContents()).toEqual(['Tshirts', 'Navy Blue', 'Women']);
      const link = dialog.getByRole('link', { name: 'View in shop' });
      expect(await link.getAttribute('href')).toBe('https://shop.example/items/1');
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
      await page.keyboard.press('ArrowRight');
      expect(await dialog.locator('.item-rank').textContent()).toBe('No. 2');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowLeft');
      expect(await dialog.locator('.item-rank').textContent()).toBe('No. 1');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect((await opener.textContent()) === (await kit.focusedText())).toBe(true);
      await opener.click();
      await dialog.getByRole('button', { name: 'More like this' }).click();
      await page.locator('.gallery').nth(1).waitFor();
      expect(kit.complaints()).toEqual([]);
    });
  });

  describe('in trouble', () => {
    it('says what is wrong with a photo and offers to choose another', async () => {
      const page = await kit.open();
      await kit.send('not-a-photo');
      const problem = page.locator('.bubble.problem');
      expect(await problem.textContent()).toContain('Expected a JPEG, PNG, WebP, GIF or AVIF photo');
      expect(await page.locator('.sent-file').textContent()).toBe('not-a-photo.jpg');
      expect(await problem.getByRole('button', { name: 'Try again' }).count()).toBe(0);
      const chooser = page.waitForEvent('filechooser');
      await problem.getByRole('button', { name: 'Choose another photo' }).click();
      await (await chooser).setFiles(kit.photo('shirt'));
      await page.locator('.gallery').waitFor();
      expect((await kit.heard())[1]).toContain('The file is not a photo.');
    });

    it('counts down when there is too much to do, then sends the same photo again', async () => {
      const page = await kit.open();
      await page.clock.install({ time: 0 });
      await page.clock.pauseAt(1_000);
      kit.shop.refuseNext(1);
      await kit.send('shirt');
      const again = page.getByRole('button', { name: /^Try again/ });
      expect(await again.textContent()).toBe('Try again in 1 s');
      expect(await again.isDisabled()).toBe(true);
      await page.clock.runFor(1_000);
      expect(await again.textContent()).toBe('Try again');
      await again.click();
      await page.locator('.gallery').waitFor();
      expect(await page.locator('.turn').count()).toBe(3);
    });

    it('tells a lost connection from a refusal and tries again when it is back', async () => {
      const page = await kit.open();
      await page.context().setOffline(true);
      await kit.send('shirt');
      expect(await page.locator('.bubble.problem').textContent()).toContain('The server cannot be reached');
      await page.context().setOffline(false);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.gallery').waitFor();
    });

    it('says within the answer that more could not be had, and tries again', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      await page.context().setOffline(true);
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.locator('.trouble').getByText('The server cannot be reached').waitFor();
      expect(await page.locator('.card').count()).toBe(5);
      await page.context().setOffline(false);
      await page.locator('.trouble').getByRole('button', { name: 'Try again' }).click();
      await page.locator('.card').nth(9).waitFor();
      expect(await page.locator('.trouble').isVisible()).toBe(false);
    });
  });
});
