/** The records of the sources that were ever imported or listed. */

import type { Keyv } from 'keyv';
import type { SourceSettings } from '../sources/open-source.ts';
import { entriesOf } from '../store/store.ts';

/** The settings that an import may give. */
export type ImportSettings = Pick<SourceSettings, 'columns' | 'currency' | 'pictureBase' | 'allowPrivate'>;

/** Record of one source. */
export interface KnownSource {
  /** An absolute path or a web address. Show only `displayLocation` of it, because the rest may hold secrets. */
  readonly path: string;
  /** The source comes from the source file, and is removed when it leaves that file. */
  readonly listed?: true;
  /** How an imported source is read; the settings of a listed one are in the source file. */
  readonly settings?: ImportSettings;
  /** When it was last read, ISO 8601; null until its first import has finished. */
  readonly readAt: string | null;
  /** Number of its items that are hidden because they are out of stock; absent when there are none. */
  readonly hidden?: number;
}

/** Name of the demo inventory as a source. */
export const DEMO_SOURCE = 'demo';

/** All records by name, in alphabetical order. */
export async function knownSources(records: Keyv<KnownSource>): Promise<Map<string, KnownSource>> {
  const found = new Map<string, KnownSource>();
  for await (const [name, record] of entriesOf(records)) found.set(name, record);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
