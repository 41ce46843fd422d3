/** The audit log: which moderator, or person at the command line, did what. A file of JSON lines to which entries are only ever added. */

import { type FileHandle, open } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { hasCode, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { linesFromEnd } from './lines-from-end.ts';

/** Outcomes that end a run that was `started`. `interrupted`: the process died during the run. */
const END_OUTCOMES = [
  'planned',
  'finished',
  'needs-confirmation',
  'cancelled',
  'stopped',
  'failed',
  'interrupted',
] as const;

/**
 * `refused`: the person is not a moderator. `already-running`: another run was in progress, so this one did not begin.
 * `too-late`: the run to which a button belongs was over. `unavailable`: the platform has to be set up first.
 */
const OUTCOMES = [
  'done',
  'refused',
  'started',
  'already-running',
  'too-late',
  'unavailable',
  ...END_OUTCOMES,
] as const;

const entrySchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** `discord`, `telegram`, `web`, `command-line`, `schedule` or `watch`. */
  door: z.string(),
  /** The person's id on the platform, or the user name at the command line; empty when nobody asked for the action. */
  person: z.string(),
  /** The id of the channel or chat on the platform; empty where there is none. */
  place: z.string(),
  /** `mode`, `reindex` or `delete` (of an answer to somebody else); at the command line also `import` and `remove`. */
  action: z.string(),
  /** A keyword of the action, for example `full`, or a source at the command line. Never what a person wrote in a chat. */
  argument: z.string().optional(),
  outcome: z.enum(OUTCOMES),
});

export type AuditEntry = Readonly<z.infer<typeof entrySchema>>;
export type AuditOutcome = AuditEntry['outcome'];

/** Who acts, and where. */
export type Actor = Pick<AuditEntry, 'door' | 'person' | 'place'>;

export interface AuditLog {
  /** Resolves when the entry is on disk. Never rejects: an entry that cannot be written is logged, and the action continues. */
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>;
}

/** A run as the run history has it. */
export interface RecordedRun {
  readonly kind: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly outcome: AuditOutcome | 'running';
}

/** Name of the file in the data folder. */
export const AUDIT_FILE = 'audit.jsonl';

/** One person's refused attempts at the same action are recorded once in this time, so that nobody can fill the disk. */
const REFUSAL_INTERVAL_MS = 60_000;
const REMEMBERED_REFUSALS = 1_000;

/**
 * How much of the end of the file is searched for an interrupted run, in bytes: about 5,000 entries. Only the entries that were
 * recorded during the run lie between its start and the end.
 */
const SEARCHED_BYTES = 1_000_000;

/** @param file created when it is missing; its folder must exist. */
export function createAuditLog(file: string, logger: Pick<Logger, 'error'>): AuditLog {
  const refused = new LRUCache<string, true>({
    max: REMEMBERED_REFUSALS,
    ttl: REFUSAL_INTERVAL_MS,
    ttlResolution: 0,
    perf: Date,
  });
  let writing = Promise.resolve();

  return {
    record(entry) {
      if (entry.outcome === 'refused') {
        const { door, person, action } = entry;
        const key = JSON.stringify([door, person, action]);
        if (refused.has(key)) return Promise.resolve();
        refused.set(key, true);
      }
      const line = JSON.stringify({ at: new Date().toISOString(), ...entry } satisfies AuditEntry);
      writing = writing.then(() =>
        append(file, line).catch((error: unknown) => {
          logger.error({ reason: messageOf(error), ...entry }, 'the audit log could not be written');
        }),
      );
      return writing;
    },
  };
}

/**
 * Records the end of a run during which the process died. Call it once, from the process that holds the data folder, before
 * anything else is recorded. Never rejects.
 * @param runs the run history, newest first; it says how the interrupted run ended, if it got far enough to be recorded there.
 */
export async function closeInterruptedRun(
  file: string,
  audit: AuditLog,
  runs: readonly RecordedRun[],
): Promise<void> {
  const begun = await findUnendedRun(file).catch(() => undefined);
  if (!begun) return;
  const { at, action, ...actor } = begun;
  // The oldest one since then; this process may have begun later ones.
  const recorded = runs.findLast(({ kind, startedAt }) => kind === action && startedAt >= at);
  const outcome = recorded?.outcome ?? 'interrupted';
  await audit.record({ ...actor, action, outcome: outcome === 'running' ? 'interrupted' : outcome });
}

/** The last `count` entries (at least 1), oldest first; none when the file does not exist. Lines that a crash cut off are left out. */
export async function readAuditLog(file: string, count: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of entriesFromEnd(file)) {
    entries.unshift(entry);
    if (entries.length >= count) break;
  }
  return entries;
}

// --- Internal helpers ---

/** The `started` entry of the last run, if no later entry ends that run. */
async function findUnendedRun(file: string): Promise<AuditEntry | undefined> {
  const later: AuditEntry[] = [];
  for await (const entry of entriesFromEnd(file, SEARCHED_BYTES)) {
    if (entry.outcome === 'started') return later.some((end) => isEndOf(entry, end)) ? undefined : entry;
    later.push(entry);
  }
  return undefined;
}

/** Last entry first; none when the file does not exist. */
async function* entriesFromEnd(file: string, maxBytes?: number): AsyncGenerator<AuditEntry, void> {
  const handle = await open(file).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (!handle) return;
  try {
    for await (const line of linesFromEnd(handle, maxBytes)) {
      const entry = parseEntry(line);
      if (entry) yield entry;
    }
  } finally {
    await handle.close();
  }
}

function isEndOf(begun: AuditEntry, entry: AuditEntry): boolean {
  if (!END_OUTCOMES.some((end) => end === entry.outcome)) return false;
  return (['door', 'person', 'place', 'action', 'argument'] as const).every(
    (key) => begun[key] === entry[key],
  );
}

async function append(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    // Begins a new line after one that a crash cut off.
    await handle.appendFile(`${(await endsWithinLine(handle)) ? '\n' : ''}${line}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function endsWithinLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

/** Undefined for a line that is not an entry, such as one that a crash cut off. */
function parseEntry(line: string): AuditEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
