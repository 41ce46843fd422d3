/**
 * Calls a method of the Bot API with files, as multipart/form-data through fetch. All other calls go through telegraf; its own
 * multipart body (telegraf 4.16.3 with sandwich-stream 2.0.2) never ends on Node 26, so that no picture would be sent there.
 */

import { TelegramError } from 'telegraf';
import { z } from 'zod';

/** A file to upload in place of a file_id. */
export interface Upload {
  readonly source: Buffer;
  readonly filename?: string;
}

export interface FileCall {
  readonly token: string;
  readonly apiUrl: string;
  readonly method: string;
  /** Uploads may stand at the top level, or as `media` of an object or of the objects in a list. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

const answerSchema = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error_code: z.number(), description: z.string() }).loose(),
]);

export function hasUpload(payload: Readonly<Record<string, unknown>>): boolean {
  return Object.values(payload).some((value) =>
    [value, mediaOf(value), ...(Array.isArray(value) ? value.map(mediaOf) : [])].some(isUpload),
  );
}

/**
 * @returns the `result` of Telegram's answer.
 * @throws {TelegramError} when Telegram refuses the call.
 * @throws {Error} when there is no answer, or none that can be read: with the code of the system error, if there is one.
 */
export async function callWithFiles({ token, apiUrl, method, payload, signal }: FileCall): Promise<unknown> {
  const url = `${apiUrl.replace(/\/+$/, '')}/bot${token}/${method}`;
  let body: unknown;
  try {
    // Encoded beforehand: on Node 26 an abort while a form is streamed throws where nobody can catch it.
    const encoded = new Response(formOf(payload));
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
    const bytes = await encoded.arrayBuffer();
    const response = await fetch(url, { method: 'POST', headers, body: bytes, signal });
    body = await response.json();
  } catch (error) {
    // fetch says only that it failed; what happened is the cause.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
  const answer = answerSchema.parse(body);
  if (!answer.ok) throw new TelegramError(answer, { method, payload: {} });
  return answer.result;
}

// --- Internal helpers ---

/** Text as it is, everything else as JSON; a list of media refers to its files by `attach://NAME`. */
function formOf(payload: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData();
  let files = 0;
  const attach = (upload: Upload): string => {
    const name = `file${files++}`;
    form.append(name, blobOf(upload), upload.filename ?? name);
    return `attach://${name}`;
  };
  const attached = (item: unknown): unknown => {
    const media = mediaOf(item);
    return isUpload(media) ? { ...(item as object), media: attach(media) } : item;
  };
  for (const [name, value] of Object.entries(payload)) {
    if (value === undefined || value === null) continue;
    if (isUpload(value)) form.append(name, blobOf(value), value.filename ?? name);
    else if (typeof value === 'string') form.append(name, value);
    else form.append(name, JSON.stringify(Array.isArray(value) ? value.map(attached) : attached(value)));
  }
  return form;
}

function blobOf({ source }: Upload): Blob {
  return new Blob([new Uint8Array(source)]);
}

function mediaOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'media' in item ? item.media : undefined;
}

function isUpload(value: unknown): value is Upload {
  return typeof value === 'object' && value !== null && 'source' in value && Buffer.isBuffer(value.source);
}
