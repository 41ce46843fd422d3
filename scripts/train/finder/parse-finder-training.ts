/** What a training of the finder was asked for at the command line. */

import { resolve } from 'node:path';
import { parseOptions, wholeNumber } from '../../parse-options.ts';
import { UsageError } from '../../run-command-line.ts';
import type { FinderSettings } from './run-finder-training.ts';

export const FINDER_USAGE = `Usage: npm run train -- --task finder [options]

  --steps N         how many steps it takes (default 3000)
  --data FOLDER     outfit-photos.zip, and fashion-product-images-{small,225x300,224-square}.zip for products alone
                    (default ../shared/data)
  --base FOLDER     the model whose backbone it begins with (default: efficientnet-lite2 beside those that ship)
  --from FOLDER     a finder whose weights it goes on with, instead of a new decoder
  --frozen-until V  the value inside of it up to which nothing is trained (default block3.sum)
  --out FOLDER      checkpoints, and the model when it is done (default data/finder-training)
  --name NAME       of the model (default finder-lite2)
  --batch N, --seed N, --validate-every N, --save-every N (12, 1, 150, 50)
  --side N          pixels of the squares that photos are squashed to while most is learned (default 256), and
  --last-side N     for the last quarter of the run and when it is used (default 320); multiples of 32
  --rate X          highest learning rate, that of the decoder (default 0.002)

Stop it at any moment, even with kill -9; the same command goes on from the last checkpoint.
It needs TensorFlow: npm run setup:tensorflow.`;

const PATIENCE = 8;
/** The backbone's coarsest map has one cell for so many pixels. */
const COARSEST = 32;

/** @throws {UsageError} for what a training does not take. */
export function parseFinderTraining(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseOptions({
    args,
    options: {
      steps: text,
      data: text,
      base: text,
      from: text,
      'frozen-until': text,
      out: text,
      name: text,
      batch: text,
      seed: text,
      'validate-every': text,
      'save-every': text,
      side: text,
      'last-side': text,
      rate: text,
    },
  });
  const number = (name: keyof typeof values, fallback: number): number =>
    values[name] === undefined ? fallback : wholeNumber(`--${name}`, values[name]);
  const side = sideIn('side', number('side', 256));
  const lastSide = sideIn('last-side', number('last-side', 320));
  const rate = Number(values.rate ?? '0.002');
  if (!(rate > 0 && rate < 1)) {
    throw new UsageError(`--rate: expected a number over 0 and under 1, got "${values.rate ?? ''}".`);
  }
  const settings: FinderSettings = {
    steps: number('steps', 3000),
    batch: number('batch', 12),
    seed: number('seed', 1),
    validateEvery: number('validate-every', 150),
    saveEvery: number('save-every', 50),
    patience: PATIENCE,
    rate,
  };
  return {
    data: resolve(values.data ?? '../shared/data'),
    base: values.base === undefined ? undefined : resolve(values.base),
    from: values.from === undefined ? undefined : resolve(values.from),
    frozenUntil: values['frozen-until'] ?? 'block3.sum',
    out: resolve(values.out ?? 'data/finder-training'),
    name: values.name ?? 'finder-lite2',
    side,
    lastSide,
    settings,
  };
}

// --- Internal helpers ---

function sideIn(name: string, side: number): number {
  if (side % COARSEST === 0) return side;
  throw new UsageError(`--${name}: expected a multiple of ${COARSEST}, got ${side}.`);
}
