/** The seam behind which an inventory is read: whatever an operator has, as a stream of records. */

import type { Item } from '../catalogue/item.ts';

/** An item before its picture was read. */
export type SourceItem = Omit<Item, 'picture' | 'source'>;

export interface ItemRecord {
  readonly kind: 'item';
  /** Valid, and its id is unique in the source. */
  readonly item: SourceItem;
  /** Where in the source, for example `styles.csv line 17`. */
  readonly where: string;
  /**
   * The bytes of the picture as they are; whether they are a picture is seen when they are decoded.
   * @throws {Error} whose message says why they cannot be had.
   */
  read(): Promise<Uint8Array>;
  /**
   * The same, from a source that can tell whether a picture is still what it was: when it is, and `isKnown` says that the
   * picture with that digest is not needed again, only the digest comes.
   * @throws as `read`; an `OperatorError` when no other picture of the source could be had either.
   */
  readUnlessKnown?(isKnown: (digest: string) => Promise<boolean>): Promise<Uint8Array | SamePicture>;
}

/** The picture is still the one that was read last. */
export interface SamePicture {
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

export interface RejectedRecord {
  readonly kind: 'rejected';
  readonly where: string;
  /** What is wrong, in words for an operator. */
  readonly reason: string;
}

export type SourceRecord = ItemRecord | RejectedRecord;

/**
 * Implementations: `folder-source`, `table-source`, `dataset-source`, `feed-source`; `openSource` chooses.
 * What can be kept is kept; one bad entry never ends the stream.
 */
export interface Source {
  /** Names its items in the inventory. */
  readonly name: string;
  /** For example `data set, zip`. */
  readonly description: string;
  /** Exactly how many records `records()` yields, rejected ones included. */
  readonly count: number;
  /** In the same order each time. */
  records(): AsyncIterable<SourceRecord>;
  /** Idempotent. No record can be read afterwards. */
  close(): Promise<void>;
}
