/** /help: says what the bot does, and lists the commands. */

import { MAX_PHOTOS } from '../src/chat/answer.ts';
import { PHOTO_LIMITS } from '../src/photo/photo-limits.ts';
import type { Command } from '../src/chat/command.ts';
import { usableCommands } from '../src/chat/usable-commands.ts';

/** @param commands returns all commands, this one included. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    description: 'command.help',
    audience: 'everyone',
    where: 'anywhere',
    async run({ call: { origin }, texts }) {
      const usable = await usableCommands(commands(), origin);
      const megabytes = PHOTO_LIMITS.bytes / 1_000_000;
      return {
        blocks: [
          { kind: 'text', text: texts.say('help.intro') },
          {
            kind: 'list',
            items: [
              ...(origin.community === undefined ? [] : [texts.say('help.asking')]),
              texts.say('help.photos', { most: MAX_PHOTOS, megabytes }),
              texts.say('help.garment'),
              texts.say('help.buttons'),
              texts.say('help.score', { one: texts.score(1) }),
              ...usable.map(({ name, description }) => `/${name}: ${texts.say(description)}`),
            ],
          },
        ],
      };
    },
  };
}
