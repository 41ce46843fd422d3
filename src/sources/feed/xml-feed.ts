/** Parses the Google Merchant format as XML: RSS 2.0 and Atom, with or without the namespace prefix `g:`. */

import { SaxesParser } from 'saxes';
import { type FeedEntry, type FeedParser, fieldsOf } from './feed-entry.ts';

/** Deepest nesting of elements; no feed needs more. */
const MAX_DEPTH = 32;
/** Most characters between two tags. */
const MAX_TEXT_LENGTH = 1_000_000;

/** Streams: memory holds one item at a time. A document that defines entities is refused, so none is expanded. */
export const parseXmlFeed: FeedParser = async function* (text) {
  const parser = new SaxesParser();
  const entries: FeedEntry[] = [];
  const path: string[] = [];
  let item: Item | undefined;
  let element: Element | undefined;
  let sinceTag = 0;

  parser.on('doctype', (doctype) => {
    if (/\[|<!ENTITY/i.test(doctype)) {
      throw new Error('it defines entities of its own, which feeds do not need and which are not read');
    }
  });
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    const tag = name.toLowerCase();
    path.push(tag);
    if (path.length > MAX_DEPTH) throw new Error(`its elements are nested deeper than ${MAX_DEPTH}`);
    if (item) {
      if (path.length === item.depth + 1) element = beginElement(item, tag, attributes);
    } else if (tag === 'item' || tag === 'entry') {
      item = { depth: path.length, plain: new Map(), merchant: new Map() };
    }
  });
  const onText = (value: string): void => {
    if (item && element && path.length === item.depth + 1) {
      element.values.set(element.name, (element.values.get(element.name) ?? '') + value);
    }
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    sinceTag = 0;
    if (item?.depth === path.length) {
      // Elements of the Google Merchant format take precedence over those of RSS and Atom: `g:id` over `id`.
      entries.push(fieldsOf(new Map([...item.plain, ...item.merchant])));
      item = undefined;
    } else if (item?.depth === path.length - 1) {
      element = undefined;
    }
    path.pop();
  });
  parser.on('error', (error) => {
    // The message has the form `file:line:column: problem`.
    throw new Error(`it is not well-formed XML at ${error.message.replace(/^undefined:|\.$/g, '')}`);
  });

  for await (const chunk of text) {
    sinceTag += chunk.length;
    if (sinceTag > MAX_TEXT_LENGTH + chunk.length)
      throw new Error(`it has more than ${MAX_TEXT_LENGTH} characters without a tag`);
    parser.write(chunk);
    yield* entries.splice(0);
  }
  parser.close();
  yield* entries.splice(0);
};

// --- Internal helpers ---

interface Item {
  /** Nesting depth of its own tag. */
  readonly depth: number;
  readonly plain: Map<string, string>;
  readonly merchant: Map<string, string>;
}

/** Where the text of the open element is stored. */
interface Element {
  readonly values: Map<string, string>;
  readonly name: string;
}

/** Of repeated elements the first is used: undefined for the others. */
function beginElement(
  { plain, merchant }: Item,
  tag: string,
  attributes: Readonly<Record<string, string>>,
): Element | undefined {
  const colon = tag.indexOf(':');
  const element = colon < 0 ? { values: plain, name: tag } : { values: merchant, name: tag.slice(colon + 1) };
  const { values, name } = element;
  if (values.has(name)) return undefined;
  const { href, rel = 'alternate' } = attributes;
  if (href === undefined) return element;
  // Atom stores links in attributes.
  if (rel === 'alternate') values.set(name, href);
  return undefined;
}
