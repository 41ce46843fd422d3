/** The first answer to a photo of an outfit, from what is closest to each of its garments. */

export interface AnswerPlace {
  readonly row: number;
  /** The place of the garment that it is shown for. */
  readonly garment: number;
}

/**
 * The closest item of each garment, most prominent first, then the next closest ones of the most prominent. No item twice: a garment
 * whose closest item is shown already gets its next one.
 * @param closest rows of items by garment, the most prominent garment and the closest item first.
 * @param count how many items are shown at most.
 */
export function outfitAnswer(closest: readonly (readonly number[])[], count: number): readonly AnswerPlace[] {
  const shown = new Map<number, AnswerPlace>();
  const show = (garment: number): void => {
    const row = closest[garment]!.find((candidate) => !shown.has(candidate));
    if (row !== undefined) shown.set(row, { row, garment });
  };
  for (let garment = 0; garment < closest.length && shown.size < count; garment++) show(garment);
  for (const row of closest[0] ?? []) {
    if (shown.size < count && !shown.has(row)) shown.set(row, { row, garment: 0 });
  }
  return [...shown.values()];
}
