/** npm run inventory: brings an inventory in, reads it again, takes it out, says what there is. */

import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { OperatorError } from '../src/errors.ts';
import type { Inventory } from '../src/inventory/inventory.ts';
import type { ReindexSummary } from '../src/inventory/reindexer.ts';
import { createLogger } from '../src/logger.ts';
import { openParts, type Parts } from '../src/parts.ts';
import { createProgress } from './progress.ts';

const USAGE = `Usage: npm run inventory -- COMMAND

  import PATH [--name NAME]  read a folder of pictures, a CSV or JSON-lines file with a picture column,
                             or the published data set (folder or zip); only what is new is embedded
  reindex                    read every imported source again
  remove NAME                take a source and its items out
  status                     sources, items, model

Stop an import at any moment (Ctrl-C, even kill -9) and run it again: it goes on where it was.`;

/** More reasons than this are counted, not printed. */
const MAX_REASONS = 20;
/** What a shell expects of a program that was interrupted. */
const EXIT_INTERRUPTED = 130;

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof OperatorError ? error.message : error);
  return 1;
});

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { command, argument, name } = parse(args);
  if (command === undefined) {
    console.log(USAGE);
    return args.length === 0 ? 1 : 0;
  }
  const config = readConfig();
  const logger = createLogger('warn');
  const parts = await openParts({
    config,
    logger,
    purpose: `npm run inventory -- ${command}`,
    mode: 'repair',
  });
  try {
    if (command === 'status') await printStatus(parts);
    else return await change(parts.inventory, command, argument, name);
    return 0;
  } finally {
    await parts.close();
  }
}

type Command = 'import' | 'reindex' | 'remove' | 'status';

function parse(args: string[]): { command?: Command; argument: string; name?: string } {
  const options = { name: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const [command, argument, ...rest] = parsed.positionals;
  if (command === undefined || parsed.values.help) return { argument: '' };
  const takesArgument: Record<Command, boolean> = {
    import: true,
    remove: true,
    reindex: false,
    status: false,
  };
  if (!(command in takesArgument)) throw new OperatorError(`There is no command "${command}".\n\n${USAGE}`);
  if (takesArgument[command as Command] !== (argument !== undefined) || rest.length > 0) {
    throw new OperatorError(
      `"${command}" takes ${takesArgument[command as Command] ? 'one argument' : 'no argument'}, got ${parsed.positionals.length - 1}.\n\n${USAGE}`,
    );
  }
  const { name } = parsed.values;
  return { command: command as Command, argument: argument ?? '', ...(name !== undefined && { name }) };
}

async function change(
  inventory: Inventory,
  command: Exclude<Command, 'status'>,
  argument: string,
  name: string | undefined,
): Promise<number> {
  const stopping = new AbortController();
  const stop = (): void => {
    // The second Ctrl-C ends at once, as people expect; that loses nothing either.
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort(
      new OperatorError('Stopped. What was embedded is kept: run the same command again to go on.'),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const progress = createProgress();
  const options = { signal: stopping.signal, onProgress: progress.update };
  try {
    const summary = await {
      import: () => inventory.import(argument, { ...options, name }),
      reindex: () => inventory.reindex(options),
      remove: () => inventory.remove(argument, options),
    }[command]();
    progress.stop();
    printSummary(summary);
    return 0;
  } catch (error) {
    progress.stop();
    if (!stopping.signal.aborted) throw error;
    console.error((stopping.signal.reason as Error).message);
    return EXIT_INTERRUPTED;
  }
}

function printSummary(summary: ReindexSummary): void {
  const { added, changed, removed, unchanged, embedded, rejected, total, seconds } = summary;
  console.log(
    `${total} items can be found now: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged ` +
      `(${embedded} pictures embedded) in ${seconds.toFixed(1)} s.`,
  );
  if (rejected.length === 0) return;
  console.log(`${rejected.length} records could not be used:`);
  for (const { where, reason } of rejected.slice(0, MAX_REASONS)) console.log(`  ${where}: ${reason}`);
  if (rejected.length > MAX_REASONS) console.log(`  and ${rejected.length - MAX_REASONS} more`);
}

async function printStatus(parts: Parts): Promise<void> {
  const { inventory, model } = parts;
  const { name, version, head, dimension } = model.manifest;
  console.log(`Model    ${name} ${version}, head ${head}, ${dimension} dimensions`);
  const current = parts.index();
  console.log(
    current ? `Index    ${current.size} items, built ${current.createdAt.toISOString()}` : 'Index    none',
  );
  const sources = await inventory.sources();
  if (sources.size === 0) console.log('Sources  none: npm run inventory -- import PATH');
  for (const [source, { path, readAt }] of sources) {
    console.log(
      `Source   ${source}: ${path}, ${readAt ? `read ${readAt}` : 'not finished: import it again'}`,
    );
  }
  for (const [label, counts] of current?.labelCounts() ?? []) {
    const most = [...counts].slice(0, 5).map(([value, count]) => `${value} ${count}`);
    console.log(
      `${label.padEnd(8)} ${counts.size} values: ${most.join(', ')}${counts.size > 5 ? ', ...' : ''}`,
    );
  }
}
