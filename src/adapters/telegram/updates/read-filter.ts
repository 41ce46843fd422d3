/** Reads what was typed after a command, for example `/find red shoes`: values of the inventory and garments, as words. */

import type { CommandInfo } from '../../../chat/command-info.ts';
import { GARMENT_KINDS, type GarmentKind } from '../../../garments/garment-kinds.ts';
import { LABEL_NAMES } from '../../../catalogue/item.ts';
import type { Filter } from '../../../search/filter.ts';

/** The values of the command's filter options that `argument` names, in any language and case. Undefined if there are none. */
export function readFilter(argument: string, { options }: Pick<CommandInfo, 'options'>): Filter | undefined {
  const typed = spaced(argument);
  if (typed.trim() === '') return undefined;
  const filter: Partial<Record<(typeof LABEL_NAMES)[number], string[]>> = {};
  for (const { kind, name, choices = [] } of options) {
    const label = LABEL_NAMES.find((known) => known === name);
    if (kind !== 'filter' || label === undefined) continue;
    const named = choices.filter((choice) => isNamed(choice, typed));
    if (named.length > 0) filter[label] = named.map(({ value }) => value);
  }
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** The garment that `argument` names, in any language and case: the first one of the command's list. */
export function readGarment(
  argument: string,
  { options }: Pick<CommandInfo, 'options'>,
): GarmentKind | undefined {
  const typed = spaced(argument);
  const choices = options.find(({ kind }) => kind === 'garment')?.choices ?? [];
  const named = choices.find((choice) => isNamed(choice, typed))?.value;
  return GARMENT_KINDS.find((kind) => kind === named);
}

// --- Internal helpers ---

/** @param typed as `spaced` gives it. */
function isNamed(
  { value, label }: NonNullable<CommandInfo['options'][number]['choices']>[number],
  typed: string,
): boolean {
  return [value, ...Object.values(label)].some((word) => typed.includes(spaced(word)));
}

/** In lower case, with a single space for everything that is no letter or digit, and a space at both ends. */
function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}
