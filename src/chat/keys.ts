/** Names of people, places and posts in the store, free of mix-ups between doors. */

import type { Actor } from '../store/audit-log.ts';
import type { Origin, PhotoPost } from './conversation.ts';

export function personKey({ door, person }: Origin): string {
  return JSON.stringify([door, person]);
}

/** As the audit log names a person. */
export function actorOf({ door, person, place }: Origin): Actor {
  return { door, person, place };
}

export function placeKey(door: string, place: string): string {
  return JSON.stringify([door, place]);
}

export function postKey({ origin, message }: Pick<PhotoPost, 'origin' | 'message'>): string {
  return JSON.stringify([origin.door, origin.place, message]);
}
