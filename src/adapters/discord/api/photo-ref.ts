/** A picture of a message that has not been downloaded yet. */

export interface PhotoRef {
  /** Addresses to download it from, the best first. They are signed: never logged or stored. */
  readonly urls: readonly string[];
  /** Bytes, if Discord says. */
  readonly size?: number;
  readonly spoiler: boolean;
  /** Whether Discord calls it an image. Otherwise it may be any file. */
  readonly isImage: boolean;
}
