/** Reads request bodies: JSON, or multipart with `payload_json` and `files[n]`, up to the sizes that Discord accepts. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { formError, refusals } from './api-error.ts';
import { type JsonObject, isObject } from './json.ts';
import type { Limits } from './limits.ts';

export interface Upload {
  /** The `n` of `files[n]`, which `attachments[].id` refers to. */
  readonly placeholder: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface RequestBody {
  /** An object or, for command registration, an array. Null where there was no body. */
  readonly json: unknown;
  readonly uploads: readonly Upload[];
}

/** @throws {ApiError} 40005 for sizes, 30015 for the number of files, 50109 for bad JSON, 50035 for a content type. */
export async function readBody(request: IncomingMessage, limits: Limits): Promise<RequestBody> {
  const raw = await readBytes(request, limits);
  if (raw.length === 0) return { json: null, uploads: [] };
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return { json: parseJson(raw.toString('utf8')), uploads: [] };
  if (type.startsWith('multipart/form-data')) return readMultipart(raw, type, limits);
  throw formError(
    [],
    'CONTENT_TYPE_INVALID',
    'Expected "Content-Type" header to be one of {application/json, multipart/form-data}.',
  );
}

/** The JSON object of a body. @throws {ApiError} when it is something else. */
export function objectBody(body: RequestBody): JsonObject {
  if (body.json === null) return {};
  if (!isObject(body.json))
    throw formError([], 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType');
  return body.json;
}

// --- Internal helpers ---

async function readBytes(request: IncomingMessage, limits: Limits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  let tooLarge = false;
  // The whole body is taken even when it is too large, so that the client can read the refusal.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length;
    tooLarge ||= total > limits.requestBytes;
    if (!tooLarge) chunks.push(chunk);
  }
  if (tooLarge) throw refusals.tooLarge();
  return Buffer.concat(chunks);
}

async function readMultipart(raw: Buffer, type: string, limits: Limits): Promise<RequestBody> {
  const uploads: Upload[] = [];
  const payloads: string[] = [];
  const parser = new Busboy({
    headers: { 'content-type': type },
    limits: { fieldSize: limits.requestBytes, fileSize: limits.requestBytes },
  });
  const files: Promise<void>[] = [];
  parser.on('field', (name: string, value: string) => {
    if (name === 'payload_json') payloads.push(value);
  });
  parser.on(
    'file',
    (field: string, stream: NodeJS.ReadableStream, name: string, _: string, contentType: string) => {
      const placeholder = /^files\[(\d+)\]$/.exec(field)?.[1];
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      files.push(
        once(stream, 'end').then(() => {
          if (placeholder === undefined) return;
          uploads.push({ placeholder, name, contentType, bytes: Buffer.concat(chunks) });
        }),
      );
    },
  );
  await pipeline([raw], parser);
  await Promise.all(files);
  if (uploads.length > limits.files) throw refusals.tooManyFiles(limits.files);
  if (uploads.some((upload) => upload.bytes.length > limits.fileBytes)) throw refusals.tooLarge();
  return { json: payloads[0] === undefined ? null : parseJson(payloads[0]), uploads };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw Object.assign(refusals.badJson(), { cause: error });
  }
}
