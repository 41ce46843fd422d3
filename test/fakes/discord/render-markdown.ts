/** Renders the part of Discord's Markdown that bots use as HTML. */

/** What `<@id>`, `<@&id>` and `<#id>` are called. */
export type NameOf = (kind: '@' | '@&' | '#', id: string) => string;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function renderMarkdown(text: string, nameOf: NameOf): string {
  const lines = setAside(text)
    .split('\n')
    .map((line) => renderLine(line, nameOf));
  return putBack(lines.join('').replaceAll('</ul><ul>', ''));
}

/** The same as people read it: no markup, a line for each line. */
export function plainText(text: string, nameOf: NameOf): string {
  const lines = text.split('\n').map((line) => renderMarkdown(line, nameOf));
  return lines.map((line) => unescapeHtml(line.replaceAll(/<[^>]*>/g, ''))).join('\n');
}

// --- Internal helpers ---

/** What a backslash makes a character of the text, so that no rule sees it as markup. */
const ASIDE = 0xe000;

function setAside(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, (_, mark: string) =>
    String.fromCharCode(ASIDE + mark.charCodeAt(0)),
  );
}

function putBack(html: string, before = ''): string {
  return html.replaceAll(/[\ue000-\ue07f]/g, (mark) =>
    escapeHtml(before + String.fromCharCode(mark.charCodeAt(0) - ASIDE)),
  );
}

function unescapeHtml(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function renderLine(line: string, nameOf: NameOf): string {
  const heading = /^(#{1,3}) (.+)$/.exec(line);
  if (heading) {
    const level = (heading[1] ?? '').length;
    return `<h${level}>${inline(heading[2] ?? '', nameOf)}</h${level}>`;
  }
  const subtext = /^-# (.+)$/.exec(line);
  if (subtext) return `<div class="subtext">${inline(subtext[1] ?? '', nameOf)}</div>`;
  const bullet = /^\s*[-*] (.+)$/.exec(line);
  if (bullet) return `<ul><li>${inline(bullet[1] ?? '', nameOf)}</li></ul>`;
  const quote = /^> (.+)$/.exec(line);
  if (quote) return `<blockquote>${inline(quote[1] ?? '', nameOf)}</blockquote>`;
  return `<div class="line">${inline(line, nameOf)}</div>`;
}

function inline(text: string, nameOf: NameOf): string {
  // Code is kept out of every other rule.
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      /^`[^`]+`$/.test(part)
        ? `<code>${putBack(escapeHtml(part.slice(1, -1)), '\\')}</code>`
        : styled(part, nameOf),
    )
    .join('');
}

function styled(text: string, nameOf: NameOf): string {
  return escapeHtml(text)
    .replaceAll(/&lt;(@&amp;|@!?|#)(\d+)&gt;/g, (_, sign: string, id: string) => {
      const kind = sign === '#' ? '#' : sign === '@&amp;' ? '@&' : '@';
      return `<span class="mention">${escapeHtml(nameOf(kind, id))}</span>`;
    })
    .replaceAll(
      /&lt;t:(\d+)(?::\w)?&gt;/g,
      (_, seconds: string) => `<code>${new Date(Number(seconds) * 1000).toISOString()}</code>`,
    )
    .replaceAll(/&lt;\/([^:]+):\d+&gt;/g, '<span class="mention">/$1</span>')
    .replaceAll(/\[([^\]]+)\]\(&lt;(https?:[^)\s]+)&gt;\)/g, '<a href="$2">$1</a>')
    .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a href="$2">$1</a>')
    .replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>')
    .replaceAll(/__(.+?)__/g, '<u>$1</u>')
    .replaceAll(/~~(.+?)~~/g, '<s>$1</s>')
    .replaceAll(/\|\|(.+?)\|\|/g, '<span class="hidden">$1</span>')
    .replaceAll(/(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?!\w)/g, '<i>$1</i>');
}
