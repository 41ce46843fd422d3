/** Parses the command line of `npm run inventory`. */

import type { Loss } from '../../src/reindex/reindex-plan.ts';
import { readLoss } from '../../src/reindex/shrink-guard.ts';
import { isCurrency } from '../../src/catalogue/price.ts';
import type { ImportSettings } from '../../src/reindex/known-sources.ts';
import { fieldNamed, MAPPABLE_FIELDS } from '../../src/sources/columns.ts';
import { parseOptions } from '../parse-options.ts';
import { UsageError } from '../run-command-line.ts';

export const USAGE = `Usage: npm run inventory -- COMMAND

  import PATH [--name NAME] [--column FIELD=COLUMN] [--currency EUR] [--picture-base URL] [--confirm LOSS]
                      read a folder of pictures, a CSV or JSON-lines file with a picture column,
                      the published data set (folder or zip), or a product feed (file or web address);
                      only what is new is embedded. --column picture=Bild names a column by hand (may be repeated),
                      --currency that of prices without one, --picture-base the address of pictures named by paths;
                      --allow-private fetches from this machine and your own network too
  plan                show what a reindex would change, without changing anything
  reindex [--full] [--confirm LOSS]
                      read every imported source and those of inventory.json; --full embeds every picture again
  remove NAME         remove a source and its items
  status              model, items, sources, recall, last runs
  audit               what moderators and people at this machine did or were refused
  duplicates          groups of items whose pictures are the same or nearly so

status, plan, duplicates and audit also work while the bot runs.

If a source lost more than a fifth of its items, the run stops until you repeat it with the --confirm
that it prints, such as --confirm shop=12/40. A larger loss, or one of another source, stops it again.
You can stop an import at any moment (Ctrl-C, even kill -9); run it again to continue.`;

/** Arguments and options of each command. */
const COMMANDS = {
  import: {
    argument: true,
    options: ['name', 'confirm', 'column', 'currency', 'picture-base', 'allow-private'],
  },
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
  /** Empty if the command takes no argument. */
  readonly argument: string;
  readonly name: string | undefined;
  readonly full: boolean;
  readonly confirmed: readonly Loss[];
  /** Undefined when none was given. */
  readonly settings: ImportSettings | undefined;
}

/** @throws {UsageError} for an unknown command, argument or option. */
export function parseCall(args: string[]): Call {
  const options = {
    name: { type: 'string' },
    full: { type: 'boolean' },
    confirm: { type: 'string', multiple: true },
    column: { type: 'string', multiple: true },
    currency: { type: 'string' },
    'picture-base': { type: 'string' },
    'allow-private': { type: 'boolean' },
  } as const;
  const parsed = parseOptions({ args, options, allowPositionals: true });
  const [command, argument, ...rest] = parsed.positionals;
  const { name, full = false, confirm = [], column, currency, 'picture-base': pictureBase } = parsed.values;
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
  if (currency !== undefined && !isCurrency(currency))
    throw new UsageError(`--currency: expected three letters of ISO 4217, such as EUR, got "${currency}".`);
  const settings = {
    ...(column && { columns: readColumns(column) }),
    ...(currency !== undefined && { currency }),
    ...(pictureBase !== undefined && { pictureBase }),
    ...(parsed.values['allow-private'] && { allowPrivate: true }),
  };
  return {
    command,
    argument: argument ?? '',
    name,
    full,
    confirmed: confirm.map(readLoss),
    settings: Object.keys(settings).length > 0 ? settings : undefined,
  };
}

// --- Internal helpers ---

/** @param words such as `picture=Bild`. @throws {UsageError} for an unknown field, and for a field or column that is named twice. */
function readColumns(words: readonly string[]): Record<string, string> {
  const columns: Record<string, string> = {};
  for (const word of words) {
    const [, name = '', column = ''] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
    if (name === '')
      throw new UsageError(`--column expects FIELD=COLUMN, such as picture=Bild, got "${word}".`);
    const field = fieldNamed(name);
    if (!field)
      throw new UsageError(
        `--column: there is no field "${name}". The fields are ${MAPPABLE_FIELDS.join(', ')}.`,
      );
    if (columns[field] !== undefined) throw new UsageError(`--column: ${field} is given twice.`);
    columns[field] = column;
  }
  return columns;
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(COMMANDS, name);
}
