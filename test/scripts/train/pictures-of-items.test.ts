import sharp from 'sharp';
import { expect, it } from 'vitest';
import { openItemPictures } from '../../../scripts/train/pictures-of-items.ts';
import { zipOf } from '../../sources/fixtures.ts';

function jpeg(width: number, height: number, background: string): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

it('reads each item’s picture from the best edition that has it, in its original aspect ratio', async () => {
  const editions = {
    large: [
      await zipOf({ 'images/a.jpg': await jpeg(225, 300, '#ff0000') }),
      await zipOf({
        'images/a.jpg': await jpeg(224, 224, '#00ff00'),
        'images/b.jpg': await jpeg(224, 224, '#00ff00'),
      }),
    ],
    small: await zipOf({
      'images/a.jpg': await jpeg(60, 80, '#0000ff'),
      'images/b.jpg': await jpeg(60, 80, '#0000ff'),
      'images/c.jpg': await jpeg(60, 80, '#0000ff'),
    }),
  };
  const pictures = await openItemPictures(editions);
  const found = [];
  for (const id of ['a', 'b', 'c']) {
    const { width, height, data } = await pictures.picture(id);
    found.push([width, height, [0, 1, 2].find((channel) => data[channel]! > 200)]);
  }
  expect(found).toEqual([
    [144, 192, 0],
    [144, 192, 1],
    [60, 80, 2],
  ]);
  expect((await sharp(await pictures.smallBytes('a')).metadata()).width).toBe(60);
  await expect(pictures.picture('d')).rejects.toThrow('images/d.jpg');
  await pictures.close();
});
