/** Decides which messages reach the bot: all of them, or with privacy mode only those that are meant for it. */
import type { Message, Update } from '@grammyjs/types';
import type { UpdateKind } from './update-queue.ts';
import type { ChatRecord, Post, World } from './world.ts';

/** Queues the update a message causes, if the bot may see it; the update's id if one was queued. */
export function announce(world: World, record: ChatRecord, post: Post, edited = false): number | undefined {
  if (!reaches(world, record, post)) return undefined;
  const kind = updateKind(record, edited);
  return world.queue.push(kind, record.chat.id, post.message);
}

/** Queues an update of another kind about a chat. */
export function announceOther<Kind extends UpdateKind>(
  world: World,
  record: ChatRecord,
  kind: Kind,
  payload: NonNullable<Update[Kind]>,
): number | undefined {
  return world.queue.push(kind, record.chat.id, payload);
}

// --- Internal helpers ---

function updateKind(record: ChatRecord, edited: boolean): UpdateKind {
  if (record.chat.type === 'channel') return edited ? 'edited_channel_post' : 'channel_post';
  return edited ? 'edited_message' : 'message';
}

function reaches(world: World, record: ChatRecord, { message, fromBot }: Post): boolean {
  if (fromBot) return false;
  if (record.botStatus === 'left' || record.botStatus === 'kicked') return false;
  if (record.chat.type === 'private') return true;
  if (record.botStatus === 'administrator' || record.chat.type === 'channel') return true;
  // Bots never see what other bots write in groups.
  if (message.from?.is_bot === true && message.sender_chat === undefined) return false;
  return world.bot.can_read_all_group_messages || isService(message) || isMeantForBot(world, message);
}

const content: readonly (keyof Message)[] = ['text', 'photo', 'document', 'sticker'];

function isService(message: Message): boolean {
  return content.every((field) => message[field] === undefined);
}

/** Docs, privacy mode: commands, replies to the bot, and in practice mentions of it. */
function isMeantForBot(world: World, message: Message): boolean {
  if (message.reply_to_message?.from?.id === world.bot.id) return true;
  const text = message.text ?? message.caption ?? '';
  const name = `@${world.bot.username}`.toLowerCase();
  return (message.entities ?? message.caption_entities ?? []).some((entity) => {
    const part = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
    if (entity.type === 'mention') return part === name;
    if (entity.type === 'text_mention') return entity.user.id === world.bot.id;
    return (
      entity.type === 'bot_command' && entity.offset === 0 && (!part.includes('@') || part.endsWith(name))
    );
  });
}
