/** Collects the messages of an album into one request: they arrive one by one, in any order, without a count or an end. */

import type { Clock } from '../../../util/clock.ts';
import { MAX_ALBUM } from '../api/limits.ts';
import type { PhotoRequest } from './request.ts';

export interface AlbumMessage {
  readonly update: number;
  readonly request: PhotoRequest;
}

export interface AlbumBuffer {
  add(album: string, message: AlbumMessage): void;
  /** Drops albums that are not complete, and accepts no more. @returns how many it dropped. */
  discard(): number;
}

export interface AlbumBufferDependencies {
  readonly clock: Clock;
  /** Receives each album once, its messages in the order of the chat. */
  readonly onAlbum: (updates: readonly number[], request: PhotoRequest) => void;
}

/** An album counts as complete when no message arrived for this long, … */
export const QUIET_MS = 1200;
/** … or when its first message is this old. */
export const LONGEST_MS = 3000;

export function createAlbumBuffer({ clock, onAlbum }: AlbumBufferDependencies): AlbumBuffer {
  const open = new Map<
    string,
    { readonly messages: AlbumMessage[]; readonly since: number; quiet: AbortController }
  >();
  let isClosed = false;

  function finish(key: string): void {
    const album = open.get(key);
    if (!album) return;
    open.delete(key);
    album.quiet.abort();
    onAlbum(
      album.messages.map(({ update }) => update),
      merge(album.messages.map(({ request }) => request)),
    );
  }

  return {
    add(name, message) {
      if (isClosed) return;
      // Whether album ids are unique across chats is not documented.
      const key = `${message.request.chat} ${name}`;
      const album = open.get(key) ?? { messages: [], since: clock.now(), quiet: new AbortController() };
      open.set(key, album);
      album.messages.push(message);
      album.quiet.abort();
      album.quiet = new AbortController();
      const remaining = Math.min(QUIET_MS, album.since + LONGEST_MS - clock.now());
      if (remaining <= 0 || album.messages.length >= MAX_ALBUM) {
        finish(key);
        return;
      }
      const { signal } = album.quiet;
      void clock.wait(remaining, signal).then(() => {
        if (!signal.aborted) finish(key);
      });
    },
    discard() {
      isClosed = true;
      for (const { quiet } of open.values()) quiet.abort();
      const count = open.size;
      open.clear();
      return count;
    },
  };
}

// --- Internal helpers ---

const STRENGTH = { posted: 0, mention: 1, command: 2 } as const;

/** Only one message of an album has the caption, which says what is asked. */
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
    ...(strongest.garment && { garment: strongest.garment }),
    photos: inOrder.flatMap(({ photos }) => photos),
  };
}
