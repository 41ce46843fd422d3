/** Telegram's limits that this door observes. Sources: core.telegram.org/bots/api and /bots/faq; «field»: reports of users. */

/** UTF-16 units of a message, without its markup. */
export const MAX_TEXT = 4096;
/** UTF-16 units of a picture's caption, without its markup. */
export const MAX_CAPTION = 1024;
/** Pictures of one album. */
export const MAX_ALBUM = 10;
/** A chat action lasts 5 s, so it is shown again a little earlier. */
export const ACTION_REPEAT_MS = 4000;
/** Seconds that one getUpdates waits for updates. The server allows 50. */
export const POLL_SECONDS = 50;
/** How long the server keeps updates: a day. */
export const UPDATE_LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface Rate {
  readonly count: number;
  readonly ms: number;
}

/**
 * «Avoid more than one message a second in a chat; short bursts are allowed.» An album counts its pictures («field»). The length
 * of a burst is not documented: three answers at once are accepted, and otherwise Telegram's 429 says how long to wait.
 */
export const CHAT_RATE: Rate = { count: 20, ms: 20_000 };
/** Messages a minute in a group. */
export const GROUP_RATE: Rate = { count: 20, ms: 60_000 };
/** Edits a minute in a group («field»). */
export const GROUP_EDIT_RATE: Rate = { count: 20, ms: 60_000 };
/** Messages a second over all chats. */
export const GLOBAL_RATE: Rate = { count: 30, ms: 1000 };
