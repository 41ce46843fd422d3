/** Parses a feed in JSON: a list of objects, a list within an object, or an object on each line. */

import { Tokenizer, TokenParser } from '@streamparser/json';
import { createFieldPicker, type FeedEntry, type FeedParser, type ParserOptions } from './feed-entry.ts';
import { productsIn } from './json-product.ts';

/** Members of an object that may hold the list: the names that shops use, and those of Google's interfaces and of JSON-LD. */
const LIST_NAMES = [
  'items',
  'products',
  'resources',
  'entries',
  'data',
  'results',
  '@graph',
  'itemListElement',
];

/** Streams: memory holds one item at a time, and whatever the object holds besides the list. */
export const parseJsonFeed: FeedParser = async function* (text, options = {}) {
  const read = createReader(options);
  const values: unknown[] = [];
  let parser: JsonParser | undefined;
  let started = false;
  for await (const chunk of text) {
    const content = started ? chunk : chunk.trimStart();
    if (content === '') continue;
    started = true;
    parser ??= createParser(content.startsWith('['), (value) => values.push(value));
    parser.write(content);
    for (const value of values.splice(0)) yield* read(value);
  }
  parser?.end();
  for (const value of values.splice(0)) yield* read(value);
};

/** One object on each line. A line that is malformed is reported, and the others are read. */
export const parseJsonLinesFeed: FeedParser = async function* (text, options = {}) {
  const read = createReader(options);
  let line = 0;
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH)
      throw new Error(`line ${line + 1} has more than ${MAX_LINE_LENGTH} characters`);
    for (const content of lines) {
      line++;
      if (content.trim() !== '') yield* entriesOf(content);
    }
  }
  line++;
  if (rest.trim() === '') return;
  if (!options.isTolerant && parseLine(rest) === undefined)
    throw malformed(new Error('its last line is cut off'));
  yield* entriesOf(rest);

  function* entriesOf(content: string): Generator<FeedEntry> {
    for (const entry of read(parseLine(content))) yield { line, ...entry };
  }
};

// --- Internal helpers ---

const MAX_LINE_LENGTH = 10_000_000;

/** Turns a value of the feed into its entries: usually one, none for what is no product, several for a list. */
function createReader(options: ParserOptions): (value: unknown) => FeedEntry[] {
  const pick = createFieldPicker(options);
  return (value) =>
    productsIn(value).map((product): FeedEntry =>
      'reason' in product
        ? product
        : {
            fields: pick(product.values),
            ...(product.variants.length > 0 && {
              variants: product.variants.map((variant) => pick(variant)),
            }),
          },
    );
}

interface JsonParser {
  write(text: string): void;
  end(): void;
}

/** Several documents may follow each other, as the pages of a list do. */
function createParser(isList: boolean, onValue: (value: unknown) => void): JsonParser {
  const paths = isList ? ['$.*'] : LIST_NAMES.map((name) => `$.${name}.*`);
  const tokenizer = new ExactTokenizer({ separator: '' });
  const parser = new TokenParser({ paths, keepStack: false, separator: '' });
  tokenizer.onToken = parser.write.bind(parser);
  parser.onValue = ({ value }) => {
    onValue(value);
  };
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  tokenizer.onError = fail;
  parser.onError = fail;
  const check = (): void => {
    if (failure) throw malformed(failure);
  };
  return {
    write(text) {
      tokenizer.write(text);
      check();
    },
    end() {
      if (!tokenizer.isEnded) tokenizer.end();
      if (!parser.isEnded) parser.end();
      check();
    },
  };
}

/** Keeps whole numbers that JavaScript cannot hold as text, because ids may have that many digits. */
class ExactTokenizer extends Tokenizer {
  override parseNumber(digits: string): number {
    return (isInexact(digits) ? digits : Number(digits)) as number;
  }
}

function isInexact(digits: string): boolean {
  return digits.length > 15 && /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits));
}

/** Undefined for a line that is not JSON. */
function parseLine(content: string): unknown {
  // Text in quotes is matched first, so that digits within it are left alone.
  const exact = /\d{16}/.test(content)
    ? content.replace(/"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, (token) =>
        isInexact(token) ? `"${token}"` : token,
      )
    : content;
  try {
    return JSON.parse(exact) as unknown;
  } catch {
    return undefined;
  }
}

function malformed(cause: Error): Error {
  return new Error(`it is not well-formed JSON: ${cause.message.slice(0, 200)}`, { cause });
}
