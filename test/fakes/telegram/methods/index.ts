/** The methods that the fake supports, by lower-case name, because the Bot API is not case-sensitive. */
import { sendMediaGroup } from './albums.ts';
import { answerCallbackQuery } from './answering.ts';
import { close, deleteMyCommands, getMe, getMyCommands, logOut, setMyCommands } from './bot.ts';
import { getChat, getChatAdministrators, getChatMember, getFile, leaveChat } from './chats.ts';
import { deleteMessage, deleteMessages, setMessageReaction } from './deleting.ts';
import { editMessageCaption, editMessageMedia, editMessageReplyMarkup, editMessageText } from './editing.ts';
import type { Method } from './method.ts';
import { sendChatAction, sendDocument, sendMessage, sendPhoto } from './sending.ts';
import { deleteWebhook, getUpdates, getWebhookInfo, setWebhook } from './updates.ts';

const table: Readonly<Record<string, Method>> = {
  answerCallbackQuery,
  close,
  deleteMessage,
  deleteMessages,
  deleteMyCommands,
  deleteWebhook,
  editMessageCaption,
  editMessageMedia,
  editMessageReplyMarkup,
  editMessageText,
  getChat,
  getChatAdministrators,
  getChatMember,
  getFile,
  getMe,
  getMyCommands,
  getUpdates,
  getWebhookInfo,
  leaveChat,
  logOut,
  sendChatAction,
  sendDocument,
  sendMediaGroup,
  sendMessage,
  sendPhoto,
  setMessageReaction,
  setMyCommands,
  setWebhook,
};

export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries(table).map(([name, method]) => [name.toLowerCase(), method]),
);
