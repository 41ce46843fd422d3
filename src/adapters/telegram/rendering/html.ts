/** Text in Telegram's HTML: escaped, measured as Telegram measures it, cut and split to its limits. */

/** A piece of text with its markup. Length is counted without the markup, in UTF-16 units. */
export interface Rich {
  readonly html: string;
  readonly length: number;
}

export function plain(text: string): Rich {
  return { html: escape(text), length: text.length };
}

export function bold(text: string): Rich {
  return { html: `<b>${escape(text)}</b>`, length: text.length };
}

/** Telegram drops links to hosts without a dot, which leaves the text. */
export function link(text: string, url: string): Rich {
  return { html: `<a href="${escape(url)}">${escape(text)}</a>`, length: text.length };
}

export function join(parts: readonly Rich[], between = ''): Rich {
  return {
    html: parts.map(({ html }) => html).join(escape(between)),
    length:
      parts.reduce((sum, { length }) => sum + length, 0) + between.length * Math.max(0, parts.length - 1),
  };
}

/** Paragraphs, with an empty line between two, in as few messages as they fit in; none may be longer than `most`. */
export function paginate(paragraphs: readonly Rich[], most: number): Rich[] {
  const pages: Rich[] = [];
  for (const paragraph of paragraphs) {
    const last = pages.at(-1);
    const joined = last && join([last, paragraph], '\n\n');
    if (joined && joined.length <= most) pages[pages.length - 1] = joined;
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
