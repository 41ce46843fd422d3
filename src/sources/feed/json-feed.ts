/** Parses a feed in JSON: a list of objects, a list within an object, or an object on each line. */

import { JSONParser } from '@streamparser/json';
import { type FeedEntry, type FeedParser, fieldsOf } from './feed-entry.ts';

/** Members of an object that may hold the list: the names that shops use, and those of Google's Content API. */
const LIST_NAMES = ['items', 'products', 'resources', 'entries', 'data', 'results'];

/** Streams: memory holds one item at a time, and whatever the object holds besides the list. */
export const parseJsonFeed: FeedParser = (text) => parse(text, 'a list');

/** One object on each line. */
export const parseJsonLinesFeed: FeedParser = (text) => parse(text, 'lines');

// --- Internal helpers ---

async function* parse(
  text: AsyncIterable<string>,
  form: 'a list' | 'lines',
): AsyncGenerator<FeedEntry, void> {
  const entries: FeedEntry[] = [];
  let parser: JSONParser | undefined;
  let failure: Error | undefined;
  let started = false;

  const createParser = (first: string): JSONParser => {
    const paths =
      form === 'lines' ? ['$'] : first === '[' ? ['$.*'] : LIST_NAMES.map((name) => `$.${name}.*`);
    const created = new JSONParser({ paths, keepStack: false, ...(form === 'lines' && { separator: '' }) });
    created.onValue = ({ value }) => entries.push(entryOf(value));
    created.onError = (error) => {
      failure ??= error;
    };
    return created;
  };

  for await (const chunk of text) {
    const content = started ? chunk : chunk.trimStart();
    if (content === '') continue;
    started = true;
    parser ??= createParser(content.charAt(0));
    if (!parser.isEnded) parser.write(content);
    else if (content.trim() !== '') failure ??= new Error('there is more text after its end');
    if (failure) throw malformed(failure);
    yield* entries.splice(0);
  }
  if (parser && !parser.isEnded) parser.end();
  if (failure) throw malformed(failure);
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
  for (const [name, member] of [...Object.entries(fields), ...labelEntries(labels)]) {
    const text = textOf(member);
    if (text !== undefined) flat.set(name, text);
  }
  return fieldsOf(flat);
}

function labelEntries(labels: unknown): [string, unknown][] {
  return typeof labels === 'object' && labels !== null && !Array.isArray(labels)
    ? Object.entries(labels)
    : [];
}

/** Prices are `{ value, currency }` in Google's API. Of a list, such as `productTypes`, the first entry is used. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length > 0 ? textOf(value[0]) : undefined;
  if (typeof value !== 'object' || value === null || !('value' in value)) return undefined;
  const amount = textOf(value.value);
  const currency = 'currency' in value ? textOf(value.currency) : undefined;
  return amount === undefined ? undefined : [amount, currency].filter(Boolean).join(' ');
}
