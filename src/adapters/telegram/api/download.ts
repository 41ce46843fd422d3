/** Downloads photos, bounded in size and time. Their addresses contain the bot's token and never leave this file. */

import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../util/clock.ts';
import { InputError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import { downloadPhoto, photoGone, photoTooLarge, photoUnavailable } from '../../kit/download-photo.ts';
import type { BotApi } from './bot-api.ts';
import { CallError, wasRefused } from './call-error.ts';
import { callWithRetry } from './call-with-retry.ts';
import type { PhotoRef } from './photo-ref.ts';

export interface DownloadDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly maxBytes: number;
  /** The operator runs a Bot API server: with `--local` it returns paths of files on its own disk. */
  readonly isSelfHosted: boolean;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * @throws {InputError} `photo-too-large`, or `photo-damaged` when Telegram no longer has it.
 * @throws {BusyError} when Telegram does not deliver it now.
 */
export type Download = (photo: PhotoRef, signal: AbortSignal) => Promise<Uint8Array>;

const TRIES = 3;
const PLATFORM = 'Telegram';

export function createDownload({
  api,
  clock,
  maxBytes,
  isSelfHosted,
  logger,
}: DownloadDependencies): Download {
  async function pathOf({ fileId }: PhotoRef, signal: AbortSignal): Promise<string> {
    try {
      const options = { signal, tries: TRIES, timeoutMs: 20_000 };
      const found = file.parse(await callWithRetry({ api, clock }, 'getFile', { file_id: fileId }, options));
      if ((found.file_size ?? 0) > maxBytes) throw photoTooLarge(maxBytes);
      return found.file_path;
    } catch (error) {
      if (wasRefused(error, /too big/i)) throw photoTooLarge(maxBytes);
      if (error instanceof CallError && error.failure === 'refused') throw photoGone(PLATFORM);
      if (error instanceof InputError) throw error;
      throw photoUnavailable(PLATFORM);
    }
  }

  return async (photo, signal) => {
    if ((photo.size ?? 0) > maxBytes) throw photoTooLarge(maxBytes);
    const path = await pathOf(photo, signal);
    if (isSelfHosted && isAbsolute(path)) return readLocalFile(path, maxBytes, logger);
    const url = api.fileUrl(path);
    return downloadPhoto(url, { platform: PLATFORM, maxBytes, clock, signal });
  };
}

// --- Internal helpers ---

const file = z.object({ file_path: z.string().min(1), file_size: z.number().optional() });

async function readLocalFile(
  path: string,
  maxBytes: number,
  logger: Pick<Logger, 'warn'>,
): Promise<Uint8Array> {
  let handle;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (!stats.isFile()) throw photoUnavailable(PLATFORM);
    if (stats.size > maxBytes) throw photoTooLarge(maxBytes);
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await handle.read(bytes, 0, stats.size, 0);
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof InputError) throw error;
    // The path contains the token, so only the error code is logged.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    logger.warn(
      { code },
      'expected a file of the Bot API server on this disk: the server runs with --local, so its folder must be readable here under the same path',
    );
    throw photoUnavailable(PLATFORM);
  } finally {
    await handle?.close();
  }
}
