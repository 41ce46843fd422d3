/** The file in which an operator lists sources: read, checked and explained. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatZodIssue, placeOf } from '../util/format-zod-issue.ts';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { FEED_FORMATS } from './feed/feed-format.ts';
import type { SourceSettings } from './open-source.ts';

export interface ListedSource {
  readonly name: string;
  /** An absolute path, or a web address. */
  readonly place: string;
  readonly settings: SourceSettings;
}

export interface SourceFileOptions {
  readonly path: string;
  /** Whether it is an error that it does not exist. */
  readonly isRequired: boolean;
  /** A variable of the environment. */
  readonly variable: (name: string) => string | undefined;
}

const sourceSchema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[^\s\p{Cc}\p{Cs}](.{0,98}[^\s\p{Cc}\p{Cs}])?$/u,
        'expected 1 to 100 characters, without spaces around them',
      )
      .describe('Names its items in the inventory; unique. A source under another name is another source.'),
    path: z
      .string()
      .min(1)
      .optional()
      .describe('A folder, zip, table or feed on the disk; relative to this file.'),
    url: z
      .url({ protocol: /^https?$/, error: 'expected an http or https address' })
      .optional()
      .describe('The address of a product feed.'),
    format: z.enum(FEED_FORMATS).optional().describe('How a feed is written. Default: what it looks like.'),
    maxItems: z.int().min(1).max(10_000_000).optional().describe('Only the first so many items.'),
    hideOutOfStock: z
      .boolean()
      .optional()
      .describe(
        'Items that are out of stock cannot be found, until they are in stock again. Default: false.',
      ),
    allowPrivate: z
      .boolean()
      .optional()
      .describe('Fetch feed and pictures also from this machine and from private networks. Default: false.'),
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
    for (const [place, { name }] of sources.entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: [place, 'name'], message: `"${name}" is there twice` });
      seen.add(name);
    }
  }),
});

/** For editors; `assets/inventory.schema.json` is this. */
export function sourceFileJsonSchema(): unknown {
  return z.toJSONSchema(sourceFileSchema, { target: 'draft-7', io: 'input' });
}

/**
 * @returns in the order of the file; undefined when there is no file and none is required.
 * @throws {OperatorError} that names every bad entry, where it stands and what was expected.
 */
export async function readSourceFile(options: SourceFileOptions): Promise<ListedSource[] | undefined> {
  const { path, isRequired, variable } = options;
  const file = resolve(path);
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
  const missing = sources.flatMap(({ name, headers = {} }, place) =>
    Object.entries(headers)
      .filter(([, name]) => variable(name) === undefined)
      .map(([header, wanted]) => ({
        path: ['sources', place, 'headers', header],
        message: `source "${name}" needs the environment variable ${wanted}, which is not set`,
      })),
  );
  if (missing.length > 0) throw invalid(file, missing);
  return sources.map(({ name, path: given, url, headers, ...settings }) => ({
    name: name.normalize('NFC'),
    place: url ?? resolve(dirname(file), given ?? '.'),
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
