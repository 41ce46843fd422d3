import { describe, expect, it } from 'vitest';
import { chromiumPath, withoutBrowser } from './open-browser.ts';
import type { SeenInPhotos } from './tiny-shop.ts';
import { useShopPage } from './use-shop-page.ts';

const outfit: SeenInPhotos = (gallery, openGallery) => ({
  garments: [
    { kind: 'top', box: [0.2, 0.1, 0.8, 0.5], probability: 0.9, gallery: openGallery() },
    { kind: 'shoes', box: [0.3, 0.7, 0.7, 0.95], probability: 0.9, gallery: openGallery() },
  ],
  severalPeople: true,
  items: gallery.items.slice(0, 4).map((item, n) => ({ ...item, garment: n === 1 ? 'shoes' : 'top' })),
});

describe.skipIf(chromiumPath === undefined)(`the page with an outfit${withoutBrowser}`, () => {
  const kit = useShopPage();

  it('shows the whole photo with a box for each garment, and names the garment of each card', async () => {
    const page = await kit.open();
    kit.shop.see(outfit);
    await kit.send('shirt');
    expect(await page.locator('.part-button').count()).toBe(2);
    expect(await page.getByRole('tab').allTextContents()).toEqual(['Whole look', 'Top', 'Shoes']);
    expect(await page.locator('.card-garment').allTextContents()).toEqual(['Top', 'Shoes', 'Top', 'Top']);
    expect(
      await page
        .locator('.shows')
        .getByText(/several people/)
        .isVisible(),
    ).toBe(true);
  });

  it('shows the items of the garment whose box is clicked, and of the tab that the arrow keys reach', async () => {
    const page = await kit.open();
    kit.shop.see(outfit);
    await kit.send('shirt');
    await page.locator('.photo-surface').getByRole('button', { name: 'Shoes' }).click();
    const shown = page.locator('.tab-panel:visible .card');
    await expect.poll(() => shown.count()).toBe(5);
    expect(await page.getByRole('tab', { name: 'Shoes' }).getAttribute('aria-selected')).toBe('true');
    await page.getByRole('tab', { name: 'Shoes' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => shown.count()).toBe(4);
  });

  it('searches a box that is dragged over the photo, and one that is placed by keyboard', async () => {
    const page = await kit.open();
    kit.shop.see(outfit);
    await kit.send('shirt');
    const surface = page.locator('.photo-surface');
    const { x, y, width, height } = (await surface.boundingBox())!;
    await page.mouse.move(x + width * 0.05, y + height * 0.52);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + height * 0.68, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => page.getByRole('tab').count()).toBe(4);
    const shown = page.locator('.tab-panel:visible .card');
    await expect.poll(() => shown.count()).toBe(5);
    await page.getByRole('button', { name: 'Mark a part' }).click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('tab').count()).toBe(5);
    await expect.poll(() => shown.count()).toBe(5);
  });

  it('says that a photo shows no garment, and has a button for the nearest items', async () => {
    const page = await kit.open();
    kit.shop.see(() => ({ garmentSeen: false, items: [], more: true }));
    await kit.send('shirt');
    expect(await page.locator('.notice').getByText('I see no garment in this photo.').isVisible()).toBe(true);
    expect(await page.locator('.card').count()).toBe(0);
    await page.getByRole('button', { name: 'Show the nearest anyway' }).click();
    await expect.poll(() => page.locator('.card').count()).toBe(5);
  });
});
