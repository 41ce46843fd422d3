/** Text in Discord's Markdown. What people and shops wrote is escaped, so that it appears as they wrote it. */

/** Escapes a text of any number of lines. */
export function plain(text: string): string {
  return (
    text
      .replace(/[\\*_~`|[\]]/g, '\\$&')
      // Mentions, emoji, times and links to commands.
      .replace(/<(?=[@#:/]|a:|t:|id:)/g, '\\<')
      // Headings, small text, quotes and lists, which Discord recognizes at the beginning of a line.
      .replace(/^(\s*)(#{1,3}|-#?|\+|>{1,3})(?=\s)/gm, '$1\\$2')
      .replace(/^(\s*\d+)(?=[.)]\s)/gm, '$1\\')
  );
}

/** @param url without spaces, as in the catalogue. */
export function link(text: string, url: string): string {
  // A square bracket ends the text even if it is escaped, and a round one ends the address.
  const shown = plain(text.replaceAll('[', '(').replaceAll(']', ')'));
  const address = url.replace(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `[${shown}](${address})`;
}

export function bold(text: string): string {
  return `**${plain(text)}**`;
}
