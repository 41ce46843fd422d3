/** What is remembered of each source that was ever imported. */

import type { Keyv } from 'keyv';
import { entriesOf } from '../store/store.ts';

/** Where a source was read from. */
export interface KnownSource {
  /** Absolute, or a web address: show `displayLocation` of it, the rest may hold secrets. */
  readonly path: string;
  /** It came from the source file, and leaves with it. */
  readonly listed?: true;
  /** ISO 8601; null while its first import has not come to an end. */
  readonly readAt: string | null;
  /** Its items that are not to be found, being out of stock; absent: none. */
  readonly hidden?: number;
}

/** Name of the source that ships. */
export const DEMO_SOURCE = 'demo';

/** By name, in its order. */
export async function knownSources(records: Keyv<KnownSource>): Promise<Map<string, KnownSource>> {
  const found = new Map<string, KnownSource>();
  for await (const [name, record] of entriesOf(records)) found.set(name, record);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
