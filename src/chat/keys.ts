/** Names of people, places and posts in the store, free of mix-ups between doors. */

import type { Origin, PhotoPost } from './conversation.ts';

export function personKey({ door, person }: Origin): string {
  return JSON.stringify([door, person]);
}

export function placeKey(door: string, place: string): string {
  return JSON.stringify([door, place]);
}

export function postKey({ origin, message }: Pick<PhotoPost, 'origin' | 'message'>): string {
  return JSON.stringify([origin.door, origin.place, message]);
}
