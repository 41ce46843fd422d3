/** Text in Discord's Markdown: what people and shops wrote stays as they wrote it. */

/** A text of any number of lines that shows as it is. */
export function plain(text: string): string {
  return (
    text
      .replace(/[\\*_~`|[\]]/g, '\\$&')
      // Mentions, emoji, times and links to commands.
      .replace(/<(?=[@#:/]|a:|t:|id:)/g, '\\<')
      // Headings, small text, quotes and lists, which count at the beginning of a line.
      .replace(/^(\s*)(#{1,3}|-#?|\+|>{1,3})(?=\s)/gm, '$1\\$2')
      .replace(/^(\s*\d+)(?=[.)]\s)/gm, '$1\\')
  );
}

/** @param url without spaces, as the catalogue has it. */
export function link(text: string, url: string): string {
  // Brackets end the text, escaped or not, and so does a round one the address.
  const shown = plain(text.replaceAll('[', '(').replaceAll(']', ')'));
  const address = url.replace(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `[${shown}](${address})`;
}

export function bold(text: string): string {
  return `**${plain(text)}**`;
}
