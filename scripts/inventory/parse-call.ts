/** What was asked for at the command line. */

import { parseArgs } from 'node:util';
import { OperatorError } from '../../src/errors.ts';
import { type Loss, readLoss } from '../../src/inventory/large-loss.ts';

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

/** @throws {OperatorError} with the usage, for what no command takes. */
export function parseCall(args: string[]): Call {
  const options = {
    name: { type: 'string' },
    full: { type: 'boolean' },
    confirm: { type: 'string', multiple: true },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const [command, argument, ...rest] = parsed.positionals;
  const { name, full = false, confirm = [] } = parsed.values;
  if (command === undefined) throw new OperatorError(USAGE);
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

// --- Internal helpers ---

function isCommand(name: string): name is Command {
  return name in COMMANDS;
}
