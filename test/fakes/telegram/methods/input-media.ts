/** Finds the file that a call sends (an upload, a file_id or a URL) and checks it against Telegram's limits. */
import { ApiError, badRequest } from '../api-error.ts';
import type { FileKind, StoredFile } from '../file-store.ts';
import { limits } from '../limits.ts';
import type { Parameters, UploadedFile } from '../parameters.ts';
import { measurePicture } from '../photo-sizes.ts';
import type { Post, World } from '../world.ts';

export type SentFile = Post['files'][number];

/**
 * The file that `value` names: `attach://part`, an http address, or a file_id; for an empty value the multipart part
 * `field`. Undefined when there is none. Throws 400 or 413.
 */
export async function readInputFile(
  world: World,
  parameters: Parameters,
  value: string,
  field: string,
  kind: 'Photo' | 'Document',
): Promise<SentFile | undefined> {
  const attached = /^attach:\/\/(.+)$/s.exec(value)?.[1];
  if (value !== '' && attached === undefined) {
    return /^https?:\/\//.test(value)
      ? { file: await fetchFile(world, value, kind), reused: false }
      : { file: reuse(world, value, kind), reused: true };
  }
  const upload = parameters.files.get(attached ?? field);
  return upload === undefined ? undefined : { file: await store(world, upload, kind), reused: false };
}

// --- Internal helpers ---

async function store(world: World, upload: UploadedFile, kind: 'Photo' | 'Document'): Promise<StoredFile> {
  const { bytes, name } = upload;
  if (bytes.length === 0) throw badRequest('file must be non-empty');
  const most = world.localFolder !== undefined ? limits.localUploadSize.value : limits.uploadSize.value;
  if (bytes.length > most) throw new ApiError(413, 'Request Entity Too Large');
  if (kind === 'Photo') return storePhoto(world, bytes);
  return world.files.addFile('Document', bytes, { name, mimeType: mimeTypeOf(upload) });
}

async function storePhoto(world: World, bytes: Buffer): Promise<StoredFile> {
  const most = limits.photoUploadSize.value;
  if (bytes.length > most) {
    throw badRequest(
      `file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${most} bytes`,
    );
  }
  const size = await measurePicture(bytes);
  if (size === undefined) throw badRequest('IMAGE_PROCESS_FAILED');
  const { width, height } = size;
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (width + height > limits.photoSides.value || ratio > limits.photoRatio.value) {
    throw badRequest('PHOTO_INVALID_DIMENSIONS');
  }
  try {
    return await world.files.addPhoto(bytes);
  } catch {
    throw badRequest('IMAGE_PROCESS_FAILED');
  }
}

function reuse(world: World, fileId: string, kind: FileKind): StoredFile {
  const file = world.files.find(fileId);
  if (file === undefined) throw badRequest('wrong file identifier/HTTP URL specified');
  if (file.kind !== kind) throw badRequest(`can't use file of type ${file.kind} as ${kind}`);
  return file;
}

async function fetchFile(world: World, address: string, kind: 'Photo' | 'Document'): Promise<StoredFile> {
  const bytes = world.webPages.get(address);
  if (bytes === undefined) throw badRequest('failed to get HTTP URL content');
  const most = kind === 'Photo' ? limits.photoByUrlSize.value : limits.downloadSize.value;
  if (bytes.length > most) throw badRequest('failed to get HTTP URL content');
  if (kind === 'Photo') {
    if ((await measurePicture(bytes)) === undefined) throw badRequest('wrong type of the web page content');
    return storePhoto(world, bytes);
  }
  const name = new URL(address).pathname.split('/').at(-1) ?? 'file';
  return world.files.addFile('Document', bytes, { name, mimeType: 'application/octet-stream' });
}

const mimeTypes: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

/** The server goes by the name's ending, not by the part's header. */
function mimeTypeOf({ name, contentType }: UploadedFile): string {
  return mimeTypes[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? contentType;
}
