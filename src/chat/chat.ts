/** What is common to all doors: text in, reply out. */

import type { Command } from '../../commands/command.ts';
import { InputError } from '../errors.ts';
import { type Reply, textReply } from './reply.ts';

export interface Chat {
  /**
   * Answers what a person typed: a command such as `/help`, or anything else with a hint what this bot does.
   * @throws {InputError} `bad-request` when the text is empty or longer than 2,000 characters.
   */
  say(text: string): Promise<Reply>;
}

/** Discord's limit for a message of a person without a subscription; no door needs more. */
export const MAX_TEXT_LENGTH = 2000;

export function createChat({ commands }: { readonly commands: readonly Command[] }): Chat {
  return {
    async say(text) {
      const said = text.trim();
      if (said === '' || said.length > MAX_TEXT_LENGTH) {
        throw new InputError(
          'bad-request',
          `Expected a text of 1 to ${MAX_TEXT_LENGTH} characters, got ${said.length}.`,
        );
      }
      // People type "help" as often as "/help".
      const name = said.toLowerCase().replace(/^\//, '').split(/\s+/)[0];
      const command = commands.find((candidate) => candidate.name === name);
      if (command && (said.startsWith('/') || said.split(/\s+/).length === 1)) return command.run();
      if (said.startsWith('/')) {
        return textReply(
          `There is no such command. These exist: ${commands.map((known) => `/${known.name}`).join(', ')}.`,
        );
      }
      return textReply(
        'I only understand pictures: send a photo of an outfit, and I show the closest items of the inventory. /help says more.',
      );
    },
  };
}
