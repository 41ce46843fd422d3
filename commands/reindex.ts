/** /reindex: reads the inventory's sources again, or says what a reindex would change. */

import { actorOf, personKey } from '../src/chat/keys.ts';
import type { Command, CommandContext } from '../src/chat/command.ts';

export function reindexCommand({
  reindex,
  followReindex,
}: Pick<CommandContext, 'reindex' | 'followReindex'>): Command {
  return {
    name: 'reindex',
    description: 'command.reindex',
    audience: 'moderators',
    where: 'anywhere',
    options: (translations) => [
      {
        name: 'how',
        description: translations.all('option.reindex'),
        kind: 'argument',
        required: false,
        choices: VARIANTS.map((variant) => ({ value: variant, label: translations.all(MEANINGS[variant]) })),
      },
    ],
    // The web chat has no moderators, but its visitor may be the person at this machine.
    refusal: ({ door }) => (door === 'web' ? 'reindex.not-here' : 'notice.moderators'),
    async run({ call: { origin, argument }, texts }) {
      const variant = argument?.trim().toLowerCase() ?? '';
      if (variant !== '' && !isVariant(variant)) {
        return {
          blocks: [
            { kind: 'text', text: texts.say('reindex.unknown') },
            { kind: 'list', items: ['/reindex', ...VARIANTS.map((known) => texts.say(MEANINGS[known]))] },
          ],
          discreet: true,
        };
      }
      const started = reindex.start({
        kind: variant === 'plan' ? 'plan' : 'reindex',
        full: variant === 'full',
        by: actorOf(origin),
      });
      const run = started ?? reindex.running();
      // The other run ended just now.
      if (!run) return { blocks: [{ kind: 'text', text: texts.say('notice.no-reindex') }], discreet: true };
      const ownership = { owner: personKey(origin), locale: origin.locale };
      return followReindex(run, { ownership, texts, joined: run !== started });
    },
  };
}

// --- Internal helpers ---

const VARIANTS = ['plan', 'full'] as const;
type Variant = (typeof VARIANTS)[number];

const MEANINGS: Readonly<Record<Variant, string>> = {
  plan: 'reindex.way-plan',
  full: 'reindex.way-full',
};

function isVariant(text: string): text is Variant {
  return (VARIANTS as readonly string[]).includes(text);
}
