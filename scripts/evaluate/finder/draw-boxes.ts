/** Draws what was found, and what is there, onto photos: one sheet to look at. */

import { GARMENT_KINDS } from '../../../src/garments/garment-kinds.ts';
import type { Garment } from '../../../src/garments/find-garments.ts';
import { sharp } from '../../../src/photo/sharp.ts';
import type { TrueBox } from '../../train/finder/finder-scores.ts';

export interface DrawnPhoto {
  readonly bytes: Uint8Array;
  readonly garments: readonly Garment[];
  readonly truth: readonly TrueBox[];
}

const TILE = { width: 260, height: 390, gap: 8 };
const COLUMNS = 6;
const COLOURS = ['#e6194b', '#3cb44b', '#ff9500', '#4363d8', '#00b8d4', '#f032e6', '#ffe119', '#911eb4', '#9a6324', '#469990']; // prettier-ignore

/** Solid: found, with its kind and probability; dashed: there. @returns a PNG. */
export async function drawBoxes(photos: readonly DrawnPhoto[]): Promise<Uint8Array> {
  const tiles = await Promise.all(photos.map(drawTile));
  const rows = Math.ceil(tiles.length / COLUMNS);
  return sharp({
    create: {
      width: COLUMNS * (TILE.width + TILE.gap),
      height: rows * (TILE.height + TILE.gap),
      channels: 3,
      background: '#fff',
    },
  })
    .composite(
      tiles.map((input, n) => ({
        input,
        left: (n % COLUMNS) * (TILE.width + TILE.gap),
        top: Math.floor(n / COLUMNS) * (TILE.height + TILE.gap),
      })),
    )
    .png()
    .toBuffer();
}

// --- Internal helpers ---

async function drawTile({ bytes, garments, truth }: DrawnPhoto): Promise<Buffer> {
  const { width, height } = TILE;
  const rectangle = (box: readonly number[], colour: string, more: string): string => {
    const [left = 0, top = 0, right = 0, bottom = 0] = box;
    return `<rect x="${left * width}" y="${top * height}" width="${(right - left) * width}" height="${(bottom - top) * height}" fill="none" stroke="${colour}" ${more}/>`;
  };
  const there = truth
    .filter(({ counts }) => counts)
    .map(({ kind, box }) => rectangle(box, COLOURS[kind - 1]!, 'stroke-width="1.5" stroke-dasharray="4 3"'));
  const found = garments.map(({ kind, box, probability }) => {
    const colour = COLOURS[GARMENT_KINDS.indexOf(kind)]!;
    const [x, y] = [box[0] * width + 2, Math.max(10, box[1] * height + 10)];
    const text = `<text x="${x}" y="${y}" font-size="11" font-family="sans-serif" fill="${colour}" stroke="#000" stroke-width="2.5" paint-order="stroke">${kind} ${probability.toFixed(2)}</text>`;
    return rectangle(box, colour, 'stroke-width="2.5"') + text;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${there.join('')}${found.join('')}</svg>`;
  return sharp(bytes)
    .resize(width, height, { fit: 'fill' })
    .composite([{ input: Buffer.from(svg) }])
    .png()
    .toBuffer();
}
