/** A picture of a message, before anybody looked at it. */

export interface PhotoRef {
  /** Where it may be read, the best first. Signed: never logged or stored. */
  readonly urls: readonly string[];
  /** Bytes, where Discord says. */
  readonly size?: number;
  readonly spoiler: boolean;
  /** Whether Discord calls it a picture; otherwise it is any file. */
  readonly isImage: boolean;
}
