/** Reads a feed or table to its end, so that a malformed or truncated one is never mistaken for one with fewer items. */

import { checkMapping, type ColumnMapping } from '../columns.ts';
import { type ColumnReport, type ColumnReportBuilder, createColumnReport } from '../column-report.ts';
import { type ProductSurvey, surveyProducts } from '../products.ts';
import { type ByteSource, decodeChunks, detectCharset, firstBytes } from '../text/charset.ts';
import { tooLarge } from '../too-large.ts';
import type { FeedEntry } from './feed-entry.ts';
import { detectFormat, FEED_PARSERS, type FeedFormat } from './feed-format.ts';

export interface OpenEntriesOptions {
  readonly bytes: ByteSource;
  readonly contentType?: string | undefined;
  /** Default: detected. */
  readonly format?: FeedFormat | undefined;
  /** Columns chosen by hand. */
  readonly columns?: ColumnMapping | undefined;
  /** Whether a malformed last line only costs itself. Otherwise the source counts as cut off. */
  readonly isTolerant?: boolean | undefined;
}

export interface OpenedEntries {
  readonly format: FeedFormat;
  /** From the start each time. */
  readonly entries: () => AsyncIterable<FeedEntry>;
  readonly survey: ProductSurvey;
  readonly columns: ColumnReport;
}

/** Largest feed or table; about two million items. */
export const MAX_FEED_BYTES = 1_000_000_000;

/** Memory holds neither pass. @throws {Error} whose message says what is wrong, when it is no feed, malformed or truncated. */
export async function openEntries(options: OpenEntriesOptions): Promise<OpenedEntries> {
  const { contentType, columns, isTolerant } = options;
  const bytes = limited(options.bytes);
  const charset = await detectCharset(bytes, contentType);
  const format = options.format ?? (await formatOf(bytes, charset, contentType));
  const report = createColumnReport();
  const entries = (onColumns?: ColumnReportBuilder['add']): AsyncIterable<FeedEntry> =>
    FEED_PARSERS[format](decodeChunks(bytes, charset), { columns, isTolerant, onColumns });
  const first = { isRead: false };
  const survey = await surveyProducts(() => {
    const isFirst = !first.isRead;
    first.isRead = true;
    return entries(
      isFirst
        ? (names, columns) => {
            report.add(names, columns);
          }
        : undefined,
    );
  });
  const found = report.build();
  // A table was checked at its header; elsewhere only the end shows which names occur.
  if (columns && survey.entries > 0)
    checkMapping(columns, [...found.used.map(({ column }) => column), ...found.ignored]);
  return { format, entries: () => entries(), survey, columns: found };
}

// --- Internal helpers ---

/** Bytes from which the format is detected. */
const SNIFFED_BYTES = 4096;

async function formatOf(
  bytes: ByteSource,
  charset: string,
  contentType: string | undefined,
): Promise<FeedFormat> {
  const start = await firstBytes(bytes, SNIFFED_BYTES);
  let text = '';
  // A character that is cut off at the end does not matter here.
  for await (const chunk of decodeChunks({ chunks: () => once(start) }, charset)) text += chunk;
  return detectFormat(text, contentType);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk
async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield chunk;
}

function limited(source: ByteSource): ByteSource {
  return {
    async *chunks() {
      let bytes = 0;
      for await (const chunk of source.chunks()) {
        bytes += chunk.length;
        if (bytes > MAX_FEED_BYTES) throw new Error(tooLarge(bytes, MAX_FEED_BYTES));
        yield chunk;
      }
    },
  };
}
