/** The commands that a bot published, by scope and language, and which of them a person sees. */
import type { BotCommand, BotCommandScope, Chat, ChatMember, User } from '@grammyjs/types';

export interface CommandBook {
  set(scope: BotCommandScope, language: string, commands: readonly BotCommand[]): void;
  /** The list of exactly this scope and language, empty when none was set. */
  get(scope: BotCommandScope, language: string): readonly BotCommand[];
  remove(scope: BotCommandScope, language: string): void;
  /** What the client of `user` shows in `chat`; order of scopes from the documentation of BotCommandScope. */
  shownTo(user: User, chat: Chat, member: ChatMember | undefined): readonly BotCommand[];
}

export function createCommandBook(): CommandBook {
  const lists = new Map<string, readonly BotCommand[]>();
  const at = (scope: BotCommandScope, language: string) => lists.get(keyOf(scope, language));
  return {
    set(scope, language, commands) {
      if (commands.length === 0) lists.delete(keyOf(scope, language));
      else lists.set(keyOf(scope, language), [...commands]);
    },
    get: (scope, language) => at(scope, language) ?? [],
    remove(scope, language) {
      lists.delete(keyOf(scope, language));
    },
    shownTo(user, chat, member) {
      const language = user.language_code?.slice(0, 2) ?? '';
      for (const scope of scopesFor(user, chat, member)) {
        const found = at(scope, language) ?? at(scope, '');
        if (found !== undefined) return found;
      }
      return [];
    },
  };
}

// --- Internal helpers ---

function keyOf(scope: BotCommandScope, language: string): string {
  const chat = 'chat_id' in scope ? String(scope.chat_id) : '';
  const user = 'user_id' in scope ? String(scope.user_id) : '';
  return [scope.type, chat, user, language].join(' ');
}

function scopesFor(user: User, chat: Chat, member: ChatMember | undefined): BotCommandScope[] {
  const own: BotCommandScope = { type: 'chat', chat_id: chat.id };
  if (chat.type === 'private') return [own, { type: 'all_private_chats' }, { type: 'default' }];
  const administrator = member?.status === 'administrator' || member?.status === 'creator';
  return [
    { type: 'chat_member', chat_id: chat.id, user_id: user.id },
    ...(administrator ? ([{ type: 'chat_administrators', chat_id: chat.id }] as const) : []),
    own,
    ...(administrator ? ([{ type: 'all_chat_administrators' }] as const) : []),
    { type: 'all_group_chats' },
    { type: 'default' },
  ];
}
