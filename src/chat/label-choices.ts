/** The lists that narrow a search: one each for type, colour and gender. */

import type { GalleryItem } from '../recommend/gallery.ts';
import type { LabelName } from '../catalogue/item.ts';
import { labelsToFilter } from '../catalogue/predicted-labels.ts';
import { type Action, type Draft, type Search } from './buttons.ts';
import { truncate } from '../util/truncate.ts';
import type { LabelCounts } from './label-counts.ts';
import type { Texts } from './translations.ts';

type Choice = NonNullable<Draft['choices']>[number];
type Narrow = Extract<Action, { kind: 'narrow' }>;
type NarrowingLabel = (typeof NARROWING_LABELS)[number];

/** The labels that have a list, in this order. */
export const NARROWING_LABELS = ['type', 'colour', 'gender'] as const satisfies readonly LabelName[];

/** Limits of Discord's select menu and of its command options. */
export const MAX_OPTIONS = 25;
export const MAX_OPTION_LENGTH = 100;

/** Each list has the chosen value first, then those of the gallery, then the most frequent. Lists of one value are left out. */
export function labelChoices(
  search: Search,
  items: readonly GalleryItem[],
  counts: LabelCounts,
  texts: Texts,
): Choice[] {
  return NARROWING_LABELS.flatMap((label) => {
    const known = new Set([
      ...(search.filter[label] ?? []),
      ...items.flatMap((item) => labelsToFilter(item)[label] ?? []),
      ...(counts.get(label)?.keys() ?? []),
    ]);
    if (known.size < 2) return [];
    const values = ['', ...[...known].slice(0, MAX_OPTIONS - 1)];
    return [choiceOf({ kind: 'narrow', search, label, values }, texts)];
  });
}

/** The value of an option is its index in `action.values`. */
export function choiceOf(action: Narrow, texts: Texts): Choice {
  const { label, values, search } = action;
  const chosen = search.filter[label];
  const keys = LABEL_KEYS[label];
  return {
    label: texts.say(keys.name),
    options: values.map((value, place) => ({
      value: String(place),
      label: value === '' ? texts.say(keys.any) : truncate(value, MAX_OPTION_LENGTH),
      // A list can have one value selected, so none is when the filter has several.
      selected: value === '' ? chosen === undefined : chosen?.length === 1 && chosen[0] === value,
    })),
    action,
  };
}

/** The search with the chosen option as its filter; undefined for an option that was never offered. */
export function narrowed({ search, label, values }: Narrow, option: string): Search | undefined {
  const value = /^\d{1,2}$/.test(option) ? values[Number(option)] : undefined;
  if (value === undefined) return undefined;
  return { ...search, filter: { ...search.filter, [label]: value === '' ? undefined : [value] } };
}

// --- Internal helpers ---

const LABEL_KEYS: Readonly<Record<NarrowingLabel, { readonly name: string; readonly any: string }>> = {
  type: { name: 'label.type', any: 'label.any-type' },
  colour: { name: 'label.colour', any: 'label.any-colour' },
  gender: { name: 'label.gender', any: 'label.any-gender' },
};
