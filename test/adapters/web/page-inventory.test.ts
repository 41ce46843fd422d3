import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ShrinkGuardError } from '../../../src/reindex/shrink-guard.ts';
import { createFakeReindexJob, PLAN, SUMMARY } from './fake-reindex-job.ts';
import { chromiumPath, openBrowser, watchComplaints, withoutBrowser } from './open-browser.ts';
import { createDoor, type Door } from './open-door.ts';

describe.skipIf(chromiumPath === undefined)(`the inventory panel of the page${withoutBrowser}`, () => {
  let browser: Browser;
  let door: Door;
  let fake: ReturnType<typeof createFakeReindexJob>;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(() => {
    fake = createFakeReindexJob();
  });
  afterEach(async () => {
    await page.context().close();
    await fake.panel.reindex.close();
    await door.web.stop();
  });

  async function open(panel: typeof fake.panel | undefined, dark = false): Promise<void> {
    door = await createDoor({ panel });
    await door.web.start();
    const context = await browser.newContext({
      reducedMotion: 'reduce',
      colorScheme: dark ? 'dark' : 'light',
      ...(dark && { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }),
    });
    context.setDefaultTimeout(50_000);
    page = await context.newPage();
    complaints = watchComplaints(page);
    const asked = page.waitForResponse((response) => response.url().endsWith('/api/inventory'));
    await page.goto(door.web.address ?? '');
    await (await asked).finished();
  }

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const panel = () => page.getByRole('dialog', { name: 'Inventory' });
  const heading = (name: string | RegExp) => page.getByRole('heading', { name }).waitFor();

  async function violations(): Promise<string[]> {
    await page.evaluate(axe.source);
    const result = await page.evaluate<axe.AxeResults>('axe.run()');
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`),
    );
  }

  it('is not offered to anybody else', async () => {
    await open(undefined);
    // The page has heard that it may not, and says nothing of it.
    expect(await button('Inventory').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('shows sources, last runs and status, and follows a reindex that is paused and finished', async () => {
    await open(fake.panel);
    await button('Inventory').click();
    await heading('Reindex the inventory');
    const text = await panel().innerText();
    for (const part of [
      'boots',
      '100 items',
      'counting',
      'Full reindex needs confirmation',
      '99.8 %',
      'net 1',
      'onnx on cuda: no library',
    ]) {
      expect(text).toContain(part);
    }
    await button('Reindex').click();
    await heading('Reindex is running');
    fake.last.options.onProgress?.({ phase: 'embed', done: 300, total: 1_200 });
    await page.locator('progress[value="300"]').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-label')).toBe('Items: 300 of 1,200');
    await button('Pause').click();
    await heading('Reindex is paused');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Resume');
    await page.keyboard.press('Enter');
    await heading('Reindex is running');
    fake.last.finish(SUMMARY);
    await heading(/^Reindex finished in/);
    await page.getByText('Why one record cannot be used').click();
    expect(await panel().innerText()).toContain('items.csv row 7: its picture is cut off');
    expect(await page.locator('#announcements p').allTextContents()).toEqual(
      expect.arrayContaining([
        'Reindex is running.',
        'Reindex is paused.',
        'Reindex finished in 1 min 15 s.',
      ]),
    );
    await page.keyboard.press('Escape');
    expect(await panel().count()).toBe(0);
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Inventory');
    expect(complaints).toEqual([]);
  });

  it('plans, asks before a large loss, and cancels', async () => {
    await open(fake.panel);
    await button('Inventory').click();
    await button('Plan only').click();
    await heading('Checking what would change');
    fake.last.finish(PLAN);
    await heading(/^A reindex would change this/);
    expect(await panel().innerText()).toContain('“boots” would lose 90 of its 100 items.');
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(['boots', 'coats']);

    await button('Reindex').click();
    await heading('Reindex is running');
    fake.last.fail(new ShrinkGuardError(PLAN));
    await heading('Reindex needs your confirmation');
    await button('Confirm the loss').click();
    await heading('Reindex is running');
    expect(fake.last.options.confirmed).toEqual(PLAN.losses);
    await button('Cancel').click();
    await heading(/^Reindex cancelled after/);
    expect(fake.asked).toHaveLength(3);
  });

  it('says when the server does not answer, and goes on when it does', async () => {
    await open(fake.panel);
    await button('Inventory').click();
    await heading('Reindex the inventory');
    await page.context().setOffline(true);
    await button('Reindex').click();
    await page.getByRole('alert').filter({ hasText: 'The server cannot be reached' }).waitFor();
    expect(fake.asked).toEqual([]);
    await page.context().setOffline(false);
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });

  // Axe looks at every element of the page, which takes its time on a busy machine.
  it.each([
    ['a desktop by day', false],
    ['a phone by night', true],
  ])('is accessible at every step on %s', { timeout: 120_000 }, async (_view, dark) => {
    await open(fake.panel, dark);
    await button('Inventory').click();
    await heading('Reindex the inventory');
    expect(await violations()).toEqual([]);
    await button('Plan only').click();
    await heading('Checking what would change');
    expect(await violations()).toEqual([]);
    fake.last.finish(PLAN);
    await heading(/^A reindex would change this/);
    expect(await violations()).toEqual([]);
    const small =
      await page.evaluate(`[...document.querySelectorAll('#inventory-dialog button, #inventory-dialog summary')]
      .filter((target) => target.getBoundingClientRect().height < 44).map((target) => target.outerHTML)`);
    expect(small).toEqual([]);
    const sideways = `document.querySelector('#inventory-dialog').scrollWidth - document.querySelector('#inventory-dialog').clientWidth`;
    expect(await page.evaluate(sideways)).toBe(0);
  });
});
