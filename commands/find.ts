/** /find: finds items like a photo. A call with a photo is a post; the command itself runs only without one, and says how to ask. */

import type { CommandOption } from '../src/chat/command-info.ts';
import { GARMENT_KINDS } from '../src/garments/garment-kinds.ts';
import { howToText } from '../src/chat/how-to.ts';
import { MAX_OPTION_LENGTH, MAX_OPTIONS, NARROWING_LABELS } from '../src/chat/label-choices.ts';
import type { LabelCounts } from '../src/chat/label-counts.ts';
import { textReply } from '../src/chat/reply.ts';
import type { Translations } from '../src/chat/translations.ts';
import type { Command, CommandContext } from '../src/chat/command.ts';

export function findCommand({ labelCounts }: Pick<CommandContext, 'labelCounts'>): Command {
  return {
    name: 'find',
    description: 'command.find',
    menu: 'command.find-menu',
    audience: 'everyone',
    where: 'anywhere',
    options(translations) {
      const counts = labelCounts();
      return [
        {
          name: 'photo',
          description: translations.all('option.photo'),
          kind: 'photo',
          required: false,
        },
        {
          name: 'garment',
          description: translations.all('option.garment'),
          kind: 'garment',
          required: false,
          choices: GARMENT_KINDS.map((kind) => ({ value: kind, label: translations.all(`garment.${kind}`) })),
        },
        ...NARROWING_LABELS.flatMap((label) => filterOption(label, counts, translations)),
      ];
    },
    run: ({ call, texts }) => textReply(howToText(call.origin, texts)),
  };
}

// --- Internal helpers ---

const DESCRIPTIONS: Readonly<Record<(typeof NARROWING_LABELS)[number], string>> = {
  type: 'option.type',
  colour: 'option.colour',
  gender: 'option.gender',
};

/** Empty for a label that has fewer than two values in the inventory. */
function filterOption(
  label: (typeof NARROWING_LABELS)[number],
  counts: LabelCounts,
  translations: Translations,
): CommandOption[] {
  // A value must be passed back unchanged, so one that is too long for the platforms cannot be shortened.
  const values = [...(counts.get(label)?.keys() ?? [])].filter((value) => value.length <= MAX_OPTION_LENGTH);
  if (values.length < 2) return [];
  return [
    {
      name: label,
      description: translations.all(DESCRIPTIONS[label]),
      kind: 'filter',
      required: false,
      choices: values.slice(0, MAX_OPTIONS).map((value) => ({ value, label: { en: value } })),
    },
  ];
}
