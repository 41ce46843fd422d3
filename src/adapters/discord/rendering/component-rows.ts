/** Buttons and lists of a reply as Discord's action rows, and what a pressed one stands for. */

import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import { buttonRows } from '../../kit/button-rows.ts';
import type { Button, Choice } from '../../../chat/reply.ts';
import { MAX_IN_ROW } from '../api/limits.ts';

export type Row = APIActionRowComponent<APIButtonComponent | APIStringSelectComponent>;

/** Alike buttons ("Like 1" to "Like 5") share a row, lists come after them, what is dangerous comes last. */
export function rowsOf(buttons: readonly Button[] = [], choices: readonly Choice[] = []): Row[] {
  const rows = (some: readonly Button[]): Row[] =>
    buttonRows(some, ({ label }) => label, { mostInRow: MAX_IN_ROW, characters: Infinity }).map((row) =>
      rowOf(row.map(buttonOf)),
    );
  return [
    ...rows(buttons.filter(({ danger }) => danger !== true)),
    ...choices.map((choice) => rowOf([selectOf(choice)])),
    ...rows(buttons.filter(({ danger }) => danger === true)),
  ];
}

/** The handle behind a custom_id. Those of other versions stand for nothing and expire politely. */
export function handleOf(customId: string): string {
  return customId.startsWith(PREFIX) ? customId.slice(PREFIX.length) : '';
}

// --- Internal helpers ---

/** A version, so that a later one can tell its buttons from these. */
const PREFIX = 'v1:';

function buttonOf({ handle, label, danger }: Button): APIButtonComponent {
  return {
    type: ComponentType.Button,
    custom_id: PREFIX + handle,
    label,
    style: danger === true ? ButtonStyle.Danger : ButtonStyle.Secondary,
  };
}

/** The first option stands for any value: while it is chosen, the list shows its name instead. */
function selectOf({ handle, label, options }: Choice): APIStringSelectComponent {
  return {
    type: ComponentType.StringSelect,
    custom_id: PREFIX + handle,
    placeholder: label,
    options: options.map(({ value, label: text, selected }, place) => ({
      value,
      label: text,
      default: selected && place > 0,
    })),
  };
}

function rowOf<T extends APIButtonComponent | APIStringSelectComponent>(
  components: T[],
): APIActionRowComponent<T> {
  return { type: ComponentType.ActionRow, components };
}
