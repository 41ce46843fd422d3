/** Records start and end of a command-line run in the audit log, as the adapters do for theirs. */

import { userInfo } from 'node:os';
import { outcomeOf } from '../../src/reindex/run-history.ts';
import type { AuditLog } from '../../src/store/audit-log.ts';

export interface AuditedRun {
  readonly action: 'import' | 'reindex' | 'remove';
  readonly argument: string | undefined;
  readonly signal: AbortSignal;
}

/** @returns the result of `work`, even if the log cannot be written. */
export async function auditRun<T>(
  audit: AuditLog,
  { action, argument, signal }: AuditedRun,
  work: () => Promise<T>,
): Promise<T> {
  const run = {
    door: 'command-line',
    person: userName(),
    place: '',
    action,
    ...(argument !== undefined && { argument }),
  };
  await audit.record({ ...run, outcome: 'started' });
  try {
    const result = await work();
    await audit.record({ ...run, outcome: 'finished' });
    return result;
  } catch (error) {
    await audit.record({ ...run, outcome: outcomeOf(error, signal) });
    throw error;
  }
}

// --- Internal helpers ---

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
