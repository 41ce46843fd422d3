/** Texts that a platform takes only so long. */

/** A text of at most `length` UTF-16 units, the last one an ellipsis when something had to go. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not through the middle of a character of two units.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
