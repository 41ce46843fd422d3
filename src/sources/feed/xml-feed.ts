/** Parses the Google Merchant format as XML: RSS 2.0 and Atom, with or without the namespace prefix `g:`. */

import { SaxesParser } from 'saxes';
import { createFieldPicker, type FeedEntry, type FeedParser, holdsPictures } from './feed-entry.ts';

/** Deepest nesting of elements; no feed needs more. */
const MAX_DEPTH = 32;
/** Most characters between two tags. */
const MAX_TEXT_LENGTH = 1_000_000;
/** Most attributes of an element; a feed uses a handful. */
const MAX_ATTRIBUTES = 1_000;

/** Streams: memory holds one item at a time. A document that defines entities is refused, so none is expanded. */
export const parseXmlFeed: FeedParser = async function* (text, options = {}) {
  const pick = createFieldPicker(options);
  const parser = new SaxesParser();
  const entries: FeedEntry[] = [];
  const path: string[] = [];
  let item: Item | undefined;
  let element: Element | undefined;
  let sinceTag = 0;
  let attributeCount = 0;

  parser.on('doctype', (doctype) => {
    if (/\[|<!ENTITY/i.test(doctype)) {
      throw new Error('it defines entities of its own, which feeds do not need and which are not read');
    }
  });
  parser.on('attribute', () => {
    if (++attributeCount > MAX_ATTRIBUTES)
      throw new Error(`one of its elements has more than ${MAX_ATTRIBUTES} attributes`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    attributeCount = 0;
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
      entries.push({ fields: pick(new Map([...item.plain, ...item.merchant])) });
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

  let started = false;
  for await (const chunk of text) {
    // White space before the declaration is not allowed, and yet common: templates of shops begin with an empty line.
    const content = started ? chunk : chunk.trimStart();
    if (content === '') continue;
    started = true;
    sinceTag += content.length;
    if (sinceTag > MAX_TEXT_LENGTH + content.length)
      throw new Error(`it has more than ${MAX_TEXT_LENGTH} characters without a tag`);
    parser.write(content);
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

/** Of repeated elements the first is used, but pictures are all kept: undefined for the others. */
function beginElement(
  { plain, merchant }: Item,
  tag: string,
  attributes: Readonly<Record<string, string>>,
): Element | undefined {
  const colon = tag.indexOf(':');
  const element = colon < 0 ? { values: plain, name: tag } : { values: merchant, name: tag.slice(colon + 1) };
  const { values, name } = element;
  const before = values.get(name);
  if (before !== undefined) {
    if (!holdsPictures(name)) return undefined;
    values.set(name, `${before}\n`);
  }
  const { href, rel = 'alternate', url } = attributes;
  if (name === 'enclosure' && url !== undefined && attributes.type?.startsWith('image/')) {
    if (!values.has('picture')) values.set('picture', url);
    return undefined;
  }
  if (href === undefined) return element;
  // Atom stores links in attributes.
  if (rel === 'alternate') values.set(name, href);
  return undefined;
}
