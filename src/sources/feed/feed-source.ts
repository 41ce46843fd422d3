/** Reads a product feed as a source, with pictures on the web or beside the file. */

import { messageOf, OperatorError } from '../../util/errors.ts';
import type { ColumnMapping } from '../columns.ts';
import { productRecords, type ProductSourceOptions } from '../product-source.ts';
import type { Source } from '../source.ts';
import type { ByteSource } from '../text/charset.ts';
import type { FeedFormat } from './feed-format.ts';
import { openEntries } from './open-entries.ts';

export interface FeedSourceOptions extends Pick<ProductSourceOptions, 'base' | 'openPicture' | 'currency'> {
  readonly name: string;
  /** The path or URL of the feed, as messages show it. */
  readonly location: string;
  readonly bytes: ByteSource;
  readonly contentType?: string | undefined;
  /** Default: detected. */
  readonly format?: FeedFormat | undefined;
  readonly columns?: ColumnMapping | undefined;
  /** Called once, when the source is closed or cannot be opened. */
  readonly close: () => Promise<void>;
}

/**
 * The feed is first read to its end, so that a malformed or truncated feed is never mistaken for one with fewer items. The
 * records come from another pass. No pass holds the feed in memory.
 * @throws {OperatorError} when it is not a feed, or the feed is malformed, truncated or empty. It is then closed.
 */
export async function openFeedSource(options: FeedSourceOptions): Promise<Source> {
  const { name, location, contentType } = options;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= options.close());
  try {
    const { entries, survey, columns, format } = await openEntries(options);
    if (survey.entries === 0) throw new Error('it has no items');
    return {
      name,
      description: `feed, ${format}`,
      count: survey.count,
      columns,
      records: () =>
        productRecords({ ...options, entries, survey, where: ({ number }) => `${name} item ${number}` }),
      close,
    };
  } catch (error) {
    await close();
    if (error instanceof OperatorError) throw error;
    const login = /html/i.test(contentType ?? '') ? ' The server sent a web page.' : '';
    throw new OperatorError(
      `The feed ${location} cannot be used: ${messageOf(error)}.${login} Nothing was changed. Expected a complete feed as JSON, ` +
        'or in the Google Merchant format as XML or tab-separated text; see docs/inventory.md, "Product feeds".',
      { cause: error },
    );
  }
}
