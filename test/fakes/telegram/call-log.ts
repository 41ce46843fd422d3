/** The calls of the bot, for tests. Contains no tokens and secrets, and of uploads only the name and size. */
import type { Changes } from './changes.ts';
import type { PlatformClock } from '../clock.ts';
import type { Parameters } from './parameters.ts';

export interface CallEntry {
  readonly sequence: number;
  /** The method as the bot spelled it. */
  readonly method: string;
  /** Parsed parameters; an upload is `{ name, bytes }` under its field name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** PlatformClock times in ms; `finishedAt` is undefined while the call hangs. */
  readonly at: number;
  finishedAt: number | undefined;
  /** HTTP status; 0 when the connection was dropped or the client went away. */
  status: number | undefined;
  description: string | undefined;
  retryAfter: number | undefined;
}

export interface CallLog {
  readonly entries: readonly CallEntry[];
  begin(method: string, parameters: Parameters): CallEntry;
  finish(
    entry: CallEntry,
    outcome: { status: number; description?: string | undefined; retryAfter?: number | undefined },
  ): void;
}

export function createCallLog(dependencies: {
  clock: PlatformClock;
  changes: Changes;
  token: string;
}): CallLog {
  const { clock, changes, token } = dependencies;
  const entries: CallEntry[] = [];
  return {
    entries,
    begin(method, parameters) {
      const entry: CallEntry = {
        sequence: entries.length + 1,
        method,
        parameters: readable(parameters, token),
        at: clock.now(),
        finishedAt: undefined,
        status: undefined,
        description: undefined,
        retryAfter: undefined,
      };
      entries.push(entry);
      changes.notify();
      return entry;
    },
    finish(entry, { status, description, retryAfter }) {
      entry.finishedAt = clock.now();
      entry.status = status;
      entry.description = description;
      entry.retryAfter = retryAfter;
      changes.notify();
    },
  };
}

// --- Internal helpers ---

function readable(parameters: Parameters, token: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of parameters.fields) {
    result[name] = name === 'secret_token' ? '[secret]' : parsed(value.replaceAll(token, '[token]'));
  }
  for (const [name, file] of parameters.files) result[name] = { name: file.name, bytes: file.bytes.length };
  return result;
}

function parsed(value: string): unknown {
  if (!/^(?:[[{]|true$|false$|-?\d{1,15}$)/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
