/** Records that could not be used, as an operator can act on them: named, and the same reason said once. */

export interface Rejection {
  /** Where in the source, for example `styles.csv line 17`. */
  readonly where: string;
  readonly reason: string;
  /** Name of the source. */
  readonly source?: string;
  /** How the source names the item, as far as it does. */
  readonly id?: string;
  readonly title?: string;
  readonly link?: string;
}

/** Records with the same reason, apart from names and numbers in it. */
export interface RejectionGroup {
  /** For one record its reason; for several, what their reasons have in common. */
  readonly reason: string;
  readonly rejections: readonly Rejection[];
}

/** How a message names a record: `a1 "Blue shirt" https://shop.example/a1, items.csv line 17`. */
export function rejectionName({ id, title, link, where }: Rejection): string {
  const names = [id, title === undefined ? undefined : `"${title}"`, link].filter(
    (name) => name !== undefined,
  );
  return names.length === 0 ? where : `${names.join(' ')}, ${where}`;
}

/** Largest group first. */
export function groupRejections(rejected: readonly Rejection[]): RejectionGroup[] {
  const groups = new Map<string, Rejection[]>();
  for (const rejection of rejected) {
    const kind = commonReason(rejection.reason);
    const group = groups.get(kind) ?? [];
    groups.set(kind, group);
    group.push(rejection);
  }
  return [...groups]
    .map(([kind, rejections]) => ({
      reason:
        new Set(rejections.map(({ reason }) => reason)).size === 1 ? (rejections[0]?.reason ?? kind) : kind,
      rejections,
    }))
    .sort((a, b) => b.rejections.length - a.rejections.length);
}

/** All of them as a table that a spreadsheet opens. */
export function rejectionsCsv(rejected: readonly Rejection[]): string {
  const rows = rejected.map(({ source, where, id, title, link, reason }) => [
    source,
    where,
    id,
    title,
    link,
    reason,
  ]);
  const lines = [['source', 'place', 'id', 'title', 'link', 'reason'], ...rows].map((row) =>
    row.map(csvValue).join(','),
  );
  // The mark makes spreadsheets read it as UTF-8.
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

// --- Internal helpers ---

/** Without what differs from record to record: quoted names, paths, addresses and numbers. */
function commonReason(reason: string): string {
  return reason
    .replace(/"[^"]*"/g, '…')
    .replace(/\b(picture|by) \S+(?= |$)/g, (text, word: string) => (/[/.\d]/.test(text) ? `${word} …` : text))
    .replace(/\S*[/\\]\S+/g, '…')
    .replace(/\d+(\.\d+)?/g, '…')
    .replace(/…( …)+/g, '…');
}

/** A value that begins like a formula would be one in a spreadsheet. */
function csvValue(value = ''): string {
  const text = /^[=+@\t-]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
