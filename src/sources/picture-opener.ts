/** Opens a picture that a table or feed names, on the web or beside it. */

import type { RemotePictures } from './http/remote-pictures.ts';
import type { LocalPictures } from './local-pictures.ts';
import type { PictureReading } from './product-source.ts';

export interface PictureOpenerOptions {
  /** Undefined when this program cannot fetch. */
  readonly remote: RemotePictures | undefined;
  /** Undefined when the source is on the web. */
  readonly local: LocalPictures | undefined;
  /** Base of relative addresses: the address of the feed, or the one that the operator gives. */
  readonly base?: URL | undefined;
}

/** Addresses may leave out their scheme: `//cdn.example/a.jpg` is fetched over https, or over http if the feed is. */
export function createPictureOpener({
  remote,
  local,
  base,
}: PictureOpenerOptions): (picture: string) => Promise<PictureReading> {
  return async (picture) => {
    const isAddress = /^[a-z][a-z0-9+.-]+:/i.test(picture) || picture.startsWith('//');
    if (!isAddress && local && !base) return local(picture);
    if (!isAddress && local) {
      const reading = await local(picture);
      if (!('reason' in reading)) return reading;
    }
    // With a base that the operator gives, `/w/h/a.jpg` is below it and not at the top of its server.
    const relative = isAddress || !local ? picture : picture.replace(/^\/+/, '');
    const href = picture.startsWith('//') && !base ? `https:${picture}` : relative;
    const url = URL.canParse(href, base?.href) ? new URL(href, base?.href) : undefined;
    if (!url || !/^https?:$/.test(url.protocol))
      return { reason: 'its picture is not an http or https address' };
    if (!remote) {
      return {
        reason:
          'its picture is a web address, and this program cannot fetch; save the picture and name the file',
      };
    }
    url.hash = '';
    return remote.at(url);
  };
}
