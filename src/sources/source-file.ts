/** Reads and validates the file in which an operator lists the sources of the inventory. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatZodIssue, placeOf } from '../util/format-zod-issue.ts';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { isCurrency } from '../catalogue/price.ts';
import { fieldNamed, MAPPABLE_FIELDS } from './columns.ts';
import { FEED_FORMATS } from './feed/feed-format.ts';
import type { SourceSettings } from './open-source.ts';

export interface ListedSource {
  readonly name: string;
  /** An absolute path, or a web address. */
  readonly location: string;
  readonly settings: SourceSettings;
}

export interface SourceFileOptions {
  readonly path: string;
  /** Whether a missing file is an error. */
  readonly isRequired: boolean;
  /** Returns the value of an environment variable. */
  readonly variable: (name: string) => string | undefined;
}

/** ISO 4217. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'expected a currency as three capital letters, such as EUR')
  .refine(isCurrency, { error: 'expected a currency of ISO 4217, such as EUR' });

const sourceSchema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[^\s\p{Cc}\p{Cs}](.{0,98}[^\s\p{Cc}\p{Cs}])?$/u,
        'expected 1 to 100 characters, without spaces around them',
      )
      .describe(
        'The unique name under which the items are in the inventory. A source under another name is another source.',
      ),
    path: z
      .string()
      .min(1)
      .optional()
      .describe('A folder, zip, table or feed on disk; relative to this file.'),
    url: z
      .url({ protocol: /^https?$/, error: 'expected an http or https address' })
      .optional()
      .describe('The address of a product feed.'),
    format: z.enum(FEED_FORMATS).optional().describe('The format of a feed. Default: detected.'),
    columns: z
      .record(
        z.string().refine((field) => fieldNamed(field) !== undefined, {
          error: `expected one of ${MAPPABLE_FIELDS.join(', ')}`,
        }),
        z.string().min(1),
      )
      .optional()
      .describe('Columns chosen by hand: for a field such as "picture", the name of its column.'),
    currency: currencySchema
      .optional()
      .describe('The currency of prices that name none, as three letters (ISO 4217), such as EUR.'),
    pictureBase: z
      .url({ protocol: /^https?$/, error: 'expected an http or https address' })
      .optional()
      .describe('The web address below which the source names its pictures.'),
    maxItems: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe('Import only this many items, from the start.'),
    hideOutOfStock: z
      .boolean()
      .optional()
      .describe(
        'Items that are out of stock are not searchable until they are in stock again. Default: false.',
      ),
    allowPrivate: z
      .boolean()
      .optional()
      .describe(
        'Fetch the feed and its pictures from this machine and from private networks too. Default: false.',
      ),
    requestsPerSecond: z
      .number()
      .min(0.1)
      .max(1000)
      .optional()
      .describe('At most this many requests to a host begin in a second. Default: 20.'),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header'),
        z.string().regex(/^[A-Z_][A-Z0-9_]*$/, 'expected the name of a variable, such as SHOP_TOKEN'),
      )
      .optional()
      .describe(
        'Headers for the server of the feed, each with the name of the environment variable that holds its value.',
      ),
  })
  .refine(({ path, url }) => (path === undefined) !== (url === undefined), {
    error: 'expected either "path" or "url"',
  })
  .refine(({ headers, url }) => headers === undefined || url !== undefined, {
    error: 'expected "headers" only beside "url"',
  })
  .meta({ oneOf: [{ required: ['path'] }, { required: ['url'] }] });

export const sourceFileSchema = z.strictObject({
  $schema: z.string().optional(),
  sources: z.array(sourceSchema).superRefine((sources, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of sources.entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is there twice` });
      seen.add(name);
    }
  }),
});

/** The schema for editors, as `assets/inventory.schema.json` holds it. */
export function sourceFileJsonSchema(): unknown {
  return z.toJSONSchema(sourceFileSchema, { target: 'draft-7', io: 'input' });
}

/**
 * @returns the sources in the order of the file; undefined when there is no file and none is required.
 * @throws {OperatorError} that names every invalid entry and what was expected there.
 */
export async function readSourceFile(options: SourceFileOptions): Promise<ListedSource[] | undefined> {
  const { isRequired, variable } = options;
  const file = resolve(options.path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!isRequired && hasCode(error, 'ENOENT')) return undefined;
    throw new OperatorError(`The source file ${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  const parsed = sourceFileSchema.safeParse(parseJson(text, file), { reportInput: true });
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ path: issue.path, message: formatZodIssue(issue) }));
    throw invalid(file, issues);
  }
  const { sources } = parsed.data;
  const missing = sources.flatMap(({ name, headers = {} }, index) =>
    Object.entries(headers)
      .filter(([, required]) => variable(required) === undefined)
      .map(([header, required]) => ({
        path: ['sources', index, 'headers', header],
        message: `source "${name}" needs the environment variable ${required}, which is not set`,
      })),
  );
  if (missing.length > 0) throw invalid(file, missing);
  return sources.map(({ name, path, url, headers, ...settings }) => ({
    name: name.normalize('NFC'),
    location: url ?? resolve(dirname(file), path ?? '.'),
    settings: {
      ...settings,
      ...(headers && {
        headers: Object.fromEntries(
          Object.entries(headers).map(([header, name]) => [header, variable(name) ?? '']),
        ),
      }),
    },
  }));
}

// --- Internal helpers ---

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new OperatorError(
      `The source file ${file} is not JSON: ${messageOf(error)}. See inventory.example.json. Nothing was changed.`,
      { cause: error },
    );
  }
}

function invalid(file: string, issues: readonly Issue[]): OperatorError {
  const lines = issues.map(({ path, message }) => `  ${placeOf(path) || 'the file'}: ${message}`);
  return new OperatorError(
    `The source file ${file} is not valid (see inventory.example.json). Nothing was changed.\n${lines.join('\n')}`,
  );
}
