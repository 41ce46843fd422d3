import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { chromiumPath, withoutBrowser } from './open-browser.ts';
import { MISCHIEF, useShopPage } from './use-shop-page.ts';

describe.skipIf(chromiumPath === undefined)(`the page${withoutBrowser}`, () => {
  const kit = useShopPage();

  describe('for a newcomer', () => {
    it('says what to do and what happens to photos', async () => {
      const page = await kit.open();
      await page.getByRole('heading', { name: 'Show me an outfit' }).waitFor();
      expect(await page.getByText('Photos stay in memory and are gone after the answer.').isVisible()).toBe(
        true,
      );
      expect(kit.complaints()).toEqual([]);
    });

    it('answers a sample photo at one press', async () => {
      const page = await kit.open();
      await page.getByRole('button', { name: 'Silver sports shoes' }).click();
      await kit.settled();
      expect(await page.locator('.card').count()).toBe(5);
    });

    it('keeps nothing in the browser', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      const kept = await page.evaluate<unknown>(
        '[localStorage.length, sessionStorage.length, document.cookie]',
      );
      expect(kept).toEqual([0, 0, '']);
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  describe('with a photo', () => {
    it('takes it by button and answers with five cards', async () => {
      const page = await kit.open();
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose photos' }).click();
      await (await chooser).setFiles(kit.photo('shirt'));
      await kit.settled();
      expect(await page.getByAltText('Your photo: shirt.jpg').isVisible()).toBe(true);
      expect(await page.locator('.card').count()).toBe(5);
      const first = page.locator('.card').first();
      expect(await first.getByRole('img').getAttribute('alt')).toBe('Navy Blue, Tshirts, for Women');
      expect(await first.locator('.rank').textContent()).toBe('1');
      expect(await first.locator('.likeness').textContent()).toBe('very similar · 1.00');
      expect(await first.locator('.alike').textContent()).toBe('+2 alike');
      expect(await first.locator('.price').textContent()).toBe('199 INR');
      expect(await page.locator('.notice-weak').isVisible()).toBe(false);
      expect(kit.complaints()).toEqual([]);
    });

    it('shows each of three photos in the whole of its cell, whatever their shapes', async () => {
      const grey = { channels: 3, background: '#777' } as const;
      for (const [name, width, height] of [
        ['wide', 600, 300],
        ['tall', 200, 500],
      ] as const)
        await sharp({ create: { ...grey, width, height } })
          .jpeg()
          .toFile(kit.photo(name));
      for (const names of [
        ['shirt', 'tall', 'tall'],
        ['wide', 'tall', 'shirt'],
      ]) {
        const page = await kit.open();
        await kit.send(...names);
        const sizes = await page.evaluate<[number[], number[]][]>(
          `[...document.querySelectorAll('.photos figure')].map((figure) =>
            [figure, figure.querySelector('img')].map((it) => [it.clientWidth, it.clientHeight]))`,
        );
        expect(sizes).toHaveLength(3);
        for (const [cell, picture] of sizes) expect(picture).toEqual(cell);
        await page.context().close();
      }
    });

    it('takes it from the clipboard', async () => {
      const page = await kit.open({ permissions: ['clipboard-read', 'clipboard-write'] });
      await page.evaluate(`new Promise((resolve) => document.createElement('canvas').toBlob(resolve))
        .then((blob) => navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]))`);
      await page.keyboard.press('Control+V');
      await kit.settled();
      expect(await page.locator('.card').count()).toBe(5);
      expect(kit.complaints()).toEqual([]);
    });

    it('shows where to drop it and takes it anywhere', async () => {
      const page = await kit.open();
      const input = await page.context().newCDPSession(page);
      const drag = async (type: 'dragEnter' | 'dragOver' | 'drop') =>
        input.send('Input.dispatchDragEvent', {
          type,
          x: 300,
          y: 100,
          data: { items: [], files: [kit.photo('bag')], dragOperationsMask: 1 },
        });
      const target = page.locator('#drop-target');
      await drag('dragEnter');
      await target.waitFor();
      await drag('dragOver');
      await drag('drop');
      await kit.settled();
      expect(await target.isVisible()).toBe(false);
      expect((await kit.titles())[0]).toContain('Red Handbags');
      expect(kit.complaints()).toEqual([]);
    });

    it('takes the drop target away when the photo is dragged out again', async () => {
      const page = await kit.open();
      const drag = async (type: string) =>
        page.evaluate(`{
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(['x'], 'x.jpg', { type: 'image/jpeg' }));
          document.querySelector('.greeting').dispatchEvent(new DragEvent('${type}', { dataTransfer, bubbles: true }));
        }`);
      for (const type of ['dragenter', 'dragenter', 'dragleave']) await drag(type);
      expect(await page.locator('#drop-target').isVisible()).toBe(true);
      await drag('dragleave');
      expect(await page.locator('#drop-target').isVisible()).toBe(false);
    });

    it('shows it at once and says that it is looking', async () => {
      const page = await kit.open();
      const release = kit.shop.hold();
      await page.setInputFiles('#photo-input', kit.photo('shirt'));
      await page.getByAltText('Your photo: shirt.jpg').waitFor();
      await page.getByText('Looking for similar items', { exact: true }).waitFor();
      expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
      release();
      await kit.settled();
      expect(await kit.heard()).toEqual([
        'Looking for similar items.',
        'Five items found. Closest: Navy Blue Tshirts No. 1, very similar.',
      ]);
    });

    it('answers four at once, each under its own name', async () => {
      const page = await kit.open();
      await kit.send('shirt', 'bag', 'trousers', 'shoe');
      const headings = await page.locator('.gallery h2').allTextContents();
      expect(headings).toEqual([1, 2, 3, 4].map((number) => `Photo ${number}: closest items`));
      const types = ['Tshirts', 'Handbags', 'Trousers', 'Casual Shoes'];
      for (const [index, type] of types.entries()) {
        const alt = await page
          .locator('.gallery')
          .nth(index)
          .locator('.card')
          .first()
          .getByRole('img')
          .getAttribute('alt');
        expect(alt).toContain(type);
      }
      expect(await page.locator('.sent-photo').count()).toBe(4);
      expect(kit.complaints()).toEqual([]);
    });

    it('looks at the first four of six and names the others', async () => {
      const page = await kit.open();
      await kit.send('shirt', 'bag', 'trousers', 'shoe', 'corner', 'not-a-photo');
      expect(await page.locator('.gallery').count()).toBe(4);
      const note = 'I look at four photos at a time. Left out: corner.jpg, not-a-photo.jpg.';
      expect(await page.getByText(note).first().isVisible()).toBe(true);
    });

    it('says plainly when nothing is close', async () => {
      const page = await kit.open();
      await kit.send('corner');
      expect(await page.locator('.notice-weak').textContent()).toContain('No close match.');
      expect((await kit.heard()).at(-1)).toContain('No close match.');
    });

    it('scales a huge one down before it is sent', async () => {
      const noise = await sharp({
        create: {
          width: 2000,
          height: 1600,
          channels: 3,
          noise: { type: 'gaussian', mean: 128, sigma: 60 },
          background: '#888',
        },
      })
        .png()
        .toFile(kit.photo('huge'));
      expect(noise.size).toBeGreaterThan(8_000_000);
      const page = await kit.open();
      await kit.send('huge');
      expect(await page.locator('.card').count()).toBe(5);
    });

    it('shows titles as the text that they are', async () => {
      await kit.open();
      await kit.send('trousers');
      expect((await kit.titles())[0]).toContain(MISCHIEF);
      expect(kit.complaints()).toEqual([]);
    });
  });

  describe('in words', () => {
    it('answers what is typed with every kind of block', async () => {
      const page = await kit.open();
      await page.getByRole('textbox', { name: 'Message' }).fill('/help');
      await page.keyboard.press('Enter');
      await kit.settled();
      const answer = page.locator('.bubble.answer');
      expect(await answer.locator('.list li').count()).toBe(2);
      expect(await answer.locator('.facts').textContent()).toContain('Items22');
      expect(await answer.locator('.card').count()).toBe(2);
      expect((await kit.heard()).at(-1)).toBe('Send me a photo of an outfit.');
      expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('');
      expect(kit.complaints()).toEqual([]);
    });

    it('sends nothing when nothing was typed', async () => {
      const page = await kit.open();
      await page.getByRole('textbox', { name: 'Message' }).fill('   ');
      await page.keyboard.press('Enter');
      expect(await page.locator('.turn').count()).toBe(1);
    });

    it('starts over on demand', async () => {
      const page = await kit.open();
      await kit.send('shirt');
      await page.getByRole('button', { name: 'Clear the conversation' }).click();
      expect(await page.locator('.turn').count()).toBe(1);
      expect(await kit.heard()).toEqual([]);
    });
  });
});
