/** Creates the sizes that Telegram keeps of a photo: JPEGs that fit into 90, 320, 800 and 1280 pixels. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

export interface EncodedSize {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** Longest sides, in pixels. The ladder is from field knowledge, not from documentation. */
const boxes = [90, 320, 800, 1280];

const known = new Map<string, Promise<readonly EncodedSize[]>>();

/** Sizes of a picture, smallest first, never enlarged; rejects when sharp cannot read it. Remembered by content. */
export function encodeSizes(picture: Buffer): Promise<readonly EncodedSize[]> {
  const digest = createHash('sha256').update(picture).digest('hex');
  const before = known.get(digest);
  if (before !== undefined) return before;
  const sizes = encode(picture);
  known.set(digest, sizes);
  if (known.size > 500) known.delete([...known.keys()][0] ?? '');
  sizes.catch(() => known.delete(digest));
  return sizes;
}

/** Pixels of a picture as a viewer sees it; undefined when it is no picture Telegram takes as a photo. */
export async function measurePicture(
  picture: Buffer,
): Promise<{ width: number; height: number } | undefined> {
  try {
    const { format, autoOrient } = await sharp(picture).metadata();
    if (!['jpeg', 'png', 'webp', 'gif'].includes(format)) return undefined;
    return { width: autoOrient.width, height: autoOrient.height };
  } catch {
    return undefined;
  }
}

// --- Internal helpers ---

async function encode(picture: Buffer): Promise<readonly EncodedSize[]> {
  const upright = await sharp(picture).autoOrient().flatten({ background: '#ffffff' }).toBuffer();
  const { width, height } = await sharp(upright).metadata();
  const longest = Math.max(width, height);
  // Every box smaller than the picture, and the first that holds all of it.
  const wanted = boxes.slice(0, boxes.filter((box) => box < longest).length + 1);
  return Promise.all(
    wanted.map(async (box) => {
      const { data, info } = await sharp(upright)
        .resize({ width: box, height: box, fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: 82 })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, bytes: data };
    }),
  );
}
