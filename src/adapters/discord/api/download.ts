/** Downloads photos of messages, from Discord's own servers only. */

import type { Clock } from '../../../util/clock.ts';
import { InputError } from '../../../util/errors.ts';
import { downloadPhoto, photoTooLarge } from '../../kit/download-photo.ts';
import type { PhotoRef } from './photo-ref.ts';

export interface DownloadDependencies {
  /** Its host counts as Discord's own. */
  readonly apiUrl: string | undefined;
  readonly clock: Clock;
  readonly maxBytes: number;
}

/** @throws {InputError} @throws {BusyError} as `downloadPhoto`. */
export type Download = (photo: PhotoRef, signal: AbortSignal) => Promise<Uint8Array>;

/** Attachments, their resized copies, and Discord's copies of pictures on other sites, which embeds show. */
const HOSTS: ReadonlySet<string> = new Set([
  'cdn.discordapp.com',
  'media.discordapp.net',
  'images-ext-1.discordapp.net',
  'images-ext-2.discordapp.net',
]);

export function createDownload({ apiUrl, clock, maxBytes }: DownloadDependencies): Download {
  return async (photo, signal) => {
    if ((photo.size ?? 0) > maxBytes) throw photoTooLarge(maxBytes);
    const url = photo.urls.find((address) => isDiscordAddress(address, apiUrl));
    if (url === undefined) {
      throw new InputError(
        'no-photo',
        "Expected a picture on Discord's own servers. Upload it as an attachment.",
      );
    }
    return downloadPhoto(new URL(url), { platform: 'Discord', maxBytes, clock, signal });
  };
}

/** Whether an address is on one of Discord's servers, or on the server that `apiUrl` names instead. */
export function isDiscordAddress(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, origin, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === 'https:' && HOSTS.has(host);
}
