/** A feed as JSON: a list of objects, a list within an object, or an object on each line. */

import { JSONParser } from '@streamparser/json';
import { type FeedEntry, type FeedParser, fieldsOf } from './feed-entry.ts';

/** Where a list stands within an object, by the shops' usual names and those of Google's Content API. */
const LISTS = ['items', 'products', 'resources', 'entries', 'data', 'results'];

/** Streams: what is in memory is one item, and what stands beside the list. */
export const parseJsonFeed: FeedParser = (text) => parse(text, 'a list');

/** An object on each line. */
export const parseJsonLinesFeed: FeedParser = (text) => parse(text, 'lines');

// --- Internal helpers ---

async function* parse(
  text: AsyncIterable<string>,
  form: 'a list' | 'lines',
): AsyncGenerator<FeedEntry, void> {
  const entries: FeedEntry[] = [];
  let parser: JSONParser | undefined;
  let wrong: Error | undefined;
  let started = false;

  const begin = (first: string): JSONParser => {
    const paths = form === 'lines' ? ['$'] : first === '[' ? ['$.*'] : LISTS.map((name) => `$.${name}.*`);
    const begun = new JSONParser({ paths, keepStack: false, ...(form === 'lines' && { separator: '' }) });
    begun.onValue = ({ value }) => entries.push(entryOf(value));
    begun.onError = (error) => {
      wrong ??= error;
    };
    return begun;
  };

  for await (const piece of text) {
    const content = started ? piece : piece.trimStart();
    if (content === '') continue;
    started = true;
    parser ??= begin(content.charAt(0));
    if (!parser.isEnded) parser.write(content);
    else if (content.trim() !== '') wrong ??= new Error('something follows after its end');
    if (wrong) throw malformed(wrong);
    yield* entries.splice(0);
  }
  if (parser && !parser.isEnded) parser.end();
  if (wrong) throw malformed(wrong);
  yield* entries.splice(0);
}

function malformed(cause: Error): Error {
  return new Error(`it is not well-formed JSON: ${cause.message.slice(0, 200)}`, { cause });
}

function entryOf(value: unknown): FeedEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { reason: 'it is not a JSON object' };
  }
  const { labels, ...fields } = value as Record<string, unknown>;
  const flat = new Map<string, string>();
  for (const [name, member] of [...Object.entries(fields), ...entriesIn(labels)]) {
    const word = wordOf(member);
    if (word !== undefined) flat.set(name, word);
  }
  return fieldsOf(flat);
}

function entriesIn(labels: unknown): [string, unknown][] {
  return typeof labels === 'object' && labels !== null && !Array.isArray(labels)
    ? Object.entries(labels)
    : [];
}

/** Prices are `{ value, currency }` in Google's API; of lists, such as `productTypes`, the first counts. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length > 0 ? wordOf(value[0]) : undefined;
  if (typeof value !== 'object' || value === null || !('value' in value)) return undefined;
  const amount = wordOf(value.value);
  const currency = 'currency' in value ? wordOf(value.currency) : undefined;
  return amount === undefined ? undefined : [amount, currency].filter(Boolean).join(' ');
}
