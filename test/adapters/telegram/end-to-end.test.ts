import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeEndToEnd } from '../../scenarios/end-to-end.ts';
import { assetsFolder } from '../../shipped-model.ts';
import { createRealBot } from '../real-bot.ts';
import { openTelegramDoor } from './telegram-driver.ts';

describeEndToEnd('Telegram', openTelegramDoor);

describe('the same photo sent again', () => {
  it('is answered with the same pictures by file_id, and nothing is uploaded', async () => {
    const bot = await createRealBot();
    const driver = await openTelegramDoor(bot);
    try {
      await driver.start();
      const bytes = await readFile(join(assetsFolder, 'web', 'samples', 't-shirt.jpg'));
      const photo = { bytes, name: 't-shirt.jpg', type: 'image/jpeg' };
      const [ada, bob] = [driver.person('Ada'), driver.person('Bob')];
      await driver.post(ada, 'direct', [photo]);
      const first = await driver.answer('direct', ada, 1);
      await driver.post(bob, 'direct', [photo]);
      const second = await driver.answer('direct', bob, 1);
      expect(first.pictures).toHaveLength(5);
      expect(second.pictures.map((shown) => shown.bytes)).toEqual(first.pictures.map((shown) => shown.bytes));
      const reused = ({ name }: { name: string }) =>
        driver.fake.bot
          .messagesIn(driver.chatOf('direct', { name }))
          .flatMap(({ pictures }) => pictures.map((picture) => picture.reused));
      expect(reused(ada)).toEqual(Array(5).fill(false));
      expect(reused(bob)).toEqual(Array(5).fill(true));
    } finally {
      await driver.close();
      await bot.close();
    }
  }, 120_000);
});
