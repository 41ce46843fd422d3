/** Keys of people, places and posts in the store. Each contains the platform's name, so that no two platforms share a key. */

import type { Actor } from '../store/audit-log.ts';
import type { Origin, PhotoPost } from './conversation.ts';

export function personKey({ door, person }: Origin): string {
  return JSON.stringify([door, person]);
}

/** A person and place as the audit log records them. */
export function actorOf({ door, person, place }: Origin): Actor {
  return { door, person, place };
}

export function placeKey(door: string, place: string): string {
  return JSON.stringify([door, place]);
}

export function postKey({ origin, message }: Pick<PhotoPost, 'origin' | 'message'>): string {
  return JSON.stringify([origin.door, origin.place, message]);
}
