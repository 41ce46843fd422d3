/** Uploaded and posted files: their records, their signed URLs, and the server that delivers them. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type APIAttachment, AttachmentFlags } from 'discord-api-types/v10';
import sharp from 'sharp';
import { asEnum } from './json.ts';
import type { Delivery, FileRecord, World } from './state.ts';

export interface NewFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly channelId: string;
  /** Absent: derived from the name, as Discord does. Null: left out, as Discord does for some uploads. */
  readonly contentType?: string | null;
  readonly description?: string | null;
  readonly spoiler?: boolean;
  readonly ephemeral?: boolean;
  readonly size?: number;
  readonly delivery?: Delivery;
  /** Measures the bytes and lets them go, so that a long soak stays level. */
  readonly discard?: boolean;
}

/** A download, as the attachment server saw it. The URL is not kept: it is signed. */
export interface Download {
  readonly fileId: string;
  readonly status: number;
  /** Handed to the socket; less than the file where either side gave up. */
  readonly bytesSent: number;
  /** A bot token must never travel to the attachment server. */
  readonly withAuthorization: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  svg: 'image/svg+xml',
  mp4: 'video/mp4',
  txt: 'text/plain; charset=utf-8',
  pdf: 'application/pdf',
};

/** Discord keeps letters, digits, dots, dashes and underscores of a file name; anything else becomes an underscore. */
export function safeFileName(name: string): string {
  const safe = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_');
  return safe === '' ? 'unknown' : safe;
}

export async function createFile(world: World, file: NewFile): Promise<FileRecord> {
  const name = safeFileName(file.name);
  const byName = TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? null;
  const size = await sizeOf(file.bytes);
  const record: FileRecord = {
    id: world.nextId(),
    channelId: file.channelId,
    name,
    bytes: file.discard === true ? Buffer.alloc(0) : file.bytes,
    size: file.size ?? file.bytes.length,
    contentType: file.contentType === undefined ? byName : file.contentType,
    width: size?.width ?? null,
    height: size?.height ?? null,
    description: file.description ?? null,
    spoiler: (file.spoiler ?? false) || name.startsWith('SPOILER_'),
    ephemeral: file.ephemeral ?? false,
    delivery: file.delivery ?? {},
  };
  world.files.set(record.id, record);
  return record;
}

export function attachmentPayload(world: World, file: FileRecord): APIAttachment {
  const url = signedUrl(world, file);
  return {
    id: file.id,
    filename: file.name,
    size: file.size,
    url,
    proxy_url: url,
    ...(file.contentType === null ? {} : { content_type: file.contentType }),
    ...(file.description === null ? {} : { description: file.description }),
    ...(file.width === null ? {} : { width: file.width, height: file.height }),
    ...(file.ephemeral ? { ephemeral: true } : {}),
    flags: asEnum(file.spoiler ? AttachmentFlags.IsSpoiler : 0),
  };
}

/** A URL that works until `ex`, hexadecimal seconds since 1970. */
export function signedUrl(world: World, file: FileRecord): string {
  const issued = Math.floor(world.clock.now() / 1000);
  const expires = issued + world.limits.attachmentUrlMs / 1000;
  const ex = Math.floor(expires).toString(16);
  const is = issued.toString(16);
  return `${world.origin}${encodeURI(pathOf(file))}?ex=${ex}&is=${is}&hm=${sign(world, pathOf(file), ex, is)}&`;
}

/** Answers one request for a file; 404 with a text where the signature, its time or the path does not fit. */
export async function serveFile(
  world: World,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Download> {
  const fileId = url.pathname.split('/').at(3) ?? '';
  const file = world.files.get(fileId);
  const withAuthorization = request.headers.authorization !== undefined;
  const report = (status: number, bytesSent: number): Download => {
    return { fileId, status, bytesSent, withAuthorization };
  };
  if (!file || decodeURI(url.pathname) !== pathOf(file) || !isSigned(world, url)) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
    return report(404, 0);
  }
  const { delivery } = file;
  if (delivery.redirectTo !== undefined) {
    response.writeHead(302, { location: delivery.redirectTo }).end();
    return report(302, 0);
  }
  const status = delivery.status ?? 200;
  response.writeHead(status, {
    'content-type': file.contentType ?? 'application/octet-stream',
    ...(delivery.chunked ? {} : { 'content-length': file.bytes.length }),
  });
  return report(status, await send(file, response));
}

// --- Internal helpers ---

function pathOf(file: FileRecord): string {
  const folder = file.ephemeral ? 'ephemeral-attachments' : 'attachments';
  return `/${folder}/${file.channelId}/${file.id}/${file.name}`;
}

function sign(world: World, path: string, ex: string, is: string): string {
  return createHmac('sha256', world.signingKey).update(`${path}:${ex}:${is}`).digest('hex');
}

function isSigned(world: World, url: URL): boolean {
  const [ex, is, hm] = ['ex', 'is', 'hm'].map((name) => url.searchParams.get(name) ?? '');
  if (ex === undefined || is === undefined || hm === undefined) return false;
  const expected = sign(world, decodeURI(url.pathname), ex, is);
  if (expected.length !== hm.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(hm))) return false;
  return Number.parseInt(ex, 16) * 1000 > world.clock.now();
}

/** Writes the bytes as slowly as the file demands. @returns how many bytes the socket took before either side stopped. */
async function send(file: FileRecord, response: ServerResponse): Promise<number> {
  const { bytesPerSecond, cutAfter } = file.delivery;
  const end = Math.min(cutAfter ?? file.bytes.length, file.bytes.length);
  const step = bytesPerSecond === undefined ? 65_536 : Math.max(1, Math.ceil(bytesPerSecond / 20));
  response.flushHeaders();
  let sent = 0;
  while (sent < end && !response.destroyed) {
    const next = Math.min(end, sent + step);
    if (!(await written(response, file.bytes.subarray(sent, next)))) break;
    sent = next;
    if (bytesPerSecond !== undefined && sent < end) await sleep(50);
  }
  if (end < file.bytes.length) response.destroy();
  else if (!response.destroyed) response.end();
  return sent;
}

/** Whether the chunk left for the other side, rather than meeting a closed connection. */
async function written(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = (): void => {
      resolve(false);
    };
    response.once('close', closed);
    response.write(chunk, (error) => {
      response.off('close', closed);
      resolve(!error);
    });
  });
}

async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  try {
    const { width, height, orientation } = await sharp(bytes, { limitInputPixels: false }).metadata();
    // Discord states the size as it shows the picture, after turning it by its EXIF orientation.
    return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return null;
  }
}
