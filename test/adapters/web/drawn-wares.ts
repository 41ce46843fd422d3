/** Clothes drawn as simple shapes: pictures for tests where no real ones are at hand. */

import sharp from 'sharp';
import { AVAILABILITIES } from '../../../src/catalogue/item.ts';
import { type Ware, ware } from './tiny-shop.ts';

const SHAPES = {
  Tshirts: 'M60 70 L100 50 Q112 64 125 50 L165 70 L190 120 L165 132 L165 250 L60 250 L60 132 L35 120 Z',
  Trousers: 'M75 40 L150 40 L165 265 L122 265 L112 110 L102 265 L60 265 Z',
  Handbags: 'M50 130 L175 130 L190 245 L35 245 Z M85 130 Q112 50 140 130 L130 130 Q112 75 95 130 Z',
  'Casual Shoes': 'M25 200 L30 150 Q70 165 95 150 L150 190 Q200 195 200 220 L200 235 L25 235 Z',
};

const COLOURS = {
  'Navy Blue': '#1f2c56',
  Red: '#b3262e',
  Green: '#2f7d4a',
  Black: '#222222',
  Pink: '#e58fb1',
};

const GENDERS = ['Men', 'Women', 'Unisex'];

export type Shape = keyof typeof SHAPES;
export type Colour = keyof typeof COLOURS;

/** A JPEG of 225x300 with one garment on white. */
export async function drawGarment(shape: Shape, colour: string, background = '#ffffff'): Promise<Uint8Array> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="225" height="300"><rect width="225" height="300" fill="${background}"/>` +
    `<path d="${SHAPES[shape]}" fill="${colour}"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
}

/**
 * Twenty garments with ids that are hard to put into an address, and one product that is there three times. The first four
 * are in stock, out of stock, to be ordered ahead and to be waited for; of the others nobody says.
 */
export async function drawnWares(): Promise<Ware[]> {
  const hardIds = ['shirts/navy blue', '裙子 №1', 'a?b#c%2Fd&e=f', '..a..', '👗/ü'];
  const wares: Ware[] = [];
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    for (const colour of Object.keys(COLOURS) as Colour[]) {
      const number = wares.length + 1;
      const availability = AVAILABILITIES[wares.length];
      wares.push(
        ware(await drawGarment(shape, COLOURS[colour]), {
          id: hardIds[wares.length] ?? `item-${number}`,
          title: `${colour} ${shape} No. ${number}`,
          labels: { type: shape, colour, gender: GENDERS[number % 3] ?? 'Unisex' },
          ...(number % 2 === 1 && { link: `https://shop.example/items/${number}`, price: `${number}99 INR` }),
          ...(availability !== undefined && { availability }),
        }),
      );
    }
  }
  const first = await drawGarment('Tshirts', COLOURS['Navy Blue']);
  for (const size of ['M', 'L']) {
    wares.push(
      ware(first, {
        id: `navy-${size}`,
        title: `Navy Blue Tshirts, size ${size}`,
        labels: { type: 'Tshirts', colour: 'Navy Blue' },
      }),
    );
  }
  return wares;
}
