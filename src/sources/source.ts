/** The interface through which an inventory is read: whatever an operator has becomes a stream of records. */

import type { Item } from '../catalogue/item.ts';
import type { ColumnReport } from './column-report.ts';

/** An item whose picture has not been read yet. */
export type SourceItem = Omit<Item, 'picture' | 'source'>;

export interface ItemRecord {
  readonly kind: 'item';
  /** Valid, and its id is unique in the source. */
  readonly item: SourceItem;
  /** The place in the source, for example `styles.csv line 17`. */
  readonly where: string;
  /**
   * Reads the bytes of the picture. Only decoding shows whether they are a picture.
   * @throws {Error} whose message says why they cannot be read.
   */
  read(): Promise<Uint8Array>;
  /**
   * Like `read`, for a source that can tell whether a picture has changed. If the picture is unchanged, and `isKnown` says
   * that the picture with that digest is not needed again, only the digest is returned.
   * @throws as `read`; an `OperatorError` when no other picture of the source could be read either.
   */
  readIfChanged?(isKnown: (digest: string) => Promise<boolean>): Promise<Uint8Array | UnchangedPicture>;
}

/** The picture has not changed since it was last read. */
export interface UnchangedPicture {
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

export interface RejectedRecord {
  readonly kind: 'rejected';
  readonly where: string;
  /** What is wrong, in words that an operator understands. */
  readonly reason: string;
  /** As far as they are known: how the source names the item. */
  readonly id?: string;
  readonly title?: string;
  readonly link?: string;
}

export type SourceRecord = ItemRecord | RejectedRecord;

/**
 * Implementations: `folder-source`, `table-source`, `dataset-source`, `feed-source`; `openSource` chooses.
 * A bad entry becomes a rejected record; it never ends the stream.
 */
export interface Source {
  /** Names its items in the inventory. */
  readonly name: string;
  /** For example `data set, zip`. */
  readonly description: string;
  /** Exactly how many records `records()` yields, rejected ones included. */
  readonly count: number;
  /** Which columns are read; for sources that have columns. */
  readonly columns?: ColumnReport;
  /** In the same order each time. */
  records(): AsyncIterable<SourceRecord>;
  /** Idempotent. No record can be read afterwards. */
  close(): Promise<void>;
}
