/** Reads the parameters of a request: query string, then JSON, urlencoded or multipart body. */
import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { ApiError, badRequest } from './api-error.ts';
import { isObject, type Parameters, type UploadedFile } from './parameters.ts';

/** Throws 413 above `most` bytes, 400 when the body does not parse. */
export async function readParameters(
  request: IncomingMessage,
  query: URLSearchParams,
  most: number,
): Promise<Parameters> {
  const fields = new Map<string, string>(query);
  const files = new Map<string, UploadedFile>();
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) {
    await readMultipart(request, type, most, fields, files);
    return { fields, files };
  }
  const body = (await readAll(request, most)).toString('utf8');
  if (body === '') return { fields, files };
  if (type.startsWith('application/json')) readJson(body, fields);
  else for (const [name, value] of new URLSearchParams(body)) fields.set(name, value);
  return { fields, files };
}

/** A JSON object's members as the text the server makes of them; null counts as absent. */
export function fieldsOf(object: Record<string, unknown>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    fields.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return fields;
}

// --- Internal helpers ---

function readJson(body: string, fields: Map<string, string>): void {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw badRequest("can't parse JSON object");
  }
  if (!isObject(value)) throw badRequest("can't parse JSON object: expected an Object");
  for (const [name, text] of fieldsOf(value)) fields.set(name, text);
}

async function readAll(request: AsyncIterable<unknown>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size <= most) parts.push(part);
  }
  if (size > most) throw new ApiError(413, 'Request Entity Too Large');
  return Buffer.concat(parts);
}

async function readMultipart(
  request: IncomingMessage,
  type: string,
  most: number,
  fields: Map<string, string>,
  files: Map<string, UploadedFile>,
): Promise<void> {
  const parser = new Busboy({
    headers: { ...request.headers, 'content-type': type },
    limits: { fieldSize: 1 << 22 },
  });
  const uploads: Promise<void>[] = [];
  parser.on('field', (name, value) => {
    fields.set(name, value);
  });
  parser.on('file', (field, stream, name, _encoding, contentType) => {
    const upload = readAll(stream, most).then((bytes) => {
      files.set(field, { name, contentType, bytes });
    });
    upload.catch(() => undefined);
    uploads.push(upload);
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('finish', resolve);
    parser.on('error', reject);
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the client went away'));
    });
    request.pipe(parser);
  });
  await Promise.all(uploads);
}
