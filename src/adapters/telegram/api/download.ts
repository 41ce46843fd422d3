/** The bytes of a photo: bounded in size and time, and without its address, which holds the token, ever leaving here. */

import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../util/clock.ts';
import { downloadPhoto, gone, notNow, tooLarge } from '../../kit/download-photo.ts';
import { InputError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from './bot-api.ts';
import { CallError, wasRefused } from './call-error.ts';
import { callSteadily } from './call-steadily.ts';
import type { PhotoRef } from '../updates/request.ts';

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
const PLATFORM = 'Telegram';

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
      if (error instanceof CallError && error.failure === 'refused') throw gone(PLATFORM);
      if (error instanceof InputError) throw error;
      throw notNow(PLATFORM);
    }
  }

  return async (photo, signal) => {
    if ((photo.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const path = await pathOf(photo, signal);
    if (isSelfHosted && isAbsolute(path)) return readLocal(path, maxBytes, logger);
    const url = api.fileUrl(path);
    return downloadPhoto(url, { platform: PLATFORM, maxBytes, clock, signal });
  };
}

// --- Internal helpers ---

const file = z.object({ file_path: z.string().min(1), file_size: z.number().optional() });

async function readLocal(path: string, maxBytes: number, logger: Pick<Logger, 'warn'>): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (!stats.isFile()) throw notNow(PLATFORM);
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
    throw notNow(PLATFORM);
  } finally {
    await handle?.close();
  }
}
