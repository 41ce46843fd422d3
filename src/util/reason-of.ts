/** Why something failed, short enough for a log line or a message. */

import { messageOf } from './errors.ts';

/** The code of a system error or of a library's error (`ENOSPC`, `UND_ERR_SOCKET`); undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The code of a system error, otherwise the message. The messages of system errors name hosts, ports and paths, and in a
 * mistyped URL a part of the password can stand there.
 */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code !== undefined && /^E[A-Z_]+$/.test(code) ? code : messageOf(error);
}
