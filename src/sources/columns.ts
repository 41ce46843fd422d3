/** Finds out which column of a table holds which field of an item. */

import { OperatorError } from '../util/errors.ts';
import { COLUMN_NAMES, type Field, type Fields, normalizedNames, normalizeName } from './column-names.ts';

/** Column names chosen by hand, by field, as `columns` in the source file and `--column FIELD=COLUMN` give them. */
export type ColumnMapping = Readonly<Partial<Record<string, string>>>;

export interface Columns {
  /** Index of the column of each field; fields without a column are absent. */
  readonly fields: ReadonlyMap<Field, number>;
  /** Indexes of the columns with further pictures, in their order. */
  readonly pictures: readonly number[];
  /** Pairs of columns of which one names an attribute, such as `Color`, and the other holds its value. */
  readonly attributes: readonly { readonly name: number; readonly value: number }[];
  /** Indexes of all columns that are read. */
  readonly used: ReadonlySet<number>;
  /** The currency that the name of the price column gives, for example of `Price (EUR)`. */
  readonly currency: string | undefined;
}

const FIELDS = Object.keys(COLUMN_NAMES) as Field[];

/** @param columns the names as the table spells them. @param mapping takes precedence over the known names. */
export function findColumns(columns: readonly string[], mapping: ColumnMapping = {}): Columns {
  const indexes = new Map<string, number>();
  const names = columns.map(normalizedNames);
  // Whole names first: of `Price` and `Price (tax excl.)`, the first is the price.
  for (const form of [0, 1]) {
    for (const [index, forms] of names.entries()) {
      const name = forms[form];
      if (name !== undefined && name !== '' && !indexes.has(name)) indexes.set(name, index);
    }
  }
  const byHand = new Map(mappedFields(mapping).map(([field, column]) => [field, indexOf(columns, column)]));
  const taken = new Set(byHand.values());
  const fields = new Map<Field, number>();
  for (const field of FIELDS) {
    const known = COLUMN_KEYS[field].map((name) => indexes.get(name));
    const index =
      byHand.get(field) ?? known.find((index) => index !== undefined && index >= 0 && !taken.has(index));
    if (index !== undefined && index >= 0) fields.set(field, index);
  }
  const pictures = byHand.has('additional_picture') ? [] : furtherPictures(names, fields);
  const attributes = attributeColumns(names);
  const used = new Set([
    ...fields.values(),
    ...pictures,
    ...attributes.flatMap(({ name, value }) => [name, value]),
  ]);
  const priceColumn = columns[fields.get('price') ?? fields.get('regular_price') ?? -1] ?? '';
  return {
    fields,
    pictures,
    attributes,
    used,
    currency: /[([\s]([A-Z]{3})[)\]]?\s*$/.exec(priceColumn)?.[1],
  };
}

/** The values of one row by field; further pictures are joined by line ends. */
export function pickFields(
  { fields, pictures, attributes, currency }: Columns,
  row: readonly (string | undefined)[],
): Fields {
  const picked: Partial<Record<Field, string | undefined>> = {};
  for (const { name, value } of attributes) {
    const field = ATTRIBUTE_FIELDS.get(normalizeName(row[name] ?? ''));
    // A product with variants lists all values; the first is the main one.
    if (field && row[value]) picked[field] ??= row[value].split(/[,|]/)[0];
  }
  for (const [field, index] of fields) {
    const value = row[index];
    if (value !== undefined && value.trim() !== '') picked[field] = value.slice(0, MAX_VALUE_LENGTH);
  }
  const further = pictures.map((index) => row[index]?.trim()).filter((value) => value);
  if (further.length > 0)
    picked.additional_picture = [picked.additional_picture, ...further].filter(Boolean).join('\n');
  for (const [name, value] of attributesIn(picked.attributes ?? '')) {
    const field = ATTRIBUTE_FIELDS.get(normalizeName(name));
    if (field) picked[field] ??= value;
  }
  if (currency !== undefined && picked.price !== undefined) picked.currency ??= currency;
  return picked;
}

/**
 * @param columns the columns that the source has.
 * @throws {OperatorError} when the mapping names an unknown field, a column that is not there, or a column twice.
 */
export function checkMapping(mapping: ColumnMapping, columns: readonly string[]): void {
  const users = new Map<number, string>();
  for (const [field, column] of mappedFields(mapping)) {
    const index = indexOf(columns, column);
    if (index < 0) {
      throw new OperatorError(
        `There is no column "${column}" for ${field}. The columns are ${quotedList(columns)}. Correct the name after "${field}".`,
      );
    }
    const other = users.get(index);
    if (other !== undefined) {
      throw new OperatorError(
        `The column "${column}" is given for both ${other} and ${field}. Give each field a column of its own.`,
      );
    }
    users.set(index, field);
  }
}

/** The fields that a mapping may name. */
export const MAPPABLE_FIELDS: readonly string[] = FIELDS.filter(
  (field) => !['children', 'status', 'published', 'attributes', 'row_kind'].includes(field),
);

/** @returns the field that an operator means by this word; undefined for an unknown one. */
export function fieldNamed(word: string): Field | undefined {
  const name = normalizeName(word);
  const field = FIELDS.find((field) => normalizeName(field) === name);
  return field && MAPPABLE_FIELDS.includes(field) ? field : undefined;
}

/**
 * Pairs of name and value in the notations of Magento (`color=Blue,size=M`) and BigCommerce (`[S]Size=M,[CS]Color=Red` and
 * `Type=Swatch|Name=Color|Value=Red[#f00]Type=Rectangle|Name=Size|Value=M`).
 */
export function attributesIn(text: string): [string, string][] {
  if (!text.includes('=')) return [];
  const named = [...text.matchAll(/Name=([^|]+)\|Value=(.*?)(?=\[|Type=|\||$)/g)];
  const pairs = named.length > 0 ? named : [...text.matchAll(/(?:^|,)\s*(?:\[\w+\])?([^=,]+)=([^,]*)/g)];
  return pairs.map(([, name = '', value = '']) => [name.trim(), value.replace(/:#?\w*$/, '').trim()]);
}

/** At most 50 columns in quotation marks, for messages. */
export function quotedList(columns: readonly string[]): string {
  const shown = columns.slice(0, 50).map((column) => `"${column.slice(0, 50)}"`);
  return shown.join(', ') || '(none)';
}

// --- Internal helpers ---

/** Most characters of a value that are kept; longer ones are a mistake or an attack. */
const MAX_VALUE_LENGTH = 10_000;

const COLUMN_KEYS = Object.fromEntries(
  FIELDS.map((field) => [field, COLUMN_NAMES[field].map(normalizeName)]),
) as Record<Field, string[]>;

/** Fields that shop systems write as a pair of columns, one with the name and one with the value. */
const ATTRIBUTE_FIELDS: ReadonlyMap<string, Field> = new Map(
  (['colour', 'size', 'gender'] as const).flatMap((field) =>
    COLUMN_KEYS[field].map((name) => [name, field] as const),
  ),
);

/** For example `image[1].url`, `Image 2`, `image_link_3`, `Product Image URL - 2`, `Bild 2`. */
const FURTHER_PICTURE =
  /^(additional|product|further)?(image|picture|photo|bild|foto|imagen|immagine|imagem|zdjecie|afbeelding|画像)(link|url|src|file)?\d{1,3}(url|link|src)?$/;
/** Other columns with a picture: of the variant, or another view. */
const OTHER_PICTURES = new Set([
  'variantimage',
  'variantimageurl',
  'images',
  ...COLUMN_NAMES.additional_picture.map(normalizeName),
]);

function furtherPictures(
  names: readonly (readonly string[])[],
  fields: ReadonlyMap<Field, number>,
): number[] {
  const taken = new Set(fields.values());
  return names.flatMap((forms, index) => {
    const isPicture = forms.some((name) => FURTHER_PICTURE.test(name) || OTHER_PICTURES.has(name));
    return isPicture && !taken.has(index) ? [index] : [];
  });
}

function attributeColumns(names: readonly (readonly string[])[]): { name: number; value: number }[] {
  const pairs: { name: number; value: number }[] = [];
  for (const [index, forms] of names.entries()) {
    const stem = /^((?:attribute|option)\d+)name$/.exec(forms[0] ?? '')?.[1];
    if (stem === undefined) continue;
    const value = names.findIndex(([whole = '']) => [`${stem}value`, `${stem}values`].includes(whole));
    if (value >= 0) pairs.push({ name: index, value });
  }
  return pairs;
}

/** @throws {OperatorError} for an unknown field. */
function mappedFields(mapping: ColumnMapping): [Field, string][] {
  return Object.entries(mapping).map(([word, column = '']) => {
    const field = fieldNamed(word);
    if (!field) {
      throw new OperatorError(
        `There is no field "${word}" that a column can be given for. The fields are ${MAPPABLE_FIELDS.join(', ')}.`,
      );
    }
    return [field, column];
  });
}

/** The exact name first, then one that differs only in case, spaces or punctuation; -1 for none. */
function indexOf(columns: readonly string[], column: string): number {
  const exact = columns.findIndex((name) => name.trim() === column.trim());
  return exact >= 0 ? exact : columns.findIndex((name) => normalizeName(name) === normalizeName(column));
}
