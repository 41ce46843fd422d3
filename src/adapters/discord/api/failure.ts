/** What a failed call of Discord means, and how it may be told: the library's errors hold addresses with tokens. */

import { DiscordAPIError, HTTPError } from 'discord.js';

/** JSON error codes that this door reacts to, as "Opcodes and Status Codes" lists them. */
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

/** One line without addresses, tokens or what people wrote. */
export function reasonOf(error: unknown): string {
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

/** Discord said no (4xx): asking again would not help. */
export function isRefusal(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && error.status < 500;
}

/** A place where the bot may not speak, as long as nobody changes its rights. */
export function isForbidden(error: unknown): error is DiscordAPIError {
  return error instanceof DiscordAPIError && error.status === 403;
}

/** The network or Discord failed: the same may work a moment later, and may have worked unheard. */
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
