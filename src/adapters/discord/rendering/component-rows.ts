/** Buttons and lists of a reply as Discord's action rows, and the handle behind a component. */

import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIStringSelectComponent,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Button, Choice } from '../../../chat/reply.ts';
import { buttonRows, replyRows } from '../../kit/button-rows.ts';
import { MAX_IN_ROW } from '../api/limits.ts';

export type Row = APIActionRowComponent<APIButtonComponent | APIStringSelectComponent>;

export function rowsOf(buttons: readonly Button[] = [], choices: readonly Choice[] = []): Row[] {
  const limits = { maxInRow: MAX_IN_ROW, characters: Infinity };
  return replyRows<Row>(buttons, choices, {
    ofButtons: (some) =>
      buttonRows(some, ({ label }) => label, limits).map((row) => rowOf(row.map(buttonOf))),
    ofChoices: (some) => some.map((choice) => rowOf([selectOf(choice)])),
  });
}

/** The handle behind a custom_id. Empty for components of another version, which the conversation reports as expired. */
export function handleOf(customId: string): string {
  return customId.startsWith(PREFIX) ? customId.slice(PREFIX.length) : '';
}

// --- Internal helpers ---

/** A version, so that a later one can distinguish its components from these. */
const PREFIX = 'v1:';

function buttonOf({ handle, label, danger }: Button): APIButtonComponent {
  return {
    type: ComponentType.Button,
    custom_id: PREFIX + handle,
    label,
    style: danger === true ? ButtonStyle.Danger : ButtonStyle.Secondary,
  };
}

/** The first option means any value. While it is chosen, the list shows its label instead. */
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
