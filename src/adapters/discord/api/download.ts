/** Photos of messages, read from Discord's own servers only. */

import type { Clock } from '../../../util/clock.ts';
import { downloadPhoto, tooLarge } from '../../kit/download-photo.ts';
import { InputError } from '../../../util/errors.ts';
import type { PhotoRef } from '../events/photo-ref.ts';

export interface DownloadDependencies {
  /** Its host counts as Discord's own. */
  readonly apiUrl: string | undefined;
  readonly clock: Clock;
  readonly maxBytes: number;
}

/** @throws {InputError} @throws {BusyError} as `downloadPhoto`. */
export type Download = (photo: PhotoRef, signal: AbortSignal) => Promise<Uint8Array>;

/** Attachments, their resized copies, and Discord's copies of pictures elsewhere, which embeds show. */
const HOSTS: ReadonlySet<string> = new Set([
  'cdn.discordapp.com',
  'media.discordapp.net',
  'images-ext-1.discordapp.net',
  'images-ext-2.discordapp.net',
]);

export function createDownload({ apiUrl, clock, maxBytes }: DownloadDependencies): Download {
  return async (photo, signal) => {
    if ((photo.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const url = photo.urls.find((address) => isOwn(address, apiUrl));
    if (url === undefined) {
      throw new InputError('no-photo', 'Expected a picture that Discord keeps. Upload it as an attachment.');
    }
    return downloadPhoto(new URL(url), { platform: 'Discord', maxBytes, clock, signal });
  };
}

/** Whether an address is one of Discord's servers, or of the one that stands in for it. */
export function isOwn(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, origin, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === 'https:' && HOSTS.has(host);
}
