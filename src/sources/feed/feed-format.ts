/** Detects the format of a feed. */

import { parseJsonFeed, parseJsonLinesFeed } from './json-feed.ts';
import type { FeedParser } from './feed-entry.ts';
import { parseTableFeed } from './table-feed.ts';
import { parseXmlFeed } from './xml-feed.ts';

export const FEED_FORMATS = ['xml', 'json', 'jsonl', 'tsv', 'csv'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];

export const FEED_PARSERS: Readonly<Record<FeedFormat, FeedParser>> = {
  xml: parseXmlFeed,
  json: parseJsonFeed,
  jsonl: parseJsonLinesFeed,
  tsv: parseTableFeed,
  csv: parseTableFeed,
};

/**
 * Goes by the first characters rather than by the content type, which servers often get wrong.
 * @param start the first characters of the feed.
 * @throws {Error} whose message says what the file is instead.
 */
export function detectFormat(start: string, contentType: string | undefined): FeedFormat {
  const text = start.trimStart();
  const type = (contentType ?? '').toLowerCase();
  if (text === '') throw new Error('it is empty');
  if (/^<(!doctype\s+)?html\b/i.test(text)) {
    throw new Error('it is a web page, not a feed; perhaps the address requires a login');
  }
  if (text.startsWith('<')) return 'xml';
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{'))
    return /ndjson|jsonl|json-?lines|json-seq/.test(type) || isJsonLines(text) ? 'jsonl' : 'json';
  if (/^"?sep=\S"?\s*[\r\n]/i.test(text)) return 'csv';
  const [first = '', second = ''] = text.split(/[\r\n]+/, 2);
  // The first line may be a comment or a title.
  for (const line of [first, second]) if (/[\t,;|]/.test(line)) return line.includes('\t') ? 'tsv' : 'csv';
  throw new Error(
    `it begins with neither XML, JSON nor the header of a table (${type.slice(0, 50) || 'no content type'})`,
  );
}

// --- Internal helpers ---

function isJsonLines(text: string): boolean {
  const [first = '', second] = text.split(/\r?\n/, 2);
  if (!second?.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}
