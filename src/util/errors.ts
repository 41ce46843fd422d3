/** Errors by origin: what a person sent, what the service cannot do now, what an operator must repair. */

/** What can be wrong with something that a person sent. Adapters translate it; `message` is the English text. */
export type InputProblem =
  | 'no-photo'
  | 'too-many-photos'
  | 'photo-empty'
  | 'photo-too-large'
  | 'photo-not-an-image'
  | 'photo-unsupported-format'
  | 'photo-too-many-pixels'
  | 'photo-damaged'
  | 'photo-too-slow'
  | 'bad-request'
  | 'bad-filter'
  | 'bad-box'
  | 'unknown-item'
  | 'unknown-gallery';

/**
 * The person who asked sent something that cannot be answered.
 * `message` says what was expected, what came and what to do; it is written to be shown to that person.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problem: InputProblem;
  /** The same in the words of a report about an item of the inventory, for example `its picture is an empty file`. */
  readonly ofItem: string | undefined;

  constructor(
    problem: InputProblem,
    message: string,
    { ofItem, ...options }: ErrorOptions & { readonly ofItem?: string } = {},
  ) {
    super(message, options);
    this.problem = problem;
    this.ofItem = ofItem;
  }
}

/** The service is healthy but full; the same request succeeds later. `message` may be shown to the person. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  /** Whole seconds, at least 1, after which trying again makes sense. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSeconds));
  }
}

/** The part was closed: the process is shutting down, or somebody used it after `close()`. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
}

/** An engine cannot run on this machine. The only error after which the engine chooser tries the next one. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}

/** Exit codes of the process when an operator must repair something. */
export const EXIT_CODES = {
  /** Every error without a code of its own. */
  general: 1,
  /** A platform does not know the token (EX_NOPERM of sysexits.h): a restart does not help, so a supervisor should not try one. */
  badToken: 77,
} as const;

/**
 * Something that an operator must repair: a setting, a folder, an index of another model, an unreadable inventory.
 * `message` names the repair. Ends a start-up or a script with `exitCode` and without a stack trace.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly exitCode: number;

  constructor(
    message: string,
    { exitCode = EXIT_CODES.general, ...options }: ErrorOptions & { exitCode?: number } = {},
  ) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** `error.message` for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const SYSTEM_REASONS = new Map<unknown, string>([
  ['ENOENT', 'no such file or folder'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
]);

/** Why a file cannot be read or written, in plain words; `messageOf` for other errors. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return SYSTEM_REASONS.get(code) ?? messageOf(error);
}

/** Whether a system call failed with this code (`ENOENT`, `ENOSPC`, ...). */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
