/** Shortens texts to the length that a platform accepts. */

/** A text of at most `length` UTF-16 units. A shortened text ends with an ellipsis. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  // A character of two units is not split.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
