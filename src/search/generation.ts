/**
 * An index on disk. The root folder holds one folder per generation, and the file `current`, which names the current one. All
 * other generations are leftovers. A generation is written once and never changed.
 *
 *     <root>/current              generation-7
 *     <root>/generation-7/        passport.json  vectors.f32  entries.jsonl  index.hnsw
 *
 * Row i is the i-th vector, the i-th line of the entries (`null` for a dead row) and label i of the graph. Rows with identical
 * vectors share one node of the graph, that of the first of them. A node whose rows are all dead is marked as deleted.
 */

import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { hasCode, messageOf, OperatorError } from '../util/errors.ts';
import { type ModelFingerprint, fingerprintDifferences } from '../embed/model.ts';
import { DamagedFileError, readFileChecked, syncFolder, writeFileChecked } from './checked-file.ts';
import type { IndexEntry } from './item-index.ts';
import { createMetadataColumns, type MetadataColumns } from './metadata-columns.ts';

/** The command that builds an index again from the stored embeddings. */
export const REPAIR_COMMAND = 'npm run inventory -- reindex';

export const VECTORS_FILE = 'vectors.f32';
export const ENTRIES_FILE = 'entries.jsonl';
export const GRAPH_FILE = 'index.hnsw';
const MANIFEST_FILE = 'passport.json';
const CURRENT_FILE = 'current';
const GENERATION_NAME = /^generation-(\d{1,15})$/;

const count = z.int().nonnegative();
const facts = z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const manifestSchema = z.object({
  format: z.literal(1),
  createdAt: z.iso.datetime(),
  model: z.object({
    model: z.string(),
    version: z.string(),
    head: z.string(),
    dimension: z.int().positive(),
    weights: z.string(),
    preprocessing: z.string(),
  }),
  /** Living and dead. */
  rows: count,
  /** Living rows. */
  items: count,
  /** Nodes of the graph: rows that are the first ones with their vector. */
  nodes: count,
  /** Nodes that a graph search may miss even for their own vector. Every search compares the query with each of them. */
  strays: z.array(count),
  /**
   * Pairs of duplicate nodes, just enough to connect every group. `from` is the cosine from which nodes count as duplicates.
   * Absent in generations that older versions wrote.
   */
  duplicates: z.object({ from: z.number(), pairs: z.array(z.tuple([count, count])) }).optional(),
  graph: z.object({
    m: z.int().positive(),
    efConstruction: z.int().positive(),
    efSearch: z.int().positive(),
  }),
  /** There is no graph file when there are no nodes. */
  files: z.object({ [VECTORS_FILE]: facts, [ENTRIES_FILE]: facts, [GRAPH_FILE]: facts.optional() }),
});

export type GenerationManifest = Readonly<z.infer<typeof manifestSchema>>;

/** The verified content of a generation, except for its graph. */
export interface GenerationData {
  readonly manifest: GenerationManifest;
  readonly columns: MetadataColumns;
  /** Unit rows in shared memory, `[manifest.rows * manifest.model.dimension]`. */
  readonly vectors: Float32Array;
}

/**
 * The name of the current generation, or undefined when there is no index yet.
 * @throws {OperatorError} when `current` cannot be read or names no generation.
 */
export async function readCurrent(root: string): Promise<string | undefined> {
  const path = join(root, CURRENT_FILE);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new OperatorError(`Cannot read ${path}: ${messageOf(error)}. Check the folder and its owner.`, {
      cause: error,
    });
  });
  if (text === undefined) return undefined;
  const name = text.trim();
  if (!GENERATION_NAME.test(name)) {
    throw new OperatorError(
      `${path} is damaged: expected the name of a generation, got ${text.length} other characters. Run ${REPAIR_COMMAND}.`,
    );
  }
  return name;
}

/** Makes a complete generation the current one. An index changes at this moment and at no other. */
export async function writeCurrent(root: string, name: string): Promise<void> {
  const path = join(root, CURRENT_FILE);
  await rm(`${path}.partial`, { force: true });
  try {
    await writeFileChecked(`${path}.partial`, [Buffer.from(`${name}\n`)]);
    await rename(`${path}.partial`, path);
  } catch (error) {
    await rm(`${path}.partial`, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(root);
}

/** Creates the folder of a generation that is newer than all existing ones. Returns its name. */
export async function createGeneration(root: string): Promise<string> {
  const numbers = (await readdir(root)).map((name) => Number(GENERATION_NAME.exec(name)?.[1] ?? 0));
  const name = `generation-${1 + Math.max(0, ...numbers)}`;
  await mkdir(join(root, name));
  return name;
}

/**
 * Removes every generation but one, and partly written files. A process that has opened an older generation holds it in memory.
 * A process that is just opening it finds it gone, and starts again with the new one.
 */
export async function removeGenerationsExcept(root: string, keep: string | undefined): Promise<void> {
  for (const name of await readdir(root)) {
    const stale = GENERATION_NAME.test(name) ? name !== keep : name === `${CURRENT_FILE}.partial`;
    if (stale) await rm(join(root, name), { recursive: true, force: true });
  }
}

export async function writeManifest(folder: string, manifest: GenerationManifest): Promise<void> {
  await writeFileChecked(join(folder, MANIFEST_FILE), [
    Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  ]);
}

/**
 * Reads a generation and verifies every file but the graph against its manifest.
 * @throws {OperatorError} when it was made by another model (the message names the differences), or is damaged.
 */
export async function readGeneration(folder: string, expected: ModelFingerprint): Promise<GenerationData> {
  const manifest = await readManifest(join(folder, MANIFEST_FILE));
  const differences = fingerprintDifferences(expected, manifest.model);
  if (differences.length > 0) {
    throw new OperatorError(
      `The index ${folder} was made by another model than the one in use (in use -> index): ${differences.join('; ')}. ` +
        `Name that model in MODEL_DIR, or build the index again for the model in use: ${REPAIR_COMMAND}`,
    );
  }
  try {
    const vectors = await readFileChecked(join(folder, VECTORS_FILE), manifest.files[VECTORS_FILE]);
    const entries = await readFileChecked(join(folder, ENTRIES_FILE), manifest.files[ENTRIES_FILE]);
    const columns = createMetadataColumns(await parseEntries(entries), manifest.rows);
    if (
      vectors.length !== manifest.rows * expected.dimension * Float32Array.BYTES_PER_ELEMENT ||
      columns.living.count !== manifest.items
    ) {
      throw new DamagedFileError(
        `${folder} does not hold the ${manifest.items} items that its manifest names.`,
      );
    }
    return { manifest, columns, vectors: new Float32Array(vectors.buffer) };
  } catch (error) {
    if (!(error instanceof DamagedFileError || error instanceof SyntaxError || error instanceof RangeError))
      throw error;
    throw new OperatorError(`${messageOf(error)} The index cannot be used. Run ${REPAIR_COMMAND}.`, {
      cause: error,
    });
  }
}

/** The lines of the entries file, in chunks of a thousand. A dead row is `null`. */
export function* formatEntries(entries: Iterable<IndexEntry | null>): Iterable<Uint8Array> {
  let lines: string[] = [];
  for (const entry of entries) {
    lines.push(
      entry
        ? `${JSON.stringify({ id: entry.id, picture: entry.picture, labels: entry.labels })}\n`
        : 'null\n',
    );
    if (lines.length < 1_000) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  yield Buffer.from(lines.join(''));
}

// --- Internal helpers ---

/** Entries parsed at once, 1 to 2 ms. */
const SLICE = 1_000;

async function readManifest(path: string): Promise<GenerationManifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : messageOf(error);
    throw new OperatorError(`The index manifest ${path} cannot be used: ${reason}. Run ${REPAIR_COMMAND}.`, {
      cause: error,
    });
  }
}

/** Lets other work run between slices, because an index is also opened while people wait for answers. */
async function parseEntries(bytes: Uint8Array): Promise<(IndexEntry | null)[]> {
  const buffer = Buffer.from(bytes.buffer);
  const entries: (IndexEntry | null)[] = [];
  for (let start = 0; start < buffer.length;) {
    const end = buffer.indexOf(10, start);
    if (end < 0) throw new RangeError('The last entry is cut off.');
    const length = entries.push(JSON.parse(buffer.toString('utf8', start, end)) as IndexEntry | null);
    if (length % SLICE === 0) await setImmediate();
    start = end + 1;
  }
  return entries;
}
