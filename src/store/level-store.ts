/** The embedded store: LevelDB in one folder, held by one process at a time. */

import { ClassicLevel } from 'classic-level';
import type { KeyvStoreAdapter } from 'keyv';
import { ClosedError, hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { createNamespaces, keyvOver, type Store } from './store.ts';

/**
 * Opens the database in `folder`, and creates it when it is missing. A finished write survives the death of the process, and
 * the kernel releases the lock of a dead process.
 * @throws {OperatorError} when another process holds the database (`cause.code` is then `LEVEL_LOCKED`), it is damaged, or the
 * disk fails.
 */
export async function openLevelStore(folder: string): Promise<Store> {
  const level = new ClassicLevel(folder);
  try {
    await level.open();
  } catch (error) {
    throw openingError(folder, error);
  }
  const writes = createWriter(folder);
  return {
    namespace: createNamespaces((name) =>
      keyvOver(createLevelAdapter(openSublevel(level, name), writes), name),
    ),
    close: () => level.close(),
  };
}

// --- Internal helpers ---

type Write = (operation: () => Promise<void>) => Promise<void>;
type Sublevel = ReturnType<typeof openSublevel>;

function openSublevel(level: ClassicLevel, name: string) {
  return level.sublevel(name);
}

/** A keyv adapter for one sublevel. Expiry is inside the values that keyv writes, so `has` is left to keyv. */
function createLevelAdapter(records: Sublevel, write: Write) {
  const adapter = {
    opts: { dialect: 'level', url: '' },
    get: (key: string) => reading(records.get(key)),
    getMany: (keys: string[]) => reading(records.getMany(keys)),
    set: (key: string, value: string) => write(() => records.put(key, value)),
    setMany: (entries: { key: string; value: string }[]) =>
      write(() => records.batch(entries.map(({ key, value }) => ({ type: 'put', key, value })))),
    delete: (key: string) => adapter.deleteMany([key]),
    /** Whether any of the keys was there. */
    async deleteMany(keys: string[]) {
      const present = await reading(records.hasMany(keys));
      await write(() => records.batch(keys.map((key) => ({ type: 'del', key }))));
      return present.includes(true);
    },
    clear: () => write(() => records.clear()),
    /** Iterates over a snapshot: it does not see what is written meanwhile. */
    async *iterator() {
      try {
        for await (const entry of records.iterator()) yield entry;
      } catch (error) {
        throw readingError(error);
      }
    },
    /** Does nothing: the namespaces share the database, which `Store.close()` closes. */
    disconnect: () => Promise.resolve(),
    /** Errors are thrown, never emitted. */
    on: () => adapter,
  };
  return adapter as typeof adapter & KeyvStoreAdapter;
}

/**
 * After one failed write all later ones are refused. A full disk may have truncated a record in LevelDB's log, and LevelDB
 * would drop everything after that record when it opens the log again.
 */
function createWriter(folder: string): Write {
  let failure: Error | undefined;
  return async (operation) => {
    if (failure) throw failure;
    try {
      await operation();
    } catch (error) {
      if (isClosed(error)) throw new ClosedError('The store is closed.', { cause: error });
      failure ??= new OperatorError(
        `Cannot write to the store in ${folder}: ${diskReason(error)} Earlier records are kept. Start again after the repair.`,
        { cause: error },
      );
      throw failure;
    }
  };
}

async function reading<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw readingError(error);
  }
}

function readingError(error: unknown): unknown {
  return isClosed(error) ? new ClosedError('The store is closed.', { cause: error }) : error;
}

function isClosed(error: unknown): boolean {
  return hasCode(error, 'LEVEL_DATABASE_NOT_OPEN') || hasCode(error, 'LEVEL_ITERATOR_NOT_OPEN');
}

function openingError(folder: string, error: unknown): OperatorError {
  // abstract-level wraps the error of LevelDB.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (hasCode(cause, 'LEVEL_LOCKED')) {
    return new OperatorError(`The store in ${folder} is in use by another process. Stop that one first.`, {
      cause,
    });
  }
  if (hasCode(cause, 'LEVEL_CORRUPTION') || /corrupt/i.test(messageOf(cause))) {
    return new OperatorError(
      `The store in ${folder} is damaged (${messageOf(cause)}). Restore the folder from a backup, or move it away and import the inventory again.`,
      { cause },
    );
  }
  return new OperatorError(`Cannot open the store in ${folder}: ${diskReason(cause)}`, { cause });
}

/** The reason as a sentence, with the repair where it is known. LevelDB reports system errors only as text. */
function diskReason(error: unknown): string {
  const text = messageOf(error);
  if (/no space left|quota exceeded/i.test(text)) return 'the disk is full. Free some space.';
  if (/permission denied|read-only/i.test(text)) return `${text}. Make the folder writable for this user.`;
  return `${text}.`;
}
