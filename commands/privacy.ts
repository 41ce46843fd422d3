/** /privacy: says what is stored, for how long, and how to delete it. */

import type { Command } from '../src/chat/command.ts';

export const privacyCommand: Command = {
  name: 'privacy',
  description: 'command.privacy',
  audience: 'everyone',
  where: 'anywhere',
  run: ({ texts }) => ({
    blocks: [
      { kind: 'text', text: texts.say('privacy.photo') },
      {
        kind: 'list',
        items: [
          texts.say('privacy.search'),
          texts.say('privacy.messages'),
          texts.say('privacy.counts'),
          texts.say('privacy.audit'),
          texts.say('privacy.forget'),
        ],
      },
    ],
    discreet: true,
  }),
};
