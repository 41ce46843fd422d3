/** Which columns of a source are read and which are not, so that an operator sees at once what was understood. */

import { COLUMN_NAMES, type Field, normalizedNames, normalizeName } from './column-names.ts';
import type { Columns } from './columns.ts';

export interface ColumnReport {
  /** The column of each field that was found, in the order of the fields. */
  readonly used: readonly { readonly field: Field; readonly column: string }[];
  /** Columns that are not read, in their order. */
  readonly ignored: readonly string[];
  /** Columns that also look like a field for which another column is read. */
  readonly rivals: readonly { readonly field: Field; readonly used: string; readonly ignored: string }[];
}

export interface ColumnReportBuilder {
  /** Adds the columns of a header or of a record. */
  add(names: readonly string[], columns: Columns): void;
  build(): ColumnReport;
}

export function createColumnReport(): ColumnReportBuilder {
  const used = new Map<Field, string>();
  const usedNames = new Set<string>();
  const names = new Set<string>();
  return {
    add(found, columns) {
      for (const [field, index] of columns.fields) if (!used.has(field)) used.set(field, found[index] ?? '');
      for (const [index, name] of found.entries()) {
        if (names.size < MAX_NAMES) names.add(name);
        if (columns.used.has(index)) usedNames.add(name);
      }
    },
    build() {
      const ignored = [...names].filter((name) => name.trim() !== '' && !usedNames.has(name));
      return {
        used: [...used].map(([field, column]) => ({ field, column })),
        ignored,
        rivals: ignored.flatMap((name) => {
          const field = fieldOf(name);
          const column = field && used.get(field);
          return field && column !== undefined ? [{ field, used: column, ignored: name }] : [];
        }),
      };
    },
  };
}

// --- Internal helpers ---

/** A feed in which every record has other members is no table; only so many are named. */
const MAX_NAMES = 1_000;

function fieldOf(name: string): Field | undefined {
  const forms = normalizedNames(name);
  return (Object.keys(COLUMN_NAMES) as Field[]).find((field) =>
    COLUMN_NAMES[field].some((known) => forms.includes(normalizeName(known))),
  );
}
