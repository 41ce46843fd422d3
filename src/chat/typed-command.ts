/** The web chat's way into the conversation: a typed text in, a reply out. */

import { InputError } from '../util/errors.ts';
import type { Conversation, Origin } from './conversation.ts';
import type { Reply } from './reply.ts';

export interface TypedCommands {
  /**
   * Answers what a person typed: a command such as `/help`, or anything else with a hint what this bot does.
   * @throws {InputError} `bad-request` when the text is empty or longer than 2,000 characters.
   */
  say(text: string): Promise<Reply>;
}

/** Discord's limit for a message of a person without a subscription; no door needs more. */
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

/** The page knows nobody by name and speaks English; nobody there is a moderator. */
const VISITOR: Origin = {
  door: 'web',
  person: 'visitor',
  place: 'page',
  community: undefined,
  locale: 'en',
  isModerator: () => Promise.resolve(false),
};
