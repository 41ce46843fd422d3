/** /mode: sets when the bot answers in a place. */

import { type CommandCall, type Mode, MODES } from '../src/chat/conversation.ts';
import { actorOf } from '../src/chat/keys.ts';
import { isMode } from '../src/chat/place-modes.ts';
import { type Reply, textReply } from '../src/chat/reply.ts';
import type { Command, CommandContext } from '../src/chat/command.ts';

export function modeCommand({ modes, audit }: Pick<CommandContext, 'modes' | 'audit'>): Command {
  return {
    name: 'mode',
    description: 'command.mode',
    audience: 'moderators',
    where: 'communities',
    options: (translations) => [
      {
        name: 'mode',
        description: translations.all('option.mode'),
        kind: 'argument',
        required: false,
        choices: MODES.map((mode) => ({ value: mode, label: translations.all(MEANINGS[mode]) })),
      },
    ],
    async run({ call, texts }) {
      const { origin } = call;
      if (origin.community === undefined) return discreet(texts.say('mode.direct'));
      const chosen = call.argument?.trim().toLowerCase() ?? '';
      if (chosen === '') {
        const mode = await modes.get(origin.door, origin.place);
        return discreet(texts.say('mode.current', { meaning: texts.say(MEANINGS[mode]) }));
      }
      if (!isMode(chosen)) {
        return {
          blocks: [
            { kind: 'text', text: texts.say('mode.unknown') },
            { kind: 'list', items: MODES.map((mode) => texts.say(MEANINGS[mode])) },
          ],
          discreet: true,
        };
      }
      const entry = { ...actorOf(origin), action: 'mode', argument: chosen };
      if (chosen === 'auto' && call.autoUnavailable) {
        await audit.record({ ...entry, outcome: 'unavailable' });
        return discreet(texts.say(UNAVAILABLE[call.autoUnavailable]));
      }
      await modes.set(origin.door, origin.place, chosen);
      await audit.record({ ...entry, outcome: 'done' });
      // Not discreet: everybody in that place should know what happens to their photos.
      return textReply(texts.say('mode.changed', { meaning: texts.say(MEANINGS[chosen]) }));
    },
  };
}

// --- Internal helpers ---

const MEANINGS: Readonly<Record<Mode, string>> = {
  off: 'mode.off',
  ask: 'mode.ask',
  auto: 'mode.auto',
};

const UNAVAILABLE: Readonly<Record<NonNullable<CommandCall['autoUnavailable']>, string>> = {
  'message-content': 'mode.needs-message-content',
  'privacy-mode': 'mode.needs-privacy-off',
};

function discreet(text: string): Reply {
  return { ...textReply(text), discreet: true };
}
