/** The command line of npm run train. */

import { resolve } from 'node:path';
import { parseOptions, wholeNumber } from '../parse-options.ts';
import { UsageError } from '../run-command-line.ts';
import { HEAD_NAMES, type HeadName, LABEL_WEIGHTS } from './labelled-items.ts';
import type { TrainingSettings } from './run-training.ts';

export const USAGE = `Usage: npm run train -- [options]

  --minutes N       how long the training may take (default 60), or
  --steps N         how many steps it takes
  --data FOLDER     fashion-product-images-{small,225x300,224-square}.zip (default ../shared/data)
  --base FOLDER     the model to start from (default: MODEL_DIR, else the model that ships)
  --frozen-until V  the value inside the model up to which nothing is trained (default block7.project)
  --out FOLDER      for the checkpoints and the finished model (default data/training)
  --name NAME       name of the new model (default fashion-lite2)
  --batch N         items per step (default 64)
  --seed N          seed of all random numbers (default 1)
  --validate-every N, --save-every N
                    steps between two validations (default 250) and two checkpoints (default 50)
  --side N          side of the training squares in pixels (default 128), and
  --last-side N     for the last eighth of the run (default: the model's input side)
  --rate X          highest learning rate, that of the classifiers (default 0.002)
  --weights L=W,... how much the loss of a label counts, 0 and more
                    (default ${weightsAsText(LABEL_WEIGHTS)})
  --crops N         also learn from N crops of outfit-photos.zip per step (default 0: from the items alone)
  --finder FOLDER   the finder whose boxes are cropped beside the true ones (default: the one that ships)
  --validation N    number of validation pictures during training (default 1000); npm run evaluate uses all

You can stop the training at any moment, even with kill -9: the same command continues from the last checkpoint.
Training needs TensorFlow: npm run setup:tensorflow.`;

/** Validations without a better score before the run ends. */
const PATIENCE = 8;

export type TrainingCall = ReturnType<typeof parseTraining>;

/** @throws {UsageError} for unknown options and invalid values. */
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
      crops: text,
      finder: text,
    },
  });
  const number = (name: keyof typeof values, fallback: number): number =>
    values[name] === undefined ? fallback : wholeNumber(`--${name}`, values[name]);
  const settings: TrainingSettings = {
    length: values.steps === undefined ? { minutes: number('minutes', 60) } : { steps: number('steps', 1) },
    batch: Math.max(2, number('batch', 64)), // the contrastive loss needs a second item
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
    crops: values.crops === undefined || values.crops === '0' ? 0 : number('crops', 1),
    finder: values.finder === undefined ? undefined : resolve(values.finder),
    settings,
  };
}

// --- Internal helpers ---

function rateIn(value = '0.002'): number {
  const rate = Number(value);
  if (!(rate > 0 && rate < 1))
    throw new UsageError(`--rate: expected a number between 0 and 1, exclusive, got "${value}".`);
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
