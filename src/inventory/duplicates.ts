/** Items whose pictures are the same, or so nearly the same that an answer shows one of them. */

/** At least two items, in a fixed order. */
export interface DuplicateGroup {
  readonly items: readonly {
    readonly id: string;
    /** SHA-256 of the picture, hex: equal for items that share one byte for byte. */
    readonly picture: string;
  }[];
}
