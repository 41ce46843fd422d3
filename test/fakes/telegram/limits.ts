/** Every limit that the fake enforces, with its unit and source. */

export interface Limit {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

/*
 * Sources. «docs»: core.telegram.org/bots/api (and /bots/faq), as quoted in the doc comments of @grammyjs/types 5.
 * «server»: the source of tdlib/telegram-bot-api and tdlib/td, read in 2026. «field»: user reports named in
 * ../shared/research/chat-platforms.md, section B.2; documented nowhere.
 */
export const limits = {
  textLength: limit(4096, 'UTF-16 code units after entity parsing', 'docs: sendMessage'),
  captionLength: limit(1024, 'UTF-16 code units after entity parsing', 'docs: sendPhoto'),
  rawTextSize: limit(32_768, 'UTF-8 bytes before parsing', 'server: get_formatted_text'),
  entities: limit(100, 'entities a message, the rest is ignored', 'server: td, get_formatted_text'),
  albumMinimum: limit(2, 'items', 'docs: sendMediaGroup (the server itself lets one pass)'),
  albumMaximum: limit(10, 'items', 'docs: sendMediaGroup'),
  callbackDataSize: limit(64, 'UTF-8 bytes, at least 1', 'docs: InlineKeyboardButton'),
  keyboardButtons: limit(100, 'inline buttons a message', 'field: REPLY_MARKUP_TOO_LONG'),
  callbackAnswerLength: limit(200, 'characters', 'docs: answerCallbackQuery'),
  callbackAnswerTime: limit(15_000, 'ms from the click', 'field: telegraf/telegraf#1839'),
  chatActionTime: limit(5_000, 'ms', 'docs: sendChatAction'),
  photoUploadSize: limit(10 * 1024 * 1024, 'bytes', 'docs: sendPhoto'),
  photoSides: limit(10_000, 'pixels, width plus height', 'docs: sendPhoto'),
  photoRatio: limit(20, 'longer side by shorter side', 'docs: sendPhoto'),
  uploadSize: limit(50 * 1024 * 1024, 'bytes a file', 'docs: sendDocument'),
  localUploadSize: limit(
    2000 * 1024 * 1024,
    'bytes a file, server in local mode',
    'docs: using a local server',
  ),
  downloadSize: limit(20 * 1024 * 1024, 'bytes', 'docs: getFile; server: MAX_DOWNLOAD_FILE_SIZE'),
  photoByUrlSize: limit(5 * 1024 * 1024, 'bytes', 'docs: sending files'),
  fileLinkTime: limit(3_600_000, 'ms a download link is valid, at least', 'docs: getFile'),
  commands: limit(100, 'commands a scope and language', 'docs: setMyCommands'),
  commandNameLength: limit(32, 'characters of a-z, 0-9 and _, at least 1', 'docs: BotCommand'),
  commandDescriptionLength: limit(256, 'characters, at least 1', 'docs: BotCommand'),
  updatesAtOnce: limit(100, 'updates a getUpdates', 'docs: getUpdates'),
  pollTime: limit(50, 's a getUpdates may hang', 'server: LONG_POLL_MAX_TIMEOUT'),
  updateLifetime: limit(86_400_000, 'ms an unconfirmed update is kept', 'docs: getting updates'),
  conflictSpacing: limit(3_000, 'ms between two 409 answers', 'server: fail_query_conflict'),
  repeatedPollHold: limit(3_000, 'ms a getUpdates with an unchanged offset hangs', 'server: getUpdates'),
  offsetAhead: limit(10, 'ids past the end, farther offsets count as none', 'server: td, TQueue::get'),
  secretTokenLength: limit(256, 'characters of A-Z, a-z, 0-9, _ and -', 'docs: setWebhook'),
  webhookConnections: limit(40, 'updates pushed at once, by default', 'docs: setWebhook'),
  webhookResendMaximum: limit(60, 's between two tries', 'server: WEBHOOK_MAX_RESEND_TIMEOUT'),
  webhookTimeout: limit(60_000, 'ms a push may take, by the real clock', 'server: WebhookActor'),
  closeAfterLaunch: limit(600_000, 'ms a bot must have run before close', 'docs: close'),
  logOutTime: limit(600_000, 'ms the bot stays logged out', 'docs: logOut'),
  deletableTime: limit(172_800_000, 'ms after which a message cannot be deleted', 'docs: deleteMessage'),
  messagesToDelete: limit(100, 'messages a call', 'docs: deleteMessages'),
  botReactions: limit(1, 'reactions a message', 'docs: setMessageReaction'),
  chatRate: limit(1, 'messages a second and chat, on average', 'docs: faq, «avoid more than one per second»'),
  chatBurst: limit(
    10,
    'messages at once and chat',
    'field: «short bursts» are allowed; an album counts its items',
  ),
  groupRate: limit(20, 'messages a minute and group', 'docs: faq'),
  groupEditRate: limit(20, 'edits a minute and group', 'field: B.2, flood'),
  globalRate: limit(30, 'messages a second, all chats together', 'docs: faq'),
} as const satisfies Record<string, Limit>;

/** Ports a webhook may have. Source: docs, setWebhook. */
export const webhookPorts: readonly string[] = ['443', '80', '88', '8443'];

// --- Internal helpers ---

function limit(value: number, unit: string, source: string): Limit {
  return { value, unit, source };
}
