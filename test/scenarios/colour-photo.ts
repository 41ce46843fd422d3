/** Photos of one colour. */

import sharp from 'sharp';

/** Red and green photos are near some items of the inventory; no item is near a blue photo. */
export const COLOURS = { near: '#f01818', alsoNear: '#18e618', weak: '#1010f0' } as const;

/** The kinds of garments that areas of yellow, magenta and cyan are taken for. */
export const GARMENTS_BY_COLOUR = { rg: 'dress', rb: 'shoes', gb: 'bag' } as const;

/** A dress above shoes, on black. */
export async function outfitPhoto(): Promise<Buffer> {
  const area = (background: string, width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();
  return sharp({ create: { width: 480, height: 640, channels: 3, background: 'black' } })
    .composite([
      { input: await area('#98f010', 240, 340), left: 120, top: 60 },
      { input: await area('#f01098', 200, 160), left: 140, top: 450 },
    ])
    .jpeg({ chromaSubsampling: '4:4:4', quality: 95 })
    .toBuffer();
}

const made = new Map<string, Promise<Buffer>>();

/** A JPEG of 480 x 640 pixels, encoded once per colour. */
export function colourPhoto(colour: string): Promise<Buffer> {
  const photo =
    made.get(colour) ??
    sharp({ create: { width: 480, height: 640, channels: 3, background: colour } })
      .jpeg()
      .toBuffer();
  made.set(colour, photo);
  return photo;
}
