/** The output of `npm run inventory`. */

import { createStatus } from '../../src/chat/status.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { confirmOptions } from '../../src/reindex/shrink-guard.ts';
import { groupRejections, type Rejection, rejectionName } from '../../src/reindex/rejections.ts';
import type { ReindexPlan } from '../../src/reindex/reindex-plan.ts';
import type { ReindexSummary } from '../../src/reindex/reindex-summary.ts';
import type { RunRecord } from '../../src/reindex/run-history.ts';
import { displayLocation } from '../../src/sources/open-source.ts';
import type { App } from '../../src/create-app.ts';
import type { Source } from '../../src/sources/source.ts';
import { readAuditLog } from '../../src/store/audit-log.ts';

/** Kinds of reasons beyond this number are only in the file. */
const MAX_REASONS = 20;
const SHOWN_EXAMPLES = 3;
const SHOWN_RUNS = 5;
const SHOWN_AUDIT_ENTRIES = 50;

export function printPlan({ sources, losses, toEmbed, total, hidden, seconds, ...all }: ReindexPlan): void {
  const line = ({ added, changed, removed, unchanged, rejected }: typeof all): string =>
    `${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged, ${rejected.length} unreadable`;
  console.log(
    `A reindex would leave ${many(total, 'item')}: ${line(all)}; ${many(toEmbed, 'picture')} to embed.`,
  );
  for (const source of sources) console.log(`  ${source.name}: ${line(source)}`);
  printHidden(hidden);
  for (const loss of losses) {
    const { source, before, removed } = loss;
    console.log(
      `"${source}" would lose ${removed} of its ${many(before, 'item')}: the reindex will need ${confirmOptions([loss])}`,
    );
  }
  printRejections(all.rejected);
  console.log(`Nothing was changed (${seconds.toFixed(1)} s).`);
}

export function printSummary(summary: ReindexSummary): void {
  const { added, changed, removed, unchanged, embedded, rejected, total, hidden, seconds } = summary;
  console.log(
    `${many(total, 'item')} can be found now: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged ` +
      `(${many(embedded, 'picture')} embedded) in ${seconds.toFixed(1)} s.`,
  );
  printHidden(hidden);
  printRejections(rejected);
}

/** @throws {OperatorError} when the index cannot be used. */
export function printDuplicates({ inventory, model, indexProblem }: App): void {
  if (indexProblem !== undefined) throw new OperatorError(indexProblem);
  const groups = inventory.duplicates();
  for (const { items } of groups) {
    const pictures = new Set(items.map(({ picture }) => picture)).size;
    const how = pictures === 1 ? 'one picture' : `${pictures} pictures`;
    console.log(`${items.length} items, ${how}: ${items.map(({ id }) => id).join(', ')}`);
  }
  const members = groups.reduce((sum, { items }) => sum + items.length, 0);
  console.log(
    `${many(groups.length, 'group')} of ${many(members, 'item')} look the same (cosine ${model.manifest.similarity.duplicateFrom} or more); ` +
      'an answer shows one of each.',
  );
}

export async function printStatus(app: App): Promise<void> {
  const { inventory, model } = app;
  const { name, version, head, dimension } = model.manifest;
  console.log(`Model    ${name} ${version}, head ${head}, ${dimension} dimensions`);
  const { engine, device, skipped } = app.embedder.status();
  console.log(`Engine   ${engine} on ${device}`);
  for (const { engine: other, reason } of skipped) console.log(`Not used ${other}: ${reason}`);
  const current = app.index();
  console.log(
    current
      ? `Index    ${many(current.size, 'item')}, built ${current.createdAt.toISOString()}`
      : `Index    ${app.indexProblem ?? 'none'}`,
  );
  // Counts and measures now, which takes a second or two.
  const counted = await createStatus(app)({ complete: true });
  if (counted.recall) {
    const { value, k, queries } = counted.recall;
    console.log(`Recall   ${value.toFixed(4)} at ${k}, on a sample of ${queries} items`);
  }
  const sources = await inventory.sources();
  const catalogued = current ? undefined : await inventory.catalogued();
  if (sources.size === 0) console.log('Sources  none: npm run inventory -- import PATH');
  for (const [source, { path, readAt, hidden = 0 }] of sources) {
    const items = catalogued?.get(source) ?? counted.sources.find(({ name }) => name === source)?.items ?? 0;
    const where = catalogued ? ' not searchable yet' : '';
    console.log(
      `Source   ${source}: ${many(items, 'item')}${where}${hidden === 0 ? '' : ` and ${hidden} hidden`}, ${displayLocation(path)}, ${readAt ? `read ${readAt}` : 'not finished: import it again'}`,
    );
  }
  for (const [label, counts] of current?.labelCounts() ?? []) {
    if (counts.size === 0) continue;
    const most = [...counts].slice(0, 5).map(([value, count]) => `${value} ${count}`);
    console.log(
      `${label.padEnd(8)} ${many(counts.size, 'value')}: ${most.join(', ')}${counts.size > 5 ? ', ...' : ''}`,
    );
  }
  const runs = await inventory.runs();
  for (const run of runs.slice(0, SHOWN_RUNS)) console.log(`Run      ${runLine(run)}`);
}

export async function printAudit(file: string): Promise<void> {
  const entries = await readAuditLog(file, SHOWN_AUDIT_ENTRIES);
  if (entries.length === 0) console.log(`The audit log has no entries yet (${file}).`);
  for (const { at, door, person, place, action, argument, outcome } of entries) {
    const what = argument === undefined ? action : `${action} ${argument}`;
    const who = [door, person && `person ${person}`, place && `in ${place}`].filter(Boolean).join(' ');
    console.log(`${at}  ${what}: ${outcome}, ${who}`);
  }
}

/** The first lines of an import: what was found, which columns are read, and which are not. */
export function printSource({
  name,
  description,
  count,
  columns,
}: Pick<Source, 'name' | 'description' | 'count' | 'columns'>): void {
  if (!columns) return;
  console.log(`Source "${name}" (${description}): ${many(count, 'product')}.`);
  const used = columns.used.map(({ field, column }) => (field === column ? field : `${field} = "${column}"`));
  console.log(`  Read: ${used.join(', ')}`);
  const ignored = columns.ignored.slice(0, SHOWN_COLUMNS).map((column) => `"${column.slice(0, 50)}"`);
  const more =
    columns.ignored.length > SHOWN_COLUMNS ? ` and ${columns.ignored.length - SHOWN_COLUMNS} more` : '';
  if (ignored.length > 0) console.log(`  Not used: ${ignored.join(', ')}${more}`);
  for (const { field, used: column, ignored: other } of columns.rivals)
    console.log(
      `  Both "${column}" and "${other}" look like ${field}; "${column}" is read. Choose with --column ${field}="${other}"`,
    );
}

// --- Internal helpers ---

const SHOWN_COLUMNS = 30;

function many(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function printHidden(hidden: number): void {
  if (hidden > 0)
    console.log(`${many(hidden, 'further item')} ${hidden === 1 ? 'is' : 'are'} out of stock and hidden.`);
}

/** Says each reason once, with its count and some examples. */
function printRejections(rejected: readonly Rejection[]): void {
  if (rejected.length === 0) return;
  console.log(`${many(rejected.length, 'record')} could not be used:`);
  const groups = groupRejections(rejected);
  for (const { reason, rejections } of groups.slice(0, MAX_REASONS)) {
    if (rejections.length <= SHOWN_EXAMPLES) {
      for (const rejection of rejections) console.log(`  ${rejectionName(rejection)}: ${rejection.reason}`);
      continue;
    }
    console.log(`  ${many(rejections.length, 'record')}: ${reason}; for example`);
    for (const rejection of rejections.slice(0, SHOWN_EXAMPLES)) {
      const detail = rejection.reason === reason ? '' : `: ${rejection.reason}`;
      console.log(`    ${rejectionName(rejection)}${detail}`);
    }
  }
  if (groups.length > MAX_REASONS) console.log(`  and ${groups.length - MAX_REASONS} more reasons`);
}

function runLine({ kind, full, who, startedAt, seconds, outcome, counts, reason }: RunRecord): string {
  const what = `${startedAt} ${full ? 'full ' : ''}${kind} by ${who}: ${outcome}`;
  if (!counts) return reason === undefined ? what : `${what}. ${reason}`;
  const { added, changed, removed, unchanged, rejected, embedded } = counts;
  return (
    `${what} in ${seconds.toFixed(1)} s, ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged, ` +
    `${rejected} unreadable, ${embedded} embedded`
  );
}
