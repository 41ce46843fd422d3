import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtProgram } from '../build-programs.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { buildIndex } from '../../src/search/index-builder.ts';
import type { ItemIndex } from '../../src/search/item-index.ts';
import { recallAtK } from '../../src/search/recall.ts';
import { DIMENSION, STATES, stateOf } from './build-child.ts';
import { createSample, sampleFingerprint } from './sample-items.ts';

const CHILD = builtProgram('test/search/build-child.ts');
const fingerprint = sampleFingerprint(DIMENSION);

describe('building an index', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'index-crash-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const open = (): Promise<ItemIndex | undefined> =>
    openHnswIndex({ folder, fingerprint, logger: createLogger('silent') });

  /** Kills the child after it has printed so many lines and then run on for so long. */
  async function killAfter(child: ChildProcess, lines: number, milliseconds: number): Promise<void> {
    if (!child.stdout) throw new Error('The child has no output.');
    let seen = 0;
    for await (const line of createInterface(child.stdout)) {
      expect(line).not.toMatch(/Error/);
      if (++seen < lines) continue;
      await setTimeout(milliseconds);
      break;
    }
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
  }

  /** The index must be one of the two states, whole. Says how many items it has, 0 for no index. */
  async function expectWhole(): Promise<number> {
    const index = await open();
    if (!index) return 0;
    const ids = new Set([...index.entries()].map(({ id }) => id));
    const state = STATES.map(stateOf).find(({ entries }) => entries.every(({ id }) => ids.has(id)));
    if (!state) throw new Error('The index holds a mixture of two states.');
    expect(index.size).toBe(state.entries.length);
    const truth = createExactIndex({ fingerprint, ...state, createdAt: new Date() });
    const { queries } = createSample(1_600, DIMENSION);
    expect(await recallAtK(index, truth, queries, 5)).toBeGreaterThanOrEqual(0.995);
    const { size } = index;
    await index.close();
    return size;
  }

  it('survives kill -9 at any moment with an index that can be opened', async () => {
    const found: number[] = [];
    let leftovers = 0;
    // Lines are steps: about 48 for a build from nothing, 4 for a revision. The first moments come before any index exists.
    for (const [lines, milliseconds] of [
      [1, 0],
      [20, 3],
      [47, 7],
      [49, 1],
      [51, 0],
      [2, 25],
      [6, 11],
      [13, 40],
      [30, 5],
    ] as const) {
      const child = spawn(process.execPath, [CHILD, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await killAfter(child, lines, milliseconds);
      leftovers += (await readdir(folder)).filter((name) => name.startsWith('generation-')).length;
      found.push(await expectWhole());
      leftovers -= found.at(-1) ? 1 : 0;
    }
    expect(leftovers, 'builds that were killed halfway').toBeGreaterThan(0);
    expect(found.at(-1)).toBeGreaterThan(0);

    const { entries, vectors } = stateOf(STATES[0].slice(0, 700));
    await buildIndex({ folder, fingerprint, entries, vectors });
    expect((await readdir(folder)).sort()).toEqual(['current', expect.stringMatching(/^generation-\d+$/)]);
    const index = await open();
    expect(index?.size).toBe(700);
    await index?.close();
  }, 120_000);

  it.skipIf(process.platform === 'win32').each([
    // The files of 1,500 items: entries 300 kB, vectors 192 kB, graph 405 kB.
    ['while the entries are written', 100, /EFBIG.*ulimit/],
    ['while hnswlib writes the graph, which it does not notice', 350, /cut short.*disk is full/],
  ])('says so when files cannot grow %s, and changes nothing', async (_, kilobytes, message) => {
    const { entries, vectors } = stateOf(STATES[1]);
    const before = await buildIndex({ folder, fingerprint, entries, vectors });
    const files = await readdir(folder);
    const child = spawn(
      'bash',
      ['-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', process.execPath, CHILD, folder, 'once'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toMatch(/^OperatorError: .*The index that was there before is unchanged/m);
    expect(output).toMatch(message);
    expect(await readdir(folder)).toEqual(files);
    expect(before.generation).toBe('generation-1');
    expect(await expectWhole()).toBe(1_500);
  });
});
