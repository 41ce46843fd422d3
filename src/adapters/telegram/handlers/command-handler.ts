/** Runs commands: typed, or chosen with a button when a command was typed without the value that it needs. */

import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Conversation } from '../../../chat/conversation.ts';
import type { Reply } from '../../../chat/reply.ts';
import type { Keyboard } from '../rendering/keyboard.ts';
import type { CommandRequest, RequestContext } from '../updates/request.ts';
import type { Origins } from './origin.ts';

export interface CommandHandler {
  run(request: CommandRequest): Promise<Reply>;
  /** Runs the command of a button that `choices` made. Undefined for any other button. */
  runChosen(context: RequestContext, handle: string, value: string | undefined): Promise<Reply> | undefined;
  /** Buttons with the values of a command that was typed without one. */
  choices(request: CommandRequest): Keyboard;
}

export interface CommandHandlerDependencies {
  readonly conversation: Pick<Conversation, 'command' | 'commands'>;
  readonly origins: Origins;
  /** From getMe. */
  readonly bot: { readonly id: number; readonly seesAllMessages: boolean };
}

export function createCommandHandler({
  conversation,
  origins,
  bot,
}: CommandHandlerDependencies): CommandHandler {
  async function call(context: RequestContext, name: string, argument: string | undefined): Promise<Reply> {
    const isForGroups = !context.isPrivate && infoOf(name)?.where === 'communities';
    const cannotSeePosts = isForGroups && (await cannotSeePostsIn(context.chat));
    return conversation.command({
      origin: origins.of(context),
      name,
      ...(argument !== undefined && { argument }),
      ...(cannotSeePosts && { autoUnavailable: 'privacy-mode' }),
    });
  }

  /** In privacy mode a bot receives photos posted in a group only if it is an administrator there. */
  async function cannotSeePostsIn(chat: number): Promise<boolean> {
    return !bot.seesAllMessages && !(await origins.isAdministrator(chat, bot.id));
  }

  function infoOf(name: string): CommandInfo | undefined {
    return conversation.commands().find((command) => command.name === name);
  }

  return {
    run: (request) => call(request, request.name, request.argument),

    runChosen(context, handle, value) {
      return handle.startsWith(PREFIX) ? call(context, handle.slice(PREFIX.length), value) : undefined;
    },

    choices({ name, argument }) {
      if (argument !== undefined) return [];
      const option = infoOf(name)?.options.find(({ kind }) => kind === 'argument');
      const buttons = (option?.choices ?? []).map(({ value }) => ({
        text: value,
        callback_data: `${PREFIX}${name}.${value}`,
      }));
      return buttons.length > 0 ? [buttons] : [];
    },
  };
}

// --- Internal helpers ---

/** Occurs in no handle of the conversation. */
const PREFIX = '/';
