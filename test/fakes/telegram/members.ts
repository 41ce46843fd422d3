/** The membership status of people and of the bot in a chat, in the form that getChatMember returns. */
import type { ChatAdministratorRights, ChatMember, User } from '@grammyjs/types';
import { anonymousAdmin, botAsUser, type BotStatus, type ChatRecord, type World } from './world.ts';

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked';

/** A member entry. `anonymous` and `title` count for administrators only. */
export function memberEntry(
  user: User,
  status: MemberStatus,
  { anonymous = false, title }: { anonymous?: boolean; title?: string | undefined } = {},
): ChatMember {
  const named = title === undefined ? {} : { custom_title: title };
  switch (status) {
    case 'creator':
      return { status, user, is_anonymous: anonymous, ...named };
    case 'administrator':
      return { status, user, can_be_edited: false, ...administratorRights(anonymous), ...named };
    case 'kicked':
      return { status, user, until_date: 0 };
    case 'member':
      return { status, user };
    case 'left':
      return { status, user };
  }
}

/** The status of a person or of the bot. A known person who never joined has the status `left`. Undefined for unknown people. */
export function memberOf(world: World, record: ChatRecord, userId: number): ChatMember | undefined {
  if (userId === world.bot.id) return botEntry(world, record.botStatus);
  const member = record.members.get(userId);
  if (member !== undefined) return member;
  // The stand-in of anonymous administrators is a member like any other account Telegram knows.
  const user = userId === anonymousAdmin.id ? anonymousAdmin : world.users.get(userId);
  return user === undefined ? undefined : memberEntry(user, 'left');
}

export function botEntry(world: World, status: BotStatus): ChatMember {
  return memberEntry(botAsUser(world), status);
}

// --- Internal helpers ---

function administratorRights(anonymous: boolean): ChatAdministratorRights {
  return {
    is_anonymous: anonymous,
    can_manage_chat: true,
    can_delete_messages: true,
    can_manage_video_chats: true,
    can_restrict_members: true,
    can_promote_members: false,
    can_change_info: true,
    can_invite_users: true,
    can_post_stories: false,
    can_edit_stories: false,
    can_delete_stories: false,
    can_send_welcome_messages: false,
  };
}
