/** Downloads a photo from a platform's server: bounded in size and time, without redirects. Its address never appears in an error. */

import { backoffMs } from '../../util/backoff.ts';
import type { Clock } from '../../util/clock.ts';
import { BusyError, InputError } from '../../util/errors.ts';
import { retry } from '../../util/retry.ts';

export interface DownloadOptions {
  /** For error messages, for example `Telegram`. */
  readonly platform: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TRIES = 3;
const FIRST_WAIT_MS = 600;
const TRY_AGAIN_SECONDS = 10;
/** 403 is the answer to an address whose signature has expired. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * @throws {InputError} `photo-too-large`, or `photo-damaged` when the platform no longer has it.
 * @throws {BusyError} when the platform does not deliver it now.
 */
export async function downloadPhoto(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { platform, clock, signal } = options;
  const waitAfter = (error: unknown, failures: number): number | undefined =>
    error instanceof InputError || failures >= TRIES
      ? undefined
      : backoffMs(failures, { firstMs: FIRST_WAIT_MS });
  try {
    return await retry(() => fetchBytes(url, options), { clock, signal, waitAfter });
  } catch (error) {
    if (error instanceof InputError) throw error;
    signal.throwIfAborted();
    // Any other error is replaced, because it may contain the address.
    throw photoUnavailable(platform);
  }
}

export function photoTooLarge(maxBytes: number): InputError {
  const most = Math.floor(maxBytes / 1_000_000);
  return new InputError('photo-too-large', `Expected a photo of at most ${most} MB. Send a smaller one.`);
}

export function photoGone(platform: string): InputError {
  return new InputError('photo-damaged', `${platform} no longer has this photo. Send it again.`);
}

export function photoUnavailable(platform: string): BusyError {
  return new BusyError(`${platform} does not deliver the photo right now. Try again.`, TRY_AGAIN_SECONDS);
}

// --- Internal helpers ---

async function fetchBytes(url: URL, { platform, maxBytes, signal }: DownloadOptions): Promise<Uint8Array> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw GONE.has(response.status) ? photoGone(platform) : new Error(`status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop cancels the rest of the transfer.
    if (size > maxBytes) throw photoTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
