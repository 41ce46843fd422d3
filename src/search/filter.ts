/** Filters a search by labels. */

import { z } from 'zod';
import { formatZodIssue, placeOf } from '../util/format-zod-issue.ts';
import { InputError } from '../util/errors.ts';
import { LABEL_NAMES, type Labels } from '../catalogue/item.ts';

const filterSchema = z.strictObject(
  Object.fromEntries(
    LABEL_NAMES.map((name) => [name, z.array(z.string().min(1).max(100)).min(1).max(50).optional()]),
  ) as Record<(typeof LABEL_NAMES)[number], z.ZodOptional<z.ZodArray<z.ZodString>>>,
);

/** Among the accepted values of a label: items without that label are accepted too. No person can send it. */
export const NO_VALUE = '';

/** Accepted values by label. Every label must have one of its accepted values. `{}` accepts everything. */
export type Filter = Readonly<Partial<Record<(typeof LABEL_NAMES)[number], readonly string[] | undefined>>>;

/**
 * Reads a filter from JSON text such as `{"type":["Shirts"],"colour":["Blue","Navy Blue"]}`.
 * @throws {InputError} `bad-filter`, with an example, when the text is anything else.
 */
export function parseFilter(text: string): Filter {
  try {
    return filterSchema.parse(JSON.parse(text), { reportInput: true });
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? error.issues.map(describeIssue).join('; ') : 'it is not JSON';
    throw new InputError(
      'bad-filter',
      `The filter cannot be read: ${reason}. Expected a JSON object of label names (${LABEL_NAMES.join(', ')}) ` +
        'to lists of values, for example {"type":["Shirts"],"colour":["Blue"]}.',
      { cause: error },
    );
  }
}

export function matches(filter: Filter, labels: Labels): boolean {
  return LABEL_NAMES.every((name) => {
    const accepted = filter[name];
    if (!accepted) return true;
    return accepted.includes(labels[name] ?? NO_VALUE);
  });
}

// --- Internal helpers ---

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = placeOf(issue.path);
  return place === '' ? formatZodIssue(issue) : `${place}: ${formatZodIssue(issue)}`;
}
