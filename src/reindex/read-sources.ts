/** Reads every record of some sources, many at once, and hands each picture on. */

import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { InputError, messageOf, OperatorError } from '../util/errors.ts';
import { type Item, itemSchema } from '../catalogue/item.ts';
import type { PauseGate } from './pause-gate.ts';
import type { ItemRecord, Source, SourceRecord } from '../sources/source.ts';
import { withTimeout } from '../util/with-timeout.ts';

export interface Rejection {
  /** Where in the source, for example `styles.csv row 17`. */
  readonly where: string;
  readonly reason: string;
}

/** An item that made it, and the number of its record: rising in the order of the sources, with gaps. */
export interface Row {
  readonly item: Item;
  readonly row: number;
}

export interface Reading {
  /** Ids that are taken already, by the source that has them. */
  readonly owners: ReadonlyMap<string, string>;
  /** Number of the first record. */
  readonly first: number;
  /**
   * What to do with a picture. An `InputError` says that it cannot be used; any other error ends the reading.
   * @param bytes undefined: they were not read, because `isKnown` said that they are not needed.
   */
  readonly take: (item: Item, bytes: Uint8Array | undefined, row: number) => Promise<void>;
  /** Whether an item with this picture can be had without the picture's bytes. */
  readonly isKnown: (id: string, picture: string) => Promise<boolean>;
  readonly onRecord: (progress: { readonly done: number; readonly total: number }) => void;
  readonly pause: PauseGate | undefined;
  readonly signal: AbortSignal | undefined;
  /** A source that is silent for longer than this is given up, in milliseconds. */
  readonly patienceMs: number;
}

export interface SourcesRead {
  /** In the order of the sources, so that the same sources always give the same index. */
  readonly rows: Row[];
  /** By source; an empty list where everything could be used. */
  readonly rejected: ReadonlyMap<string, Rejection[]>;
}

/** Records in work at once: enough to keep every core busy while some wait for the disk, few enough to stay small. */
const IN_FLIGHT = 16;

/** @throws {OperatorError} when a source falls silent or a disk refuses; the signal's reason when it aborts. */
export async function readSources(sources: readonly Source[], reading: Reading): Promise<SourcesRead> {
  const { signal, pause, onRecord } = reading;
  const rows: Row[] = [];
  const rejected = new Map(sources.map((source): [string, Rejection[]] => [source.name, []]));
  const total = sources.reduce((sum, source) => sum + source.count, 0);
  /** Ids are unique over the whole inventory: who came first keeps an id. */
  const owners = new Map(reading.owners);
  let done = 0;
  let next = reading.first;

  async function take(record: ItemRecord, source: string, row: number): Promise<void> {
    const owner = owners.get(record.item.id);
    if (owner !== undefined) {
      throw new UnusableError(`id "${record.item.id}" is already taken by source "${owner}"`);
    }
    owners.set(record.item.id, source);
    try {
      const { bytes, picture } = await readPicture(record, source, reading);
      const item = itemSchema.parse({ ...record.item, picture, source });
      await reading.take(item, bytes, row);
      rows.push({ item, row });
    } catch (error) {
      owners.delete(record.item.id);
      throw error;
    }
  }

  async function settle(record: SourceRecord, source: string, row: number): Promise<void> {
    const reject = (reason: string): void => {
      rejected.get(source)?.push({ where: record.where, reason });
    };
    await pause?.wait(signal);
    try {
      if (record.kind === 'rejected') reject(record.reason);
      else await take(record, source, row);
    } catch (error) {
      // What is wrong with one picture stops nothing else; a full disk, a dead engine or a cancelled run stops everything.
      if (signal?.aborted || !(error instanceof UnusableError || error instanceof InputError)) throw error;
      reject(error.message);
    } finally {
      onRecord({ done: ++done, total });
    }
  }

  const inWork = new Set<Promise<void>>();
  try {
    for (const source of sources) {
      let failure: { readonly error: unknown } | undefined;
      // p-map 7 may take a stream that fails for one that ended, so the failure goes beside it.
      const records = recordsOf(source, reading, (error) => (failure = { error }));
      await pMap(
        records,
        async (record) => {
          const work = settle(record, source.name, next++);
          inWork.add(work);
          await work.finally(() => inWork.delete(work));
        },
        { concurrency: IN_FLIGHT, ...(signal && { signal }) },
      );
      if (failure) throw failure.error;
    }
  } finally {
    // p-map rejects at once; what is in work still writes, and nobody may close a store under it.
    await Promise.allSettled(inWork);
  }
  rows.sort((a, b) => a.row - b.row);
  return { rows, rejected };
}

// --- Internal helpers ---

/** This record cannot be used, and no other is to blame for it. */
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
    const late = silent(source, patienceMs, record.where);
    const answer = await withTimeout(read(), { ms: patienceMs, signal, late });
    return answer instanceof Uint8Array
      ? { bytes: answer, picture: createHash('sha256').update(answer).digest('hex') }
      : { bytes: undefined, picture: answer.digest };
  } catch (error) {
    if (signal?.aborted || error instanceof OperatorError) throw error;
    throw new UnusableError(messageOf(error), { cause: error });
  }
}

/** The source's records, each within the limit; ends early when `onFailure` is called. A source that hangs is left where it hangs. */
async function* recordsOf(
  source: Source,
  { patienceMs, signal }: Reading,
  onFailure: (error: unknown) => void,
): AsyncGenerator<SourceRecord, void> {
  const records = source.records()[Symbol.asyncIterator]();
  let last = 'its first record';
  try {
    for (;;) {
      const late = silent(source.name, patienceMs, `the record after ${last}`);
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
    // Not waited for: a generator that hangs does not return either.
    records.return?.().catch(() => undefined);
  }
}

function silent(source: string, patienceMs: number, where: string): () => OperatorError {
  return () =>
    new OperatorError(
      `The source "${source}" did not answer for ${patienceMs / 1000} s, at ${where}. The inventory was left as it was; ` +
        'what was embedded is kept. Check the disk or the server that holds it, then run the same again.',
    );
}
