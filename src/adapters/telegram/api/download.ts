/** The bytes of a photo: bounded in size and time, and without its address, which holds the token, ever leaving here. */

import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../chat/clock.ts';
import { BusyError, InputError } from '../../../errors.ts';
import type { Logger } from '../../../logger.ts';
import type { BotApi } from './bot-api.ts';
import { CallError, wasRefused } from './call-error.ts';
import { callSteadily } from './call-steadily.ts';
import type { PhotoRef } from '../intake/request.ts';

export interface DownloadDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly maxBytes: number;
  /** A server of one's own runs here: with `--local` it names files on its own disk. */
  readonly isSelfHosted: boolean;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * @throws {InputError} `photo-too-large`, `photo-damaged` (Telegram has it no longer).
 * @throws {BusyError} when Telegram does not give it now.
 */
export type Download = (photo: PhotoRef, signal: AbortSignal) => Promise<Uint8Array>;

const TRIES = 3;
const TRY_AGAIN_SECONDS = 10;

export function createDownload(dependencies: DownloadDependencies): Download {
  const { api, clock, maxBytes, isSelfHosted, logger } = dependencies;

  async function pathOf({ fileId }: PhotoRef, signal: AbortSignal): Promise<string> {
    try {
      const options = { signal, tries: TRIES, timeoutMs: 20_000 };
      const found = file.parse(await callSteadily(dependencies, 'getFile', { file_id: fileId }, options));
      if ((found.file_size ?? 0) > maxBytes) throw tooLarge(maxBytes);
      return found.file_path;
    } catch (error) {
      if (wasRefused(error, /too big/i)) throw tooLarge(maxBytes);
      if (error instanceof CallError && error.failure === 'refused') throw gone();
      if (error instanceof InputError) throw error;
      throw notNow();
    }
  }

  return async (photo, signal) => {
    if ((photo.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const path = await pathOf(photo, signal);
    if (isSelfHosted && isAbsolute(path)) return readLocal(path, maxBytes, logger);
    const url = api.fileUrl(path);
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetchBytes(url, maxBytes, signal);
      } catch (error) {
        if (error instanceof InputError) throw error;
        signal.throwIfAborted();
        if (attempt >= TRIES) throw notNow();
      }
      await clock.wait(300 * 2 ** attempt, signal);
    }
  };
}

// --- Internal helpers ---

const file = z.object({ file_path: z.string().min(1), file_size: z.number().optional() });

/** Errors of `fetch` are swallowed by the caller: they may tell the address. */
async function fetchBytes(url: URL, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (response.status === 404) throw gone();
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
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

async function readLocal(path: string, maxBytes: number, logger: Pick<Logger, 'warn'>): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (!stats.isFile()) throw notNow();
    if (stats.size > maxBytes) throw tooLarge(maxBytes);
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await handle.read(bytes, 0, stats.size, 0);
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof InputError) throw error;
    // The path holds the token, so only the kind of failure is told.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    logger.warn(
      { code },
      'expected a file of the Bot API server on this disk: it runs with --local, so its folder must be readable here under the same path',
    );
    throw notNow();
  } finally {
    await handle?.close();
  }
}

function tooLarge(maxBytes: number): InputError {
  const most = Math.floor(maxBytes / 1_000_000);
  return new InputError('photo-too-large', `Expected a photo of at most ${most} MB. Send a smaller one.`);
}

function gone(): InputError {
  return new InputError('photo-damaged', 'Telegram has this photo no longer. Send it again.');
}

function notNow(): BusyError {
  return new BusyError('Telegram does not hand out the photo at this moment. Try again.', TRY_AGAIN_SECONDS);
}
