/** What a training was asked for at the command line. */

import { resolve } from 'node:path';
import { parseOptions, wholeNumber } from '../parse-options.ts';
import { UsageError } from '../run-command-line.ts';
import { HEAD_NAMES, type HeadName, LABEL_WEIGHTS } from './labelled-items.ts';
import type { TrainingSettings } from './run-training.ts';

export const USAGE = `Usage: npm run train -- [options]

  --minutes N       how long it may take (default 60); --steps N instead: how many steps
  --data FOLDER     fashion-product-images-{small,225x300,224-square}.zip (default ../shared/data)
  --base FOLDER     the model to begin with (default: MODEL_DIR, else the one that ships)
  --frozen-until V  the value inside of it up to which nothing is trained (default block7.project)
  --out FOLDER      checkpoints, and the model when it is done (default data/training)
  --name NAME       of the model (default fashion-lite2)
  --batch N, --seed N, --validate-every N, --save-every N (64, 1, 250, 50)
  --side N          pixels of the squares to train on (default 128), and
  --last-side N     for the last eighth of the run (default: what the model is used with)
  --rate X          highest learning rate, that of the classifiers (default 0.002)
  --weights L=W,... how much the loss of a label counts, 0 and more
                    (default ${weightsAsText(LABEL_WEIGHTS)})
  --validation N    pictures that are looked at while training (1000); evaluate looks at all

Stop it at any moment, even with kill -9; the same command goes on from the last checkpoint.
It needs TensorFlow: npm run setup:tensorflow.`;

const PATIENCE = 8;

/** @throws {UsageError} for what a training does not take. */
export function parseTraining(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseOptions({
    args,
    options: {
      minutes: text,
      steps: text,
      data: text,
      base: text,
      'frozen-until': text,
      out: text,
      name: text,
      batch: text,
      side: text,
      'last-side': text,
      rate: text,
      weights: text,
      seed: text,
      'validate-every': text,
      'save-every': text,
      validation: text,
    },
  });
  const number = (name: keyof typeof values, fallback: number): number =>
    values[name] === undefined ? fallback : wholeNumber(`--${name}`, values[name]);
  const settings: TrainingSettings = {
    length: values.steps === undefined ? { minutes: number('minutes', 60) } : { steps: number('steps', 1) },
    batch: Math.max(2, number('batch', 64)), // one item alone has nobody to be told from
    seed: number('seed', 1),
    validateEvery: number('validate-every', 250),
    saveEvery: number('save-every', 50),
    patience: PATIENCE,
    rate: rateIn(values.rate),
  };
  return {
    data: resolve(values.data ?? '../shared/data'),
    base: values.base === undefined ? undefined : resolve(values.base),
    frozenUntil: values['frozen-until'] ?? 'block7.project',
    out: resolve(values.out ?? 'data/training'),
    name: values.name ?? 'fashion-lite2',
    side: number('side', 128),
    lastSide: values['last-side'] === undefined ? undefined : number('last-side', 1),
    labelWeights: weightsIn(values.weights),
    validationItems: number('validation', 1000),
    settings,
  };
}

// --- Internal helpers ---

function rateIn(value = '0.002'): number {
  const rate = Number(value);
  if (!(rate > 0 && rate < 1))
    throw new UsageError(`--rate: expected a number over 0 and under 1, got "${value}".`);
  return rate;
}

function weightsAsText(weights: typeof LABEL_WEIGHTS): string {
  return HEAD_NAMES.map((head) => `${head}=${weights[head]}`).join();
}

/** Labels that are not named keep their weight. */
function weightsIn(value = ''): typeof LABEL_WEIGHTS {
  const weights: Record<HeadName, number> = { ...LABEL_WEIGHTS };
  for (const part of value.split(',').filter(Boolean)) {
    const [name, text = ''] = part.split('=', 2);
    const head = HEAD_NAMES.find((known) => known === name);
    const weight = Number(text);
    if (!head || text === '' || !(weight >= 0 && weight < Infinity))
      throw new UsageError(
        `--weights: expected LABEL=WEIGHT with one of ${HEAD_NAMES.join(', ')} and a number of 0 or more, got "${part}".`,
      );
    weights[head] = weight;
  }
  return weights;
}
