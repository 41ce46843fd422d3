/** The bytes behind a platform's address: bounded in size and time, without redirects, and the address is never told. */

import { BusyError, InputError } from '../../util/errors.ts';
import type { Clock } from '../../util/clock.ts';

export interface DownloadOptions {
  /** For texts, for example `Telegram`. */
  readonly platform: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TRIES = 3;
const TRY_AGAIN_SECONDS = 10;
/** 403 is what an address says whose signature has expired. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * @throws {InputError} `photo-too-large`, `photo-damaged` (the platform has it no longer).
 * @throws {BusyError} when the platform does not give it now.
 */
export async function downloadPhoto(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { platform, clock, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchBytes(url, options);
    } catch (error) {
      // Other errors are swallowed: they may tell the address.
      if (error instanceof InputError) throw error;
      signal.throwIfAborted();
      if (attempt >= TRIES) throw notNow(platform);
    }
    await clock.wait(300 * 2 ** attempt, signal);
  }
}

export function tooLarge(maxBytes: number): InputError {
  const most = Math.floor(maxBytes / 1_000_000);
  return new InputError('photo-too-large', `Expected a photo of at most ${most} MB. Send a smaller one.`);
}

export function gone(platform: string): InputError {
  return new InputError('photo-damaged', `${platform} has this photo no longer. Send it again.`);
}

export function notNow(platform: string): BusyError {
  return new BusyError(
    `${platform} does not hand out the photo at this moment. Try again.`,
    TRY_AGAIN_SECONDS,
  );
}

// --- Internal helpers ---

async function fetchBytes(url: URL, { platform, maxBytes, signal }: DownloadOptions): Promise<Uint8Array> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw GONE.has(response.status) ? gone(platform) : new Error(`status ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.length;
    // Leaving the loop cancels the rest of the transfer.
    if (size > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
