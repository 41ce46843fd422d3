/** npm run inventory: brings an inventory in, reads it again, takes it out, says what there is. */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStatus } from '../src/chat/status.ts';
import { readConfig } from '../src/config.ts';
import { OperatorError } from '../src/errors.ts';
import type { Inventory } from '../src/inventory/inventory.ts';
import type { Rejection } from '../src/inventory/read-sources.ts';
import { confirmOptions, LargeLossError, type Loss, readLoss } from '../src/inventory/large-loss.ts';
import type { ReindexPlan } from '../src/inventory/reindex-plan.ts';
import type { ReindexSummary } from '../src/inventory/reindexer.ts';
import { RunEndedError, type RunRecord } from '../src/inventory/run-history.ts';
import { shownPlace } from '../src/inventory/sources/open-source.ts';
import { createLogger } from '../src/logger.ts';
import { openParts, type Parts } from '../src/parts.ts';
import { AUDIT_FILE, type AuditLog, createAuditLog, readAuditLog } from '../src/store/audit-log.ts';
import { auditRun } from './inventory/audit-run.ts';
import { createProgress } from './progress.ts';

const USAGE = `Usage: npm run inventory -- COMMAND

  import PATH [--name NAME] [--confirm LOSS]
                      read a folder of pictures, a CSV or JSON-lines file with a picture column,
                      the published data set (folder or zip), or a product feed (file or web address);
                      only what is new is embedded
  plan                say what a reindex would change, and change nothing
  reindex [--full] [--confirm LOSS]
                      read every imported source and those of inventory.json; --full embeds every picture anew
  remove NAME         take a source and its items out
  status              model, items, sources, recall, last runs
  audit               what moderators, and people here, did last or were refused; works while the bot runs
  duplicates          list the groups of items whose pictures are the same or nearly so

A source that lost more than a fifth of its items stops a run until you repeat it with the
--confirm that it names, such as --confirm shop=12/40: a larger loss, or that of another source, stops it again.
Stop an import at any moment (Ctrl-C, even kill -9) and run it again: it goes on where it was.`;

/** More reasons than this are counted, not printed. */
const MAX_REASONS = 20;
const SHOWN_RUNS = 5;
const SHOWN_AUDIT_ENTRIES = 50;
/** What a shell expects of a program that was interrupted. */
const EXIT_INTERRUPTED = 130;

/** What each command takes beside its name. */
const COMMANDS = {
  import: { argument: true, options: ['name', 'confirm'] },
  plan: { argument: false, options: [] },
  reindex: { argument: false, options: ['full', 'confirm'] },
  remove: { argument: true, options: [] },
  status: { argument: false, options: [] },
  audit: { argument: false, options: [] },
  duplicates: { argument: false, options: [] },
} as const satisfies Record<string, { argument: boolean; options: readonly string[] }>;

type Command = keyof typeof COMMANDS;

const code = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof OperatorError ? error.message : error);
  return 1;
});
// Everything is closed; a worker that died in native code may still keep the process.
process.exit(code);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const call = parse(args);
  if (call === undefined) {
    console.log(USAGE);
    return args.length === 0 ? 1 : 0;
  }
  const { command } = call;
  const config = readConfig();
  if (command === 'audit') {
    await printAudit(join(config.dataFolder, AUDIT_FILE));
    return 0;
  }
  const logger = createLogger('warn');
  const audit = createAuditLog(join(config.dataFolder, AUDIT_FILE), logger);
  const parts = await openParts({
    config,
    logger,
    purpose: `npm run inventory -- ${command}`,
    mode: 'repair',
  });
  try {
    if (command === 'status') await printStatus(parts);
    else if (command === 'duplicates') printDuplicates(parts);
    else return await work(parts.inventory, audit, call);
    return 0;
  } finally {
    await parts.close();
  }
}

interface Call {
  readonly command: Command;
  /** Empty where the command takes none. */
  readonly argument: string;
  readonly name: string | undefined;
  readonly full: boolean;
  readonly confirmed: readonly Loss[];
}

/** Undefined: show the usage. */
function parse(args: string[]): Call | undefined {
  const options = {
    name: { type: 'string' },
    full: { type: 'boolean' },
    confirm: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const [command, argument, ...rest] = parsed.positionals;
  const { help, name, full = false, confirm = [] } = parsed.values;
  if (command === undefined || help) return undefined;
  if (!isCommand(command)) throw new OperatorError(`There is no command "${command}".\n\n${USAGE}`);
  const takes = COMMANDS[command];
  if (takes.argument !== (argument !== undefined) || rest.length > 0) {
    throw new OperatorError(
      `"${command}" takes ${takes.argument ? 'one argument' : 'no argument'}, got ${parsed.positionals.length - 1}.\n\n${USAGE}`,
    );
  }
  const foreign = Object.keys(parsed.values).find(
    (option) => !takes.options.some((known) => known === option),
  );
  if (foreign !== undefined) throw new OperatorError(`"${command}" does not take --${foreign}.\n\n${USAGE}`);
  return { command, argument: argument ?? '', name, full, confirmed: confirm.map(readLoss) };
}

function isCommand(name: string): name is Command {
  return name in COMMANDS;
}

/** Runs what takes its time: with progress, until it ends or somebody stops it. */
async function work(inventory: Inventory, audit: AuditLog, call: Call): Promise<number> {
  const { command, argument, name, full, confirmed } = call;
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    // The second Ctrl-C ends at once, as people expect; that loses nothing either.
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort(
      new RunEndedError(
        signal === 'SIGINT' ? 'cancelled' : 'stopped',
        'Stopped. What was embedded is kept: run the same command again to go on.',
      ),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const progress = createProgress();
  const { signal } = stopping;
  const options = { signal, confirmed, who: 'npm run inventory', onProgress: progress.update };
  try {
    if (command === 'plan') {
      const plan = await inventory.plan(options);
      progress.stop();
      printPlan(plan);
      return 0;
    }
    const action = command === 'import' || command === 'remove' ? command : 'reindex';
    const summary = await auditRun(audit, { action, argument: auditedWords(call), signal }, () =>
      action === 'import'
        ? inventory.import(argument, { ...options, name })
        : action === 'remove'
          ? inventory.remove(argument, options)
          : inventory.reindex({ ...options, full }),
    );
    progress.stop();
    printSummary(summary);
    return 0;
  } catch (error) {
    progress.stop();
    if (error instanceof LargeLossError) printPlan(error.plan);
    if (!signal.aborted) throw error;
    console.error((signal.reason as Error).message);
    return EXIT_INTERRUPTED;
  }
}

/** What a run was asked for, as the audit log keeps it. */
function auditedWords({ argument, name, full, confirmed }: Call): string | undefined {
  const source = name ?? shownPlace(argument);
  const words = [source, full && 'full', confirmed.length > 0 && 'confirmed'].filter(Boolean);
  return words.length > 0 ? words.join(' ') : undefined;
}

function printPlan({ sources, losses, toEmbed, total, hidden, seconds, ...all }: ReindexPlan): void {
  const line = ({ added, changed, removed, unchanged, rejected }: typeof all): string =>
    `${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged, ${rejected.length} unreadable`;
  console.log(`A reindex would leave ${total} items: ${line(all)}; ${toEmbed} pictures to embed.`);
  for (const source of sources) console.log(`  ${source.name}: ${line(source)}`);
  printHidden(hidden);
  for (const loss of losses) {
    const { source, before, removed } = loss;
    console.log(
      `"${source}" would lose ${removed} of its ${before} items: the reindex will need ${confirmOptions([loss])}`,
    );
  }
  printRejections(all.rejected);
  console.log(`Nothing was changed (${seconds.toFixed(1)} s).`);
}

function printSummary(summary: ReindexSummary): void {
  const { added, changed, removed, unchanged, embedded, rejected, total, hidden, seconds } = summary;
  console.log(
    `${total} items can be found now: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged ` +
      `(${embedded} pictures embedded) in ${seconds.toFixed(1)} s.`,
  );
  printHidden(hidden);
  printRejections(rejected);
}

function printHidden(hidden: number): void {
  if (hidden > 0) console.log(`${hidden} further items are out of stock and hidden.`);
}

function printRejections(rejected: readonly Rejection[]): void {
  if (rejected.length === 0) return;
  console.log(`${rejected.length} records could not be used:`);
  for (const { where, reason } of rejected.slice(0, MAX_REASONS)) console.log(`  ${where}: ${reason}`);
  if (rejected.length > MAX_REASONS) console.log(`  and ${rejected.length - MAX_REASONS} more`);
}

function printDuplicates({ inventory, model }: Parts): void {
  const groups = inventory.duplicates();
  for (const { items } of groups) {
    const pictures = new Set(items.map(({ picture }) => picture)).size;
    const how = pictures === 1 ? 'one picture' : `${pictures} pictures`;
    console.log(`${items.length} items, ${how}: ${items.map(({ id }) => id).join(', ')}`);
  }
  const members = groups.reduce((sum, { items }) => sum + items.length, 0);
  console.log(
    `${groups.length} groups of ${members} items look the same (cosine ${model.manifest.similarity.duplicateFrom} or more); ` +
      'an answer shows one of each.',
  );
}

async function printStatus(parts: Parts): Promise<void> {
  const { inventory, model } = parts;
  const { name, version, head, dimension } = model.manifest;
  console.log(`Model    ${name} ${version}, head ${head}, ${dimension} dimensions`);
  const current = parts.index();
  console.log(
    current ? `Index    ${current.size} items, built ${current.createdAt.toISOString()}` : 'Index    none',
  );
  // Counted and measured now, which takes a second or two.
  const counted = await createStatus(parts)({ complete: true });
  if (counted.recall) {
    const { value, k, queries } = counted.recall;
    console.log(`Recall   ${value.toFixed(4)} at ${k}, on a sample of ${queries} items`);
  }
  const sources = await inventory.sources();
  if (sources.size === 0) console.log('Sources  none: npm run inventory -- import PATH');
  for (const [source, { path, readAt, hidden = 0 }] of sources) {
    console.log(
      `Source   ${source}: ${counted.sources.find(({ name }) => name === source)?.items ?? 0} items${hidden === 0 ? '' : ` and ${hidden} hidden`}, ${shownPlace(path)}, ${readAt ? `read ${readAt}` : 'not finished: import it again'}`,
    );
  }
  for (const [label, counts] of current?.labelCounts() ?? []) {
    const most = [...counts].slice(0, 5).map(([value, count]) => `${value} ${count}`);
    console.log(
      `${label.padEnd(8)} ${counts.size} values: ${most.join(', ')}${counts.size > 5 ? ', ...' : ''}`,
    );
  }
  const runs = await inventory.runs();
  for (const run of runs.slice(0, SHOWN_RUNS)) console.log(`Run      ${runLine(run)}`);
}

async function printAudit(file: string): Promise<void> {
  const entries = await readAuditLog(file, SHOWN_AUDIT_ENTRIES);
  if (entries.length === 0) console.log(`Nobody did anything yet (${file}).`);
  for (const { at, door, person, place, action, argument, outcome } of entries) {
    const what = argument === undefined ? action : `${action} ${argument}`;
    const who = [door, person && `person ${person}`, place && `in ${place}`].filter(Boolean).join(' ');
    console.log(`${at}  ${what}: ${outcome}, ${who}`);
  }
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
