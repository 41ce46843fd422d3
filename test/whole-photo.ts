/** What a gallery says of a photo in which no garments were looked for. */

import type { Gallery } from '../src/recommend/gallery.ts';

export const WHOLE_PHOTO = {
  garmentSeen: true,
  garments: [],
  severalPeople: false,
} as const satisfies Partial<Gallery>;
