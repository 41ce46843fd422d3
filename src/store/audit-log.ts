/** Who did what as a moderator or at the command line: a file of JSON lines that only ever grows, so that a shop can tell afterwards. */

import { open, readFile, stat } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { hasCode, messageOf } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';

/** How an entry ends that says `started`. `interrupted`: the process died under it. */
const ENDS = [
  'planned',
  'finished',
  'needs-confirmation',
  'cancelled',
  'stopped',
  'failed',
  'interrupted',
] as const;

/**
 * `refused`: the person is no moderator. `already-running`: another run was, and this one did not begin. `too-late`: the run
 * that a button stands for was over. `unavailable`: the platform has to be set up first.
 */
const OUTCOMES = [
  'done',
  'refused',
  'started',
  'already-running',
  'too-late',
  'unavailable',
  ...ENDS,
] as const;

const entrySchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** `discord`, `telegram`, `web`, `command-line`, `schedule` or `watch`. */
  door: z.string(),
  /** The platform's id of the person, at the command line the operating system's name; empty where nobody asked. */
  person: z.string(),
  /** The platform's id of the place; empty where there is none. */
  place: z.string(),
  /** `mode`, `reindex` or `delete` (of somebody else's answer); at the command line also `import` and `remove`. */
  action: z.string(),
  /** Words that the action knows, for example `full`, and at the command line a source. Never what a person wrote in a chat. */
  argument: z.string().optional(),
  outcome: z.enum(OUTCOMES),
});

export type AuditEntry = Readonly<z.infer<typeof entrySchema>>;
export type AuditOutcome = AuditEntry['outcome'];

/** Who acts, and where. */
export type Actor = Pick<AuditEntry, 'door' | 'person' | 'place'>;

export interface AuditLog {
  /** Resolves when the line is on the disk. Never rejects: what cannot be recorded is logged, and the action goes on. */
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>;
}

export interface RememberedRun {
  readonly kind: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly outcome: AuditOutcome | 'running';
}

/** Its name in the data folder. */
export const AUDIT_FILE = 'audit.jsonl';

/** Of one person's refused attempts at the same thing one is kept in that time, so that nobody can fill the disk. */
const REFUSAL_INTERVAL_MS = 60_000;
const REMEMBERED_REFUSALS = 1_000;

/** @param file made when it is missing; its folder is there. */
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
 * Closes the run that a process began and did not live to close. To be called once, by whoever holds the data folder, before
 * anything else is recorded. Never rejects.
 * @param runs those that the folder remembers, newest first; how the dead one ended is told there, if it came so far as to begin.
 */
export async function closeDeadRun(
  file: string,
  audit: AuditLog,
  runs: readonly RememberedRun[],
): Promise<void> {
  // From the end: the file only ever grows, and what is asked for is among the last lines.
  const lines = await readLines(file).catch((): string[] => []);
  const later: AuditEntry[] = [];
  let open: AuditEntry | undefined;
  for (let line = lines.pop(); line !== undefined && !open; line = lines.pop()) {
    const [entry] = entryOf(line);
    if (entry?.outcome === 'started') open = entry;
    else if (entry) later.push(entry);
  }
  if (!open || later.some((entry) => isEndOf(open, entry))) return;
  const { at, action, ...run } = open;
  // A later one may be of this process.
  const begunRun = runs.findLast(({ kind, startedAt }) => kind === action && startedAt >= at);
  const outcome = begunRun?.outcome ?? 'interrupted';
  await audit.record({ ...run, action, outcome: outcome === 'running' ? 'interrupted' : outcome });
}

/** The last entries, oldest first; none where the file does not exist. Lines that a crash cut off are left out. */
export async function readAuditLog(file: string, most: number): Promise<AuditEntry[]> {
  return (await readLines(file)).flatMap(entryOf).slice(-most);
}

// --- Internal helpers ---

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  return text.split('\n');
}

function isEndOf(begun: AuditEntry, entry: AuditEntry): boolean {
  if (!ENDS.some((end) => end === entry.outcome)) return false;
  return (['door', 'person', 'place', 'action', 'argument'] as const).every(
    (key) => begun[key] === entry[key],
  );
}

async function append(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    // After a line that a crash cut off, a new one begins.
    await handle.appendFile(`${(await endsTorn(file)) ? '\n' : ''}${line}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }

  async function endsTorn(path: string): Promise<boolean> {
    const { size } = await stat(path);
    if (size === 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() !== '\n';
  }
}

function entryOf(line: string): AuditEntry[] {
  try {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
