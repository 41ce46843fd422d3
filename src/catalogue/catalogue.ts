/** The items of the inventory. */

import type { Keyv } from 'keyv';
import { z } from 'zod';
import { OperatorError } from '../util/errors.ts';
import { entriesOf } from '../store/store.ts';
import { type Item, itemSchema } from './item.ts';

export interface Catalogue {
  /** Undefined for an unknown id, however malformed. */
  get(id: string): Promise<Item | undefined>;
  /** In the order of `ids`, undefined for unknown ones. */
  getMany(ids: readonly string[]): Promise<(Item | undefined)[]>;
  /**
   * Adds items, replacing those of the same id.
   * @throws {RangeError} when one of them is not a valid `Item`; none is stored then.
   */
  set(items: readonly Item[]): Promise<void>;
  /** Unknown ids are ignored. */
  delete(ids: readonly string[]): Promise<void>;
  /** All items, in no particular order. */
  list(): AsyncIterable<Item>;
}

/** @param items a namespace that holds the items by id. */
export function createCatalogue(items: Keyv<Item>): Catalogue {
  return {
    async get(id) {
      const key = canonicalId(id);
      if (key === undefined) return undefined;
      const value = await items.get(key);
      return value && checked(value);
    },

    async getMany(ids) {
      const keys = ids.map(canonicalId);
      const known = [...new Set(keys.filter((key) => key !== undefined))];
      const values = known.length === 0 ? [] : await items.getMany<Item>(known);
      const byKey = new Map(known.map((key, position) => [key, values[position]]));
      return keys.map((key) => {
        const value = key === undefined ? undefined : byKey.get(key);
        return value && checked(value);
      });
    },

    async set(added) {
      for (const item of added) assertStorable(item);
      if (added.length > 0) await items.setMany(added.map((item) => ({ key: item.id, value: item })));
    },

    async delete(ids) {
      const keys = ids.map(canonicalId).filter((key) => key !== undefined);
      if (keys.length > 0) await items.deleteMany(keys);
    },

    async *list() {
      for await (const [, value] of entriesOf(items)) yield checked(value);
    },
  };
}

/**
 * The form in which an id is stored: NFC, trimmed. Undefined for what cannot be an id: the empty string, more than 200 characters,
 * control characters and lone surrogates, which not every store can keep, and `.` and `..`, which cannot be part of a URL path.
 */
export function canonicalId(id: string): string | undefined {
  const canonical = id.normalize('NFC').trim();
  return canonical.length === 0 || canonical.length > 200 || /^\.{1,2}$|[\p{Cc}\p{Cs}]/u.test(canonical)
    ? undefined
    : canonical;
}

// --- Internal helpers ---

function assertStorable(item: Item): void {
  const result = itemSchema.safeParse(item);
  if (!result.success) throw new RangeError(`Not an item (${item.id}): ${z.prettifyError(result.error)}`);
  if (canonicalId(item.id) !== item.id) {
    throw new RangeError(`Not an item: its id "${item.id}" is not NFC, trimmed, free of control characters.`);
  }
}

function checked(value: unknown): Item {
  const result = itemSchema.safeParse(value);
  if (result.success) return result.data;
  throw new OperatorError(
    `The catalogue holds a record that is not an item: ${z.prettifyError(result.error).replaceAll('\n', ' ')}. ` +
      'It was written by another version or by hand. Import the inventory again.',
  );
}
