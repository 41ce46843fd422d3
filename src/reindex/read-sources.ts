/** Reads every record of the sources, many at once, and hands each item on with its picture. */

import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { InputError, messageOf, OperatorError } from '../util/errors.ts';
import { type Item, itemSchema } from '../catalogue/item.ts';
import type { PauseGate } from './pause-gate.ts';
import type { Rejection } from './rejections.ts';
import type { ItemRecord, Source, SourceRecord } from '../sources/source.ts';
import { withTimeout } from '../util/with-timeout.ts';

/** A usable item and its row: the number of its record, rising in the order of the sources, with gaps for unusable ones. */
export interface Row {
  readonly item: Item;
  readonly row: number;
}

export interface Reading {
  /** Ids that are already taken, with the source that has each. */
  readonly owners: ReadonlyMap<string, string>;
  /** Row of the first record. */
  readonly firstRow: number;
  /**
   * Called for each item. An `InputError` rejects the item because of its picture; any other error ends the reading.
   * @param bytes undefined when they were not read, because `isKnown` returned true.
   */
  readonly onItem: (item: Item, bytes: Uint8Array | undefined, row: number) => Promise<void>;
  /** Whether an item with this picture can be handled without the bytes of the picture. */
  readonly isKnown: (id: string, picture: string) => Promise<boolean>;
  readonly onRecord: (progress: { readonly done: number; readonly total: number }) => void;
  readonly pause: PauseGate | undefined;
  readonly signal: AbortSignal | undefined;
  /** A source that does not answer for longer than this is given up, in milliseconds. */
  readonly patienceMs: number;
}

export interface SourcesRead {
  /** In the order of the sources, so that the same sources always produce the same index. */
  readonly rows: Row[];
  /** By source; the list is empty when everything could be used. */
  readonly rejected: ReadonlyMap<string, Rejection[]>;
}

/** Records in progress at once: enough to keep every core busy while some wait for the disk, few enough to save memory. */
const CONCURRENT_RECORDS = 16;

/** @throws {OperatorError} when a source stops answering or a disk fails; the signal's reason when it aborts. */
export async function readSources(sources: readonly Source[], reading: Reading): Promise<SourcesRead> {
  const { signal, pause, onRecord } = reading;
  const rows: Row[] = [];
  const rejected = new Map(sources.map((source): [string, Rejection[]] => [source.name, []]));
  const total = sources.reduce((sum, source) => sum + source.count, 0);
  /** Ids are unique in the whole inventory: the source that had an id first keeps it. */
  const owners = new Map(reading.owners);
  let done = 0;
  let nextRow = reading.firstRow;

  async function readItem(record: ItemRecord, source: string, row: number): Promise<void> {
    const owner = owners.get(record.item.id);
    if (owner !== undefined) {
      throw new UnusableError(`id "${record.item.id}" is already taken by source "${owner}"`);
    }
    owners.set(record.item.id, source);
    try {
      const { bytes, picture } = await readPicture(record, source, reading);
      const item = itemSchema.parse({ ...record.item, picture, source });
      await reading.onItem(item, bytes, row);
      rows.push({ item, row });
    } catch (error) {
      owners.delete(record.item.id);
      throw error;
    }
  }

  async function handleRecord(record: SourceRecord, source: string, row: number): Promise<void> {
    const reject = (reason: string): void => {
      rejected.get(source)?.push({ where: record.where, reason, ...namesOf(record), source });
    };
    await pause?.wait(signal);
    try {
      if (record.kind === 'rejected') reject(record.reason);
      else await readItem(record, source, row);
    } catch (error) {
      // A bad picture only rejects its own item; a full disk, a dead engine or a cancelled run ends everything.
      if (signal?.aborted || !(error instanceof UnusableError || error instanceof InputError)) throw error;
      reject(error instanceof InputError ? (error.ofItem ?? error.message) : error.message);
    } finally {
      onRecord({ done: ++done, total });
    }
  }

  const inProgress = new Set<Promise<void>>();
  try {
    for (const source of sources) {
      let failure: { readonly error: unknown } | undefined;
      // p-map 7 may treat a stream that fails as one that ended, so the failure is reported separately.
      const records = recordsOf(source, reading, (error) => (failure = { error }));
      await pMap(
        records,
        async (record) => {
          const work = handleRecord(record, source.name, nextRow++);
          inProgress.add(work);
          await work.finally(() => inProgress.delete(work));
        },
        { concurrency: CONCURRENT_RECORDS, ...(signal && { signal }) },
      );
      if (failure) throw failure.error;
    }
  } finally {
    // p-map rejects at once, while records in progress still write to the store, which must not be closed before they end.
    await Promise.allSettled(inProgress);
  }
  rows.sort((a, b) => a.row - b.row);
  return { rows, rejected };
}

// --- Internal helpers ---

function namesOf(record: SourceRecord): Pick<Rejection, 'id' | 'title' | 'link'> {
  const { id, title, link } = record.kind === 'item' ? record.item : record;
  return {
    ...(id !== undefined && { id }),
    ...(title !== undefined && { title }),
    ...(link !== undefined && { link }),
  };
}

/** Only this record cannot be used; the reading goes on. */
class UnusableError extends Error {}

async function readPicture(
  record: ItemRecord,
  source: string,
  { isKnown, patienceMs, signal }: Reading,
): Promise<{ readonly bytes: Uint8Array | undefined; readonly picture: string }> {
  const read = async () =>
    record.readIfChanged?.((picture) => isKnown(record.item.id, picture)) ?? record.read();
  try {
    signal?.throwIfAborted();
    const late = sourceTimeout(source, patienceMs, record.where);
    const answer = await withTimeout(read(), { ms: patienceMs, signal, late });
    return answer instanceof Uint8Array
      ? { bytes: answer, picture: createHash('sha256').update(answer).digest('hex') }
      : { bytes: undefined, picture: answer.digest };
  } catch (error) {
    if (signal?.aborted || error instanceof OperatorError) throw error;
    throw new UnusableError(messageOf(error), { cause: error });
  }
}

/** The records of a source, each within the time limit. Ends early after calling `onFailure`. A source that hangs is abandoned. */
async function* recordsOf(
  source: Source,
  { patienceMs, signal }: Reading,
  onFailure: (error: unknown) => void,
): AsyncGenerator<SourceRecord, void> {
  const records = source.records()[Symbol.asyncIterator]();
  let last = 'its first record';
  try {
    for (;;) {
      const late = sourceTimeout(source.name, patienceMs, `the record after ${last}`);
      signal?.throwIfAborted();
      const next: Promise<IteratorResult<SourceRecord, unknown>> = records.next();
      const step = await withTimeout(next, { ms: patienceMs, signal, late });
      if (step.done) return;
      last = step.value.where;
      yield step.value;
    }
  } catch (error) {
    onFailure(error);
  } finally {
    // Not awaited, because a generator that hangs does not return either.
    records.return?.().catch(() => undefined);
  }
}

function sourceTimeout(source: string, patienceMs: number, where: string): () => OperatorError {
  return () =>
    new OperatorError(
      `The source "${source}" did not answer for ${patienceMs / 1000} s, at ${where}. The inventory was left as it was; ` +
        'finished embeddings are kept. Check the disk or the server that holds the source, then run the command again.',
    );
}
