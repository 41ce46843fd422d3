/** Answers what a visitor types into the web chat. */

import type { Conversation, Origin } from '../../chat/conversation.ts';
import type { Reply } from '../../chat/reply.ts';
import { InputError } from '../../util/errors.ts';

export interface TypedCommands {
  /**
   * Runs a typed command such as `/help`; any other text gets a reply that says how to use the bot.
   * @throws {InputError} `bad-request` when the text is empty or longer than 2,000 characters.
   */
  say(text: string): Promise<Reply>;
}

/** Discord's limit for a message of a person without a subscription, which is enough here too. */
export const MAX_TEXT_LENGTH = 2000;

export function createTypedCommands({
  conversation,
}: {
  readonly conversation: Pick<Conversation, 'command' | 'commands'>;
}): TypedCommands {
  return {
    async say(text) {
      const said = text.trim();
      if (said === '' || said.length > MAX_TEXT_LENGTH) {
        throw new InputError(
          'bad-request',
          `Expected a text of 1 to ${MAX_TEXT_LENGTH} characters, got ${said.length}.`,
        );
      }
      const [first = '', ...rest] = said.split(/\s+/);
      // People type "help" as often as "/help".
      const name = first.toLowerCase().replace(/^\//, '');
      const isCommand =
        first.startsWith('/') ||
        (rest.length === 0 && conversation.commands().some((command) => command.name === name));
      return conversation.command({
        origin: VISITOR,
        name: isCommand ? name : 'find',
        ...(isCommand && rest.length > 0 && { argument: rest.join(' ') }),
      });
    },
  };
}

// --- Internal helpers ---

/** The page has no accounts, so no moderators, and its texts are English. */
const VISITOR: Origin = {
  door: 'web',
  person: 'visitor',
  place: 'page',
  community: undefined,
  locale: 'en',
  isModerator: () => Promise.resolve(false),
};
