/** /reindex: reads the inventory's sources again, or says what that would change. */

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
        choices: WAYS.map((way) => ({ value: way, label: translations.all(MEANINGS[way]) })),
      },
    ],
    // Nobody is a moderator in the web chat, but it may be the person at this machine who asks.
    refusal: ({ door }) => (door === 'web' ? 'reindex.not-here' : 'notice.moderators'),
    async run({ call: { origin, argument }, texts }) {
      const way = argument?.trim().toLowerCase() ?? '';
      if (way !== '' && !isWay(way)) {
        return {
          blocks: [
            { kind: 'text', text: texts.say('reindex.unknown') },
            { kind: 'list', items: ['/reindex', ...WAYS.map((known) => texts.say(MEANINGS[known]))] },
          ],
          discreet: true,
        };
      }
      const started = reindex.start({
        kind: way === 'plan' ? 'plan' : 'reindex',
        full: way === 'full',
        by: actorOf(origin),
      });
      const run = started ?? reindex.running();
      // It ended in this very moment.
      if (!run) return { blocks: [{ kind: 'text', text: texts.say('notice.no-reindex') }], discreet: true };
      const ownership = { owner: personKey(origin), locale: origin.locale };
      return followReindex(run, { ownership, texts, joined: run !== started });
    },
  };
}

// --- Internal helpers ---

const WAYS = ['plan', 'full'] as const;
type Way = (typeof WAYS)[number];

const MEANINGS: Readonly<Record<Way, string>> = {
  plan: 'reindex.way-plan',
  full: 'reindex.way-full',
};

function isWay(text: string): text is Way {
  return (WAYS as readonly string[]).includes(text);
}
