/** The error about a table without the column that is needed. */

import { quotedList } from '../columns.ts';
import { COLUMN_NAMES, type Field } from '../column-names.ts';

/** The table has a header, but not the column that is needed. The message lists the columns that were found. */
export class MissingColumnError extends Error {}

/** @param names the columns that the source has. */
export function missingColumn(field: Field, names: readonly string[]): string {
  return (
    `it has no ${field} column. Its columns are ${quotedList(names)}; expected one of them to be called ` +
    `${COLUMN_NAMES[field].slice(0, SHOWN_NAMES).join(', ')} or the like, or the right one named by hand with --column ${field}=NAME ` +
    '(docs/inventory.md, "Columns")'
  );
}

// --- Internal helpers ---

const SHOWN_NAMES = 12;
