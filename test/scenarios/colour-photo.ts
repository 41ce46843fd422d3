/** Photos of one colour. */

import sharp from 'sharp';

/** Red and green photos are near some items of the inventory; no item is near a blue photo. */
export const COLOURS = { near: '#f01818', alsoNear: '#18e618', weak: '#1010f0' } as const;

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
