/** The files of the fake: file_ids that only this bot may use, sizes of photos, and download links that expire. */
import { createHash, randomBytes } from 'node:crypto';
import type { PhotoSize } from '@grammyjs/types';
import type { PlatformClock } from '../clock.ts';
import { limits } from './limits.ts';
import { encodeSizes } from './photo-sizes.ts';

export type FileKind = 'Photo' | 'Document' | 'Sticker';

export interface StoredFile {
  readonly kind: FileKind;
  readonly fileId: string;
  readonly uniqueId: string;
  /** What a download gives: for a photo one re-encoded size, otherwise the file itself. */
  readonly bytes: Buffer;
  /** What was uploaded. */
  readonly original: Buffer;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly mimeType: string;
  /** For a photo all its sizes, smallest first; otherwise the file alone. */
  readonly sizes: readonly StoredFile[];
}

export interface FileStore {
  addPhoto(picture: Buffer): Promise<StoredFile>;
  addFile(
    kind: 'Document' | 'Sticker',
    bytes: Buffer,
    about: { name: string; mimeType: string; width?: number; height?: number },
  ): StoredFile;
  /** The file of an identifier that is this bot's and still valid. */
  find(fileId: string): StoredFile | undefined;
  /** From now on the identifier is refused, in all sizes of the photo it belongs to. */
  invalidate(fileId: string): void;
  invalidateAll(): void;
  /** A well-formed identifier that belongs to another bot. */
  foreignId(): string;
  /** A new download path for the file, good for an hour of the clock. */
  link(file: StoredFile): string;
  follow(path: string): StoredFile | undefined;
}

export function createFileStore(clock: PlatformClock): FileStore {
  const files = new Map<string, StoredFile>();
  const invalid = new Set<string>();
  const links = new Map<string, { file: StoredFile; until: number }>();

  function keep(file: StoredFile): StoredFile {
    files.set(file.fileId, file);
    return file;
  }

  return {
    async addPhoto(picture) {
      const sizes: StoredFile[] = [];
      for (const size of await encodeSizes(picture)) {
        sizes.push(
          keep({
            ...identifiers('Photo', size.bytes),
            ...size,
            kind: 'Photo',
            original: picture,
            name: '',
            mimeType: 'image/jpeg',
            sizes,
          }),
        );
      }
      const largest = sizes.at(-1);
      if (largest === undefined) throw new Error('a photo has at least one size');
      return largest;
    },
    addFile(kind, bytes, { name, mimeType, width = 0, height = 0 }) {
      const about = { name, mimeType, width, height, bytes, original: bytes };
      const sizes: StoredFile[] = [];
      const file = keep({ ...identifiers(kind, bytes), ...about, kind, sizes });
      sizes.push(file);
      return file;
    },
    find: (fileId) => (invalid.has(fileId) ? undefined : files.get(fileId)),
    invalidate(fileId) {
      for (const { fileId: other } of files.get(fileId)?.sizes ?? []) invalid.add(other);
    },
    invalidateAll() {
      for (const fileId of files.keys()) invalid.add(fileId);
    },
    foreignId: () => identifiers('Photo', randomBytes(16)).fileId,
    link(file) {
      const folder = file.kind === 'Photo' ? 'photos' : `${file.kind.toLowerCase()}s`;
      const extension = /\.\w+$/.exec(file.name)?.[0] ?? (file.kind === 'Document' ? '' : '.jpg');
      const path = `${folder}/file_${links.size}${file.kind === 'Sticker' ? '.webp' : extension}`;
      links.set(path, { file, until: clock.now() + limits.fileLinkTime.value });
      return path;
    },
    follow(path) {
      const found = links.get(path);
      return found === undefined || found.until < clock.now() ? undefined : found.file;
    },
  };
}

/**
 * The `photo` array of a message. The order is not promised, so it is turned by `turn` places; `file_size` is
 * optional, so the smallest size goes without.
 */
export function photoSizes(photo: StoredFile, turn: number): PhotoSize[] {
  const sizes = photo.sizes.map((size, index) => ({
    file_id: size.fileId,
    file_unique_id: size.uniqueId,
    width: size.width,
    height: size.height,
    ...(index === 0 && photo.sizes.length > 1 ? {} : { file_size: size.bytes.length }),
  }));
  const start = turn % sizes.length;
  return [...sizes.slice(start), ...sizes.slice(0, start)];
}

// --- Internal helpers ---

const prefixes: Record<FileKind, [id: string, unique: string]> = {
  Photo: ['AgACAgIAAxkBAAI', 'AQAD'],
  Document: ['BQACAgIAAxkBAAI', 'AgAD'],
  Sticker: ['CAACAgIAAxkBAAI', 'AgAD'],
};

/** A fresh file_id each time, the same file_unique_id for the same bytes. */
function identifiers(kind: FileKind, bytes: Buffer): { fileId: string; uniqueId: string } {
  const [id, unique] = prefixes[kind];
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { fileId: id + randomBytes(36).toString('base64url'), uniqueId: unique + digest.slice(0, 11) };
}
