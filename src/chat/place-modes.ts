/** Stores the mode of each place, and says which posts a mode lets through. */

import type { Keyv } from 'keyv';
import { type Mode, MODES, type PhotoPost } from './conversation.ts';
import { placeKey } from './keys.ts';

export const DEFAULT_MODE: Mode = 'ask';

export interface PlaceModes {
  get(door: string, place: string): Promise<Mode>;
  set(door: string, place: string, mode: Mode): Promise<void>;
  /** Moves the mode to the new id of a place. */
  move(door: string, from: string, to: string): Promise<void>;
}

export function createPlaceModes(store: Keyv<Mode>): PlaceModes {
  return {
    async get(door, place) {
      return (await store.get(placeKey(door, place))) ?? DEFAULT_MODE;
    },
    async set(door, place, mode) {
      await store.set(placeKey(door, place), mode);
    },
    async move(door, from, to) {
      const mode = await store.get(placeKey(door, from));
      if (mode === undefined) return;
      await store.set(placeKey(door, to), mode);
      await store.delete(placeKey(door, from));
    },
  };
}

/** Whether a post is answered in this mode. Commands and direct messages always are. */
export function permits(mode: Mode, trigger: PhotoPost['trigger']): boolean {
  if (trigger === 'command') return true;
  return trigger === 'mention' ? mode !== 'off' : mode === 'auto';
}

export function isMode(text: string): text is Mode {
  return (MODES as readonly string[]).includes(text);
}
