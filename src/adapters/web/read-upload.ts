/** Reads the multipart form of a photo search into memory: one to four photos, an optional filter and an optional count. */

import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { MAX_PHOTOS } from '../../chat/answer.ts';
import { InputError } from '../../util/errors.ts';
import type { Box } from '../../photo/box.ts';
import type { GalleryOptions } from '../../recommend/recommend.ts';
import { DoorError } from './problem.ts';
import { readBox, readGalleryOptions } from './read-query.ts';

const TEXT_FIELDS = ['filter', 'count', 'box'];
/** Longest text field, in bytes. A filter on 7 labels with many values stays far below. */
const MAX_TEXT_BYTES = 16_384;
/** Bytes of a form besides its photos: boundaries, part headers, text fields. */
const FORM_OVERHEAD_BYTES = 65_536;
/** How long the rest of a refused upload is read, so that the client reads the answer instead of seeing a reset connection. */
const LINGER_MS = 2_000;

const EXAMPLE = 'For example: curl -F photo=@outfit.jpg http://localhost:8080/api/recommendations';

export interface Upload {
  /** 1 to 4 files, in the order sent. */
  readonly photos: readonly Uint8Array[];
  /** With a box, there is one photo. */
  readonly options: GalleryOptions & { readonly box?: Box };
}

/** Largest size of a whole form, in bytes, for photos of at most `maxPhotoBytes` each. */
export function maxUploadBytes(maxPhotoBytes: number): number {
  return MAX_PHOTOS * maxPhotoBytes + FORM_OVERHEAD_BYTES;
}

/**
 * Stops at the first error, without waiting for the rest of the form.
 * @param maxPhotoBytes of each photo.
 * @throws {InputError} `no-photo`, `too-many-photos`, `photo-too-large`, `bad-request`, `bad-filter`, `bad-box`.
 * @throws {DoorError} `not-multipart`, `unexpected-field`, `body-too-large`.
 */
export async function readUpload(request: FastifyRequest, maxPhotoBytes: number): Promise<Upload> {
  try {
    return await readForm(request, maxPhotoBytes);
  } catch (error) {
    discardRest(request);
    throw error;
  }
}

// --- Internal helpers ---

async function readForm(request: FastifyRequest, maxPhotoBytes: number): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new DoorError(
      'not-multipart',
      `Expected a multipart/form-data form with the photo in the field photo, got ${describeType(request)}. ${EXAMPLE}`,
    );
  }
  if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes(maxPhotoBytes)) {
    throw new DoorError(
      'body-too-large',
      `Expected at most ${MAX_PHOTOS} photos of ${megabytes(maxPhotoBytes)} each, got a larger form. Send fewer or smaller photos.`,
    );
  }

  const photos: Uint8Array[] = [];
  const fields: Partial<Record<string, string>> = {};
  const limits = { fileSize: maxPhotoBytes, fieldSize: MAX_TEXT_BYTES, files: MAX_PHOTOS + 1, parts: 20 };
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'file') {
        if (part.fieldname !== 'photo') throw unexpectedField(part.fieldname, 'file');
        if (photos.length === MAX_PHOTOS) throw tooManyPhotos();
        photos.push(await readPhoto(part, photos.length + 1, maxPhotoBytes));
        continue;
      }
      if (part.fieldname === 'photo') {
        throw new InputError('no-photo', `Expected a file in the field photo, got text. ${EXAMPLE}`);
      }
      if (!TEXT_FIELDS.includes(part.fieldname)) throw unexpectedField(part.fieldname, 'text');
      if (fields[part.fieldname] !== undefined) {
        throw new InputError('bad-request', `Expected ${part.fieldname} once, got it again. Send it once.`);
      }
      if (typeof part.value !== 'string' || part.valueTruncated) {
        throw new InputError(
          'bad-request',
          `Expected ${part.fieldname} as a short text without a content type.`,
        );
      }
      fields[part.fieldname] = part.value;
    }
  } catch (error) {
    if (error instanceof InputError || error instanceof DoorError) throw error;
    throw new InputError(
      'bad-request',
      'The multipart form ends too early or is malformed. Send it again, and let your HTTP client write the boundary.',
      { cause: error },
    );
  }
  if (photos.length === 0) {
    throw new InputError(
      'no-photo',
      `Expected one to ${MAX_PHOTOS} files in the field photo, got none. ${EXAMPLE}`,
    );
  }
  const box = readBox(fields);
  if (box && photos.length > 1) {
    throw new InputError(
      'bad-box',
      `Expected a single photo with the field box, got ${photos.length} photos. Send the photo of the box alone.`,
    );
  }
  return { photos, options: { ...readGalleryOptions(fields), ...(box && { box }) } };
}

async function readPhoto(part: MultipartFile, number: number, maxBytes: number): Promise<Uint8Array> {
  const { file } = part;
  const tooLarge = new InputError(
    'photo-too-large',
    `Photo ${number} is larger than ${megabytes(maxBytes)}, the largest that is accepted. Send a smaller version of it.`,
  );
  // The limit may have been reached before this listener was added.
  if (file.truncated) throw tooLarge;
  file.once('limit', () => {
    // Ends the upload here; waiting for the end of the part would read everything that is still coming.
    file.destroy(tooLarge);
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of file) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function discardRest({ raw }: FastifyRequest): void {
  if (raw.readableEnded || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const timer = setTimeout(() => {
    raw.destroy();
  }, LINGER_MS);
  for (const event of ['end', 'close']) {
    raw.once(event, () => {
      clearTimeout(timer);
    });
  }
}

function tooManyPhotos(): InputError {
  return new InputError(
    'too-many-photos',
    `Expected at most ${MAX_PHOTOS} photos, got more. Send the others in another request.`,
  );
}

function unexpectedField(name: string, kind: 'file' | 'text'): DoorError {
  return new DoorError(
    'unexpected-field',
    `Expected a file in the field photo and, if you like, texts in filter, count and box; ` +
      `got a ${kind} in the field ${JSON.stringify(name.slice(0, 40))}. ${EXAMPLE}`,
  );
}

function describeType(request: FastifyRequest): string {
  const type = request.headers['content-type']?.split(';', 1)[0];
  return type ? JSON.stringify(type.slice(0, 40)) : 'no content type';
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1_000_000).toFixed(1))} MB`;
}
