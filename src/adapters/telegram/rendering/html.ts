/** Text in Telegram's HTML, together with the same text without markup, which is what Telegram's limits count. */

export interface RichText {
  readonly html: string;
  /** Without markup. Its length in UTF-16 units is the one that Telegram counts. */
  readonly text: string;
}

export function plain(text: string): RichText {
  return { html: escape(text), text };
}

export function bold(text: string): RichText {
  return { html: `<b>${escape(text)}</b>`, text };
}

/** Telegram removes links to hosts without a dot and keeps their text. */
export function link(text: string, url: string): RichText {
  return { html: `<a href="${escape(url)}">${escape(text)}</a>`, text };
}

export function join(parts: readonly RichText[], separator = ''): RichText {
  return {
    html: parts.map(({ html }) => html).join(escape(separator)),
    text: parts.map(({ text }) => text).join(separator),
  };
}

/** Puts paragraphs, separated by empty lines, into as few messages as possible. None may be longer than `most` characters. */
export function paginate(paragraphs: readonly RichText[], most: number): RichText[] {
  const pages: RichText[] = [];
  for (const paragraph of paragraphs) {
    const last = pages.at(-1);
    const joined = last && join([last, paragraph], '\n\n');
    if (joined && joined.text.length <= most) pages[pages.length - 1] = joined;
    else pages.push(paragraph);
  }
  return pages;
}

// --- Internal helpers ---

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
