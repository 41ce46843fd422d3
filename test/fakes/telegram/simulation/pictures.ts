/** The pictures that a person's client sends: photos in several sizes, pictures as files, stickers. */
import { photoSizes } from '../file-store.ts';
import { documentOf } from '../methods/sending.ts';
import { measurePicture } from '../photo-sizes.ts';
import type { Content } from '../posts.ts';
import type { Post, World } from '../world.ts';

export interface Picture {
  readonly content: Content;
  readonly files: Post['files'];
}

/** A photo: re-encoded sizes, in no promised order. Rejects when the bytes are no picture. */
export async function asPhoto(world: World, bytes: Buffer, spoiler = false): Promise<Picture> {
  const file = await world.files.addPhoto(bytes);
  const content: Content = {
    photo: photoSizes(file, 1 + (bytes.length % 3)),
    ...(spoiler ? { has_media_spoiler: true } : {}),
  };
  return { content, files: [{ file, reused: false }] };
}

export interface FileAbout {
  fileName?: string;
  mimeType?: string;
}

/** Any file, sent as it is; it has a `document` only. */
export function asDocument(world: World, bytes: Buffer, about: FileAbout = {}): Picture {
  const { fileName = 'IMG_0001.jpg', mimeType = 'image/jpeg' } = about;
  const file = world.files.addFile('Document', bytes, { name: fileName, mimeType });
  return { content: { document: documentOf(file) }, files: [{ file, reused: false }] };
}

/** A static sticker; `bytes` should be WebP. */
export async function asSticker(world: World, bytes: Buffer): Promise<Picture> {
  const { width, height } = (await measurePicture(bytes)) ?? { width: 512, height: 512 };
  const about = { name: 'sticker.webp', mimeType: 'image/webp', width, height };
  const file = world.files.addFile('Sticker', bytes, about);
  const content: Content = {
    sticker: {
      file_id: file.fileId,
      file_unique_id: file.uniqueId,
      type: 'regular',
      width,
      height,
      is_animated: false,
      is_video: false,
      emoji: '👗',
      file_size: bytes.length,
    },
  };
  return { content, files: [{ file, reused: false }] };
}
