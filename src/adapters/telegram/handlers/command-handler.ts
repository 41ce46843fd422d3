/** Commands: typed, or chosen by a button where one was typed without the value it takes. */

import type { CommandInfo } from '../../../chat/command-info.ts';
import type { Conversation } from '../../../chat/conversation.ts';
import type { Reply } from '../../../chat/reply.ts';
import type { Keyboard } from '../rendering/keyboard.ts';
import type { Origins } from './origin.ts';
import type { Asked, CommandRequest } from '../updates/request.ts';

export interface CommandHandler {
  run(request: CommandRequest): Promise<Reply>;
  /** The command that a button of ours stands for; undefined when it is none. */
  pressed(asked: Asked, handle: string, value: string | undefined): Promise<Reply> | undefined;
  /** Buttons with the values that a command takes, when it came without one. */
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
  async function call(asked: Asked, name: string, argument: string | undefined): Promise<Reply> {
    const hidden = !asked.isPrivate && infoOf(name)?.where === 'communities' && (await isBlind(asked.chat));
    return conversation.command({
      origin: origins.of(asked),
      name,
      ...(argument !== undefined && { argument }),
      ...(hidden && { autoUnavailable: 'privacy-mode' }),
    });
  }

  /** With privacy mode on, photos that are merely posted reach a bot in groups only if it is an administrator. */
  async function isBlind(chat: number): Promise<boolean> {
    return !bot.seesAllMessages && !(await origins.isAdministrator(chat, bot.id));
  }

  function infoOf(name: string): CommandInfo | undefined {
    return conversation.commands().find((command) => command.name === name);
  }

  return {
    run: (request) => call(request, request.name, request.argument),

    pressed(asked, handle, value) {
      return handle.startsWith(MARK) ? call(asked, handle.slice(MARK.length), value) : undefined;
    },

    choices({ name, argument }) {
      if (argument !== undefined) return [];
      const option = infoOf(name)?.options.find(({ kind }) => kind === 'argument');
      const buttons = (option?.choices ?? []).map(({ value }) => ({
        text: value,
        callback_data: `${MARK}${name}.${value}`,
      }));
      return buttons.length > 0 ? [buttons] : [];
    },
  };
}

// --- Internal helpers ---

/** Is in no handle of the conversation. */
const MARK = '/';
