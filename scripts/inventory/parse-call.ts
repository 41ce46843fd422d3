/** What was asked for at the command line. */

import type { Loss } from '../../src/reindex/reindex-plan.ts';
import { readLoss } from '../../src/reindex/shrink-guard.ts';
import { parseOptions } from '../parse-options.ts';
import { UsageError } from '../run-command-line.ts';

export const USAGE = `Usage: npm run inventory -- COMMAND

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

export type Command = keyof typeof COMMANDS;

export interface Call {
  readonly command: Command;
  /** Empty where the command takes none. */
  readonly argument: string;
  readonly name: string | undefined;
  readonly full: boolean;
  readonly confirmed: readonly Loss[];
}

/** @throws {UsageError} for what no command takes. */
export function parseCall(args: string[]): Call {
  const options = {
    name: { type: 'string' },
    full: { type: 'boolean' },
    confirm: { type: 'string', multiple: true },
  } as const;
  const parsed = parseOptions({ args, options, allowPositionals: true });
  const [command, argument, ...rest] = parsed.positionals;
  const { name, full = false, confirm = [] } = parsed.values;
  if (command === undefined) throw new UsageError('Expected a command, got none.');
  if (!isCommand(command)) throw new UsageError(`There is no command "${command}".`);
  const takes = COMMANDS[command];
  if (takes.argument !== (argument !== undefined) || rest.length > 0) {
    throw new UsageError(
      `"${command}" takes ${takes.argument ? 'one argument' : 'no argument'}, got ${parsed.positionals.length - 1}.`,
    );
  }
  const foreign = Object.keys(parsed.values).find(
    (option) => !takes.options.some((known) => known === option),
  );
  if (foreign !== undefined) throw new UsageError(`"${command}" does not take --${foreign}.`);
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.exec(argument ?? '')?.[0];
  if (command === 'import' && scheme !== undefined && !/^https?:/i.test(scheme))
    throw new UsageError(
      `import: expected a folder, a file, or an http or https address, got an address that begins with ${scheme}.`,
    );
  return { command, argument: argument ?? '', name, full, confirmed: confirm.map(readLoss) };
}

// --- Internal helpers ---

function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}
