/** Keeps the bot's token out of everything that leaves this door: the library's errors and file addresses contain it. */

/** Replaces the token, and anything that looks like one, in a text. */
export type Redact = (text: string) => string;

const ANY_TOKEN = /\b\d{5,}:[\w-]{20,}/g;

/** @param token `<bot id>:<secret>`. */
export function createRedact(token: string): Redact {
  const secret = token.slice(token.indexOf(':') + 1);
  const parts = [token, encodeURIComponent(token), secret].filter((part) => part !== '');
  return (text) =>
    parts
      .reduce((redacted, part) => redacted.replaceAll(part, '[token]'), text)
      .replace(ANY_TOKEN, '[token]');
}
