/** Kills a reindex in a process of its own at random moments, and looks at what the next process finds. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { expect } from 'vitest';
import { builtProgram } from '../build-programs.ts';
import { createColourEmbedder } from '../fakes/colour-embedder.ts';
import { createRandom } from '../search/sample-items.ts';
import { countingEmbedder, openShop } from './reindex-child.ts';

const ITEMS = 240;
const ADDED = 80;
const CHANGED = 40;
const REMOVED = 40;
/** Records in work at once: what was computed and not yet kept when the process died, at most. */
const BATCH = 16;

/** Lines that a run prints, about: where in them a kill falls decides which phase it hits. */
const MOMENTS = ['reading', 'embed', 'index', 'commit', 'opening'] as const;
type Moment = (typeof MOMENTS)[number];

export interface KillReport {
  readonly kills: number;
  /** How many fell into which phase, by the last line that the child had printed. */
  readonly phases: Readonly<Record<string, number>>;
  /** Kills after which the old, and the new index served. */
  readonly old: number;
  readonly next: number;
  /** The most pictures that one kill made the next run embed again. */
  readonly embeddedAgain: number;
}

/** @throws (by `expect`) as soon as one kill loses anything. */
export async function killReindexes(kills: number, seed: number): Promise<KillReport> {
  const random = createRandom(seed);
  const root = await mkdtemp(join(tmpdir(), 'kill-reindex-'));
  try {
    const shop = join(root, 'shop');
    await writeShop(shop, 'before');
    const before = await stateAfter(join(root, 'before'), shop, join(root, 'log'));
    const { readAt: beforeReadAt } = await bookkeeping(join(root, 'before'));
    await cp(join(root, 'before'), join(root, 'undisturbed'), { recursive: true });
    await writeShop(shop, 'after');
    const after = await stateAfter(join(root, 'undisturbed'), shop, join(root, 'log'));
    expect(after.ids).not.toEqual(before.ids);

    const phases: Record<string, number> = {};
    let [old, next, embeddedAgain] = [0, 0, 0];
    for (let kill = 0; kill < kills; kill++) {
      const data = join(root, `data-${kill}`);
      const log = join(root, `log-${kill}`);
      let phase: string | undefined;
      // A run may come to its end before its moment; that is no kill.
      while (phase === undefined) {
        await rm(data, { recursive: true, force: true });
        await cp(join(root, 'before'), data, { recursive: true });
        await writeFile(log, '');
        // Each phase in turn, at a random place inside it.
        phase = await killAt(start([data, shop, log]), MOMENTS[kill % MOMENTS.length]!, random);
      }
      phases[phase] = (phases[phase] ?? 0) + 1;

      const found = await stateOf(data);
      const whole = [before, after].find(({ ids }) => JSON.stringify(ids) === JSON.stringify(found.ids));
      expect(found, `serving after kill ${kill} (${phase})`).toEqual(whole);
      if (whole === before) old++;
      else next++;
      const { readAt, run } = await bookkeeping(data);
      if (whole === after) {
        expect(run, `the record after kill ${kill} (${phase})`).toMatchObject({
          outcome: 'finished',
          counts: { added: ADDED, removed: REMOVED, total: ITEMS + ADDED - REMOVED },
        });
        expect(readAt! > beforeReadAt!, `what is known of the source after kill ${kill}`).toBe(true);
      } else {
        expect(readAt).toBe(beforeReadAt);
        // Killed before it had begun, the one before it is the last.
        if (['embed', 'index', 'commit'].includes(phase)) expect(run?.outcome).toBe('interrupted');
      }

      expect(await stateAfter(data, shop, log), `the end after kill ${kill} (${phase})`).toEqual(after);
      const computed = (await readFile(log, 'utf8')).trim().split('\n');
      const again = computed.length - new Set(computed).size;
      expect(new Set(computed).size).toBe(ADDED + CHANGED);
      expect(again, `embedded again after kill ${kill} (${phase})`).toBeLessThanOrEqual(BATCH);
      embeddedAgain = Math.max(embeddedAgain, again);
      await rm(data, { recursive: true });
    }
    return { kills, phases, old, next, embeddedAgain };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

// --- Internal helpers ---

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [builtProgram('test/reindex/reindex-child.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills with SIGKILL somewhere in a phase. @returns the last line printed before, or undefined when it ended by itself. */
async function killAt(
  child: ChildProcess,
  moment: Moment,
  random: () => number,
): Promise<string | undefined> {
  if (!child.stdout) throw new Error('The child has no output.');
  const ended = once(child, 'exit');
  const lines = { embed: ITEMS + ADDED - REMOVED, index: 8 };
  const skip = random() * (moment === 'embed' || moment === 'index' ? lines[moment] : 1);
  let last = 'nothing';
  let seen = 0;
  let killing: Promise<void> | undefined;
  for await (const line of createInterface(child.stdout)) {
    last = line;
    if (killing || line !== moment || ++seen < skip) continue;
    killing = setTimeout(random() * 40).then(() => void child.kill('SIGKILL'));
  }
  await killing;
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return signal === 'SIGKILL' ? last : undefined;
}

/** Imports a shop to the end. @returns what then can be found. */
async function stateAfter(data: string, shop: string, log: string) {
  const { inventory, close } = await openShop(data, countingEmbedder(log));
  await inventory.import(shop);
  await close();
  return stateOf(data);
}

/** What the next process serves: every item with its title and tile, and the neighbours of each. */
async function stateOf(data: string) {
  const { serving, catalogue, pictures, close } = await openShop(data, createColourEmbedder());
  try {
    const index = serving.current();
    if (!index) throw new Error('No index serves.');
    const entries = [...index.entries()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const ids = entries.map(({ id, picture }) => `${id} ${picture}`);
    const items = await catalogue.getMany(entries.map(({ id }) => id));
    const neighbours = [];
    for (const { id, picture } of entries) {
      if (!(await pictures.has(picture))) throw new Error(`The tile of ${id} is missing.`);
      const near = await index.nearest((await index.vector(id))!, 5);
      neighbours.push(near.map(({ similarity }) => similarity.toFixed(5)));
    }
    return { ids, items, neighbours };
  } finally {
    await close();
  }
}

/** What the next process tells of the last run, and of the source. */
async function bookkeeping(data: string) {
  const { inventory, close } = await openShop(data, createColourEmbedder());
  const [run] = await inventory.runs();
  const [source] = (await inventory.sources()).values();
  await close();
  return { run, readAt: source?.readAt };
}

/** A table of pictures; afterwards some are gone, some others came, and some have another picture or another title. */
async function writeShop(folder: string, when: 'before' | 'after'): Promise<void> {
  await mkdir(folder, { recursive: true });
  const isAfter = when === 'after';
  const rows: string[] = [];
  const numbers = isAfter
    ? Array.from({ length: ITEMS + ADDED - REMOVED }, (_, n) => n + REMOVED)
    : Array.from({ length: ITEMS }, (_, n) => n);
  for (const n of numbers) {
    const isChanged = isAfter && n >= REMOVED && n < REMOVED + CHANGED;
    const title = isAfter && n % 3 === 0 ? `New ${n}` : `Item ${n}`;
    rows.push(JSON.stringify({ id: `n${n}`, title, picture: `${n}.jpg` }));
    if (isAfter && !isChanged && n < ITEMS) continue;
    const value = isChanged ? n + 7 : n;
    const background = {
      r: (value * 67 + 20 * Math.floor(value / 256)) % 256,
      g: (value * 131 + (isChanged ? 9 : 0)) % 256,
      b: value % 256,
    };
    const picture = sharp({ create: { width: 30, height: 40, channels: 3, background } });
    await picture.jpeg().toFile(join(folder, `${n}.jpg`));
  }
  await writeFile(join(folder, 'items.jsonl'), rows.join('\n'));
}
