/** Writes the files of a generation as planned. It does not make the generation current. */

import { copyFile, link } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFingerprint } from '../embed/model.ts';
import { syncFile, syncFolder, writeFileChecked } from './checked-file.ts';
import {
  ENTRIES_FILE,
  formatEntries,
  type GenerationData,
  type GenerationManifest,
  GRAPH_FILE,
  VECTORS_FILE,
  writeManifest,
} from './generation.ts';
import { buildGraph, GRAPH_PARAMETERS, type GraphBuildOptions } from './graph-builder.ts';
import { checkGraphFile } from './hnsw-file.ts';
import type { IndexUpdatePlan } from './index-update-plan.ts';
import { groupDuplicates } from './duplicate-groups.ts';
import { firstIdentical } from './vectors.ts';

/** A complete generation to update. */
export interface PreviousGeneration extends GenerationData {
  readonly name: string;
  readonly folder: string;
}

export interface WriteGenerationOptions extends GraphBuildOptions {
  readonly fingerprint: ModelFingerprint;
  /** Unit rows of all items, in the order in which they were planned. */
  readonly vectors: Float32Array;
  readonly duplicateFrom?: number;
}

/**
 * @param folder an empty folder for this generation.
 * @param previous the generation that the plan updates; not needed when its kind is `built`.
 * @throws {DamagedFileError} when the graph was not written completely.
 */
export async function writeGeneration(
  folder: string,
  options: WriteGenerationOptions,
  plan: IndexUpdatePlan,
  previous: PreviousGeneration | undefined,
): Promise<void> {
  const entries = await writeFileChecked(join(folder, ENTRIES_FILE), formatEntries(plan.rows));
  const { files, ...search } =
    previous && plan.kind === 'relabelled'
      ? await reuseSearchFiles(folder, previous)
      : await writeSearchFiles(folder, options, plan, plan.kind === 'revised' ? previous : undefined);
  await writeManifest(folder, {
    format: 1,
    createdAt: new Date().toISOString(),
    model: { ...options.fingerprint },
    rows: plan.rows.length,
    items: plan.rows.filter((entry) => entry !== null).length,
    ...search,
    graph: { ...GRAPH_PARAMETERS },
    files: { ...files, [ENTRIES_FILE]: entries },
  });
  await syncFolder(folder);
}

// --- Internal helpers ---

/** The part of a manifest that describes vectors and graph, without the entries. */
interface SearchFiles extends Pick<GenerationManifest, 'nodes' | 'strays' | 'duplicates'> {
  readonly files: Omit<GenerationManifest['files'], typeof ENTRIES_FILE>;
}

async function reuseSearchFiles(folder: string, previous: PreviousGeneration): Promise<SearchFiles> {
  const { files, nodes, strays, duplicates } = previous.manifest;
  await reuseFile(VECTORS_FILE, previous.folder, folder);
  if (files[GRAPH_FILE]) await reuseFile(GRAPH_FILE, previous.folder, folder);
  return { files, nodes, strays, duplicates };
}

async function writeSearchFiles(
  folder: string,
  options: WriteGenerationOptions,
  plan: IndexUpdatePlan,
  base: PreviousGeneration | undefined,
): Promise<SearchFiles> {
  const { dimension } = options.fingerprint;
  const { duplicateFrom = 1 } = options;
  const vectors = assembleVectors(options, plan, base);
  // Written before the graph, which takes long, so that a full disk is noticed at once.
  const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  const vectorsFacts = await writeFileChecked(join(folder, VECTORS_FILE), [bytes]);
  const { nodes, deleted } = nodesOf(firstIdentical(vectors, dimension), (row) => plan.rows[row] !== null);
  if (nodes.length === 0) {
    const duplicates = { from: duplicateFrom, pairs: [] };
    return { files: { [VECTORS_FILE]: vectorsFacts }, nodes: 0, strays: [], duplicates };
  }

  const path = join(folder, GRAPH_FILE);
  const graph = base && graphOf(base, dimension);
  const add = nodes.filter((row) => row >= plan.kept);
  const removed = new Set(deleted);
  const { duplicates } = base?.manifest ?? {};
  const known = duplicates?.from === duplicateFrom ? duplicates.pairs : undefined;
  // All other nodes were probed when they were added. Duplicates of a removed node are probed again, because the pair that
  // connected them to each other may be gone.
  const orphaned = known?.filter(([a, b]) => removed.has(a) !== removed.has(b)).flat() ?? [];
  const affected = new Set([
    ...(base?.manifest.strays ?? []),
    ...(graph?.deleted ?? []),
    ...orphaned,
    ...add,
  ]);
  const probe = Int32Array.from(known || !base ? affected : nodes).filter((row) => !removed.has(row));
  const task = {
    dimension,
    vectors,
    ...(graph && { base: graph }),
    add,
    deleted,
    probe,
    duplicateFrom,
    output: path,
  };
  const found = await buildGraph(task, options);
  const pairs = [
    ...(known ?? []).filter(([a, b]) => !removed.has(a) && !removed.has(b)),
    ...pairsOf(found.duplicates),
  ];
  await checkGraphFile(path, { dimension, nodes: nodes.length, ...GRAPH_PARAMETERS });
  return {
    files: { [VECTORS_FILE]: vectorsFacts, [GRAPH_FILE]: await syncFile(path) },
    nodes: nodes.length,
    strays: found.strays,
    duplicates: { from: duplicateFrom, pairs: groupDuplicates(pairs).pairs },
  };
}

function pairsOf(flat: readonly number[]): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? 0, flat[2 * at + 1] ?? 0]);
}

/** All rows of the next generation in shared memory: the kept ones, then the new ones. */
function assembleVectors(
  { vectors, fingerprint }: WriteGenerationOptions,
  { kept, appended }: IndexUpdatePlan,
  base: PreviousGeneration | undefined,
): Float32Array {
  const { dimension } = fingerprint;
  if (!base && vectors.buffer instanceof SharedArrayBuffer) return vectors;
  const all = new Float32Array(
    new SharedArrayBuffer((kept + appended.length) * dimension * Float32Array.BYTES_PER_ELEMENT),
  );
  if (base) all.set(base.vectors);
  for (const [index, position] of appended.entries()) {
    all.set(vectors.subarray(position * dimension, (position + 1) * dimension), (kept + index) * dimension);
  }
  return all;
}

/** The rows that are nodes of the graph, and those nodes that no living row needs. */
function nodesOf(
  firstIdenticalRow: Int32Array,
  isLiving: (row: number) => boolean,
): { nodes: Int32Array; deleted: Int32Array } {
  const needed = new Uint8Array(firstIdenticalRow.length);
  for (const [row, node] of firstIdenticalRow.entries()) if (isLiving(row)) needed[node] = 1;
  const nodes = firstIdenticalRow.filter((node, row) => node === row);
  return { nodes, deleted: nodes.filter((node) => needed[node] === 0) };
}

function graphOf(
  { folder, manifest, columns, vectors }: PreviousGeneration,
  dimension: number,
): { path: string; nodes: number; deleted: Int32Array } {
  const { deleted } = nodesOf(firstIdentical(vectors, dimension), (row) => columns.living.mask[row] === 1);
  return { path: join(folder, GRAPH_FILE), nodes: manifest.nodes, deleted };
}

/** Puts a file in a second folder: as a hard link if the file system can, otherwise as a synced copy. */
async function reuseFile(name: string, from: string, to: string): Promise<void> {
  try {
    await link(join(from, name), join(to, name));
  } catch {
    await copyFile(join(from, name), join(to, name));
    await syncFile(join(to, name));
  }
}
