/** A photo of a message that has not been downloaded yet. Kept in the store, so its fields keep their names. */

export interface PhotoRef {
  readonly fileId: string;
  /** Bytes, if Telegram says. */
  readonly size?: number;
  readonly spoiler: boolean;
}
