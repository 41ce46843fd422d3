/** What a failed call means, and what may be logged of it: discord.js's errors contain addresses with tokens. */

import { DiscordAPIError, HTTPError } from 'discord.js';

/** JSON error codes that this door handles, from the page "Opcodes and Status Codes". */
export const CODES = {
  unknownMessage: 10008,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  acknowledged: 40060,
  missingAccess: 50001,
  missingPermissions: 50013,
  invalidToken: 50027,
  noHistory: 160002,
} as const;

export type KnownCode = keyof typeof CODES;

/** One line for the log, without addresses, tokens or what people wrote. */
export function redactedReason(error: unknown): string {
  if (error instanceof DiscordAPIError) {
    const [first = ''] = error.message.split('\n');
    return `${error.method} refused with ${error.status} (${error.code}): ${withoutSecrets(first)}`;
  }
  if (error instanceof HTTPError) return `${error.method} failed with ${error.status}`;
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
    return `${error.name}${code}: ${withoutSecrets(error.message.split('\n')[0] ?? '')}`;
  }
  return 'unknown';
}

export function wasRefused(error: unknown, ...codes: readonly KnownCode[]): error is DiscordAPIError {
  return error instanceof DiscordAPIError && codes.some((code) => CODES[code] === error.code);
}

/** Discord refused the call (4xx): a retry would not help. */
export function isRefusal(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && error.status < 500;
}

/** The bot may not write there, as long as nobody changes its permissions. */
export function isForbidden(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && error.status === 403;
}

/** The network or Discord failed: the call may work a moment later, and it may have worked although its answer was lost. */
export function isTransient(error: unknown): boolean {
  if (error instanceof DiscordAPIError || error instanceof HTTPError) return error.status >= 500;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    error.name === 'AbortError' ||
    /^(UND_ERR_|E[A-Z]+$)/.test(code) ||
    /other side closed|fetch failed|socket/i.test(error.message)
  );
}

// --- Internal helpers ---

/** Bot tokens, interaction tokens and signed addresses. */
function withoutSecrets(text: string): string {
  return text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'")]+/gi, '[address]')
    .replace(/[\w-]{20,}(\.[\w-]+)*/g, '[token]')
    .slice(0, 200);
}
