/**
 * Builds an index over and over until it is killed, or once: `build-child FOLDER [once]`.
 * Prints a line a step, and how each build ended.
 */

import { messageOf } from '../../src/util/errors.ts';
import { buildIndex } from '../../src/search/index-builder.ts';
import { createSample, joinRows, range, sampleFingerprint } from './sample-items.ts';

/** The two states that builds alternate between: most rows stay, a hundred leave, a hundred come. */
export const STATES = [range(0, 1_500), range(100, 1_600)] as const;
export const DIMENSION = 32;

export function stateOf(rows: readonly number[]): ReturnType<typeof joinRows> {
  return joinRows([{ sample: createSample(1_600, DIMENSION), rows }]);
}

const [script, folder, once] = process.argv.slice(1);
if (script?.includes('build-child') && folder) {
  const states = STATES.map(stateOf);
  for (let build = 0; build === 0 || once === undefined; build++) {
    const { entries, vectors } = states[build % 2] ?? stateOf(STATES[0]);
    try {
      const result = await buildIndex({
        folder,
        fingerprint: sampleFingerprint(DIMENSION),
        entries,
        vectors,
        onProgress: () => process.stdout.write('step\n'),
      });
      process.stdout.write(`${result.kind}\n`);
    } catch (error) {
      process.stdout.write(`${error instanceof Error ? error.name : ''}: ${messageOf(error)}\n`);
    }
  }
}
