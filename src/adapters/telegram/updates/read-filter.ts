/** Reads a filter typed after a command, for example `/find red dresses`: values of the inventory, as words. */

import type { CommandInfo } from '../../../chat/command-info.ts';
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
    const named = choices.filter(({ value, label: words }) =>
      [value, ...Object.values(words)].some((word) => typed.includes(spaced(word))),
    );
    if (named.length > 0) filter[label] = named.map(({ value }) => value);
  }
  return Object.keys(filter).length > 0 ? filter : undefined;
}

// --- Internal helpers ---

/** In lower case, with a single space for everything that is no letter or digit, and a space at both ends. */
function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}
