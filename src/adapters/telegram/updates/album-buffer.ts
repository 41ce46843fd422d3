/** Gathers the messages of an album into one request: they come one by one, in any order, without a count or an end. */

import type { Clock } from '../../../util/clock.ts';
import { MAX_ALBUM } from '../api/limits.ts';
import type { PhotoRequest } from './request.ts';

export interface AlbumPart {
  readonly update: number;
  readonly request: PhotoRequest;
}

export interface AlbumBuffer {
  add(album: string, part: AlbumPart): void;
  /** Lets go of those that are not complete, and takes no other. @returns how many there were. */
  leave(): number;
}

export interface AlbumBufferDependencies {
  readonly clock: Clock;
  /** Gets each album once, its messages in the order they have in the chat. */
  readonly onAlbum: (updates: readonly number[], request: PhotoRequest) => void;
}

/** An album is complete when no part came for this long, … */
export const QUIET_MS = 1200;
/** … or when its first part is this old. */
export const LONGEST_MS = 3000;

export function createAlbumBuffer({ clock, onAlbum }: AlbumBufferDependencies): AlbumBuffer {
  const open = new Map<
    string,
    { readonly parts: AlbumPart[]; readonly since: number; quiet: AbortController }
  >();
  let left = false;

  function finish(key: string): void {
    const album = open.get(key);
    if (!album) return;
    open.delete(key);
    album.quiet.abort();
    onAlbum(
      album.parts.map(({ update }) => update),
      merge(album.parts.map(({ request }) => request)),
    );
  }

  return {
    add(name, part) {
      if (left) return;
      // Album ids are unique over all chats as far as anybody knows; the chat costs nothing.
      const key = `${part.request.chat} ${name}`;
      const album = open.get(key) ?? { parts: [], since: clock.now(), quiet: new AbortController() };
      open.set(key, album);
      album.parts.push(part);
      album.quiet.abort();
      album.quiet = new AbortController();
      const remaining = Math.min(QUIET_MS, album.since + LONGEST_MS - clock.now());
      if (remaining <= 0 || album.parts.length >= MAX_ALBUM) {
        finish(key);
        return;
      }
      const { signal } = album.quiet;
      void clock.wait(remaining, signal).then(() => {
        if (!signal.aborted) finish(key);
      });
    },
    leave() {
      left = true;
      for (const { quiet } of open.values()) quiet.abort();
      const count = open.size;
      open.clear();
      return count;
    },
  };
}

// --- Internal helpers ---

const STRENGTH = { posted: 0, mention: 1, command: 2 } as const;

/** The caption, and with it what was asked, is on one of them only. */
function merge(requests: readonly PhotoRequest[]): PhotoRequest {
  const inOrder = [...requests].sort((a, b) => a.message - b.message);
  const [first, ...others] = inOrder;
  if (!first) throw new RangeError('Expected an album with at least one message.');
  const strongest = others.reduce(
    (best, request) => (STRENGTH[request.trigger] > STRENGTH[best.trigger] ? request : best),
    first,
  );
  return {
    ...first,
    trigger: strongest.trigger,
    ...(strongest.filter && { filter: strongest.filter }),
    photos: inOrder.flatMap(({ photos }) => photos),
  };
}
