/** What a training was asked for at the command line. */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, OperatorError } from '../../src/errors.ts';
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

/** @throws {OperatorError} with the usage. */
export function parseTraining(args: string[]) {
  const text = { type: 'string' } as const;
  let values;
  try {
    values = parseArgs({
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
    }).values;
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}\n\n${USAGE}`);
  }
  const number = (value: string | undefined, fallback: number): number => {
    const result = value === undefined ? fallback : Number(value);
    if (!Number.isInteger(result) || result < 1) throw new OperatorError(USAGE);
    return result;
  };
  const settings: TrainingSettings = {
    length:
      values.steps === undefined
        ? { minutes: number(values.minutes, 60) }
        : { steps: number(values.steps, 1) },
    batch: Math.max(2, number(values.batch, 64)), // one item alone has nobody to be told from
    seed: number(values.seed, 1),
    validateEvery: number(values['validate-every'], 250),
    saveEvery: number(values['save-every'], 50),
    patience: PATIENCE,
    rate: rateIn(values.rate),
  };
  return {
    data: resolve(values.data ?? '../shared/data'),
    base: values.base === undefined ? undefined : resolve(values.base),
    frozenUntil: values['frozen-until'] ?? 'block7.project',
    out: resolve(values.out ?? 'data/training'),
    name: values.name ?? 'fashion-lite2',
    side: number(values.side, 128),
    lastSide: values['last-side'] === undefined ? undefined : number(values['last-side'], 1),
    labelWeights: weightsIn(values.weights),
    validationItems: number(values.validation, 1000),
    settings,
  };
}

// --- Internal helpers ---

function rateIn(value = '0.002'): number {
  const rate = Number(value);
  if (!(rate > 0 && rate < 1)) throw new OperatorError(USAGE);
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
      throw new OperatorError(
        `--weights: expected LABEL=WEIGHT with one of ${HEAD_NAMES.join(', ')} and a number of 0 or more, got "${part}".\n\n${USAGE}`,
      );
    weights[head] = weight;
  }
  return weights;
}
