/** The command line of npm run model. */

import { basename, resolve } from 'node:path';
import { parseOptions, wholeNumber } from '../parse-options.ts';
import { UsageError } from '../run-command-line.ts';

export const USAGE = `Usage: npm run model -- import FILE.onnx [options]
       npm run model -- average FOLDER=SHARE FOLDER=SHARE ... --out FOLDER
       npm run model -- fit FOLDER --out FOLDER [--data FOLDER]

  --name NAME      name of the model (default: the file's name)
  --out FOLDER     folder of the new model (default data/models/NAME)
  --side N         side of the input squares in pixels (default: as in the file)
  --mean R,G,B     and --std R,G,B, in units of 0 to 1 (default: the values of ImageNet)
  --dimension N    dimension of the embedding (default 256)
  --licence TEXT   licence of the weights (default unknown)

import: takes a convolutional network that ends in global average pooling and a classifier, such as ResNet50 exported
from torchvision. A head of random directions replaces the classifier; npm run train learns better ones.

average: averages the weights of models that were trained from one another, for example a=0.6 b=0.4. Everything else
except the version comes from the first model. Shares count in proportion to their sum: a=3 b=2 is the same.

fit: fits the classifiers of a model to its embeddings of the training pictures in fashion-product-images-small.zip
(--data, default ../shared/data). The embedding does not change. Needs TensorFlow: npm run setup:tensorflow.`;

const COMMANDS = { import: importCall, average: averageCall, fit: fitCall };

export type ModelCall = ReturnType<(typeof COMMANDS)[keyof typeof COMMANDS]>;

/** @throws {UsageError} for unknown commands and options, and for invalid values. */
export function parseModelCall([command, ...args]: string[]): ModelCall {
  if (command === undefined) throw new UsageError('Expected a command, got none: import, average or fit.');
  if (!isCommand(command))
    throw new UsageError(`There is no command "${command}"; expected import, average or fit.`);
  return COMMANDS[command](args);
}

// --- Internal helpers ---

const text = { type: 'string' } as const;

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

function importCall(args: string[]) {
  const options = {
    name: text,
    out: text,
    side: text,
    mean: text,
    std: text,
    dimension: text,
    licence: text,
  };
  const { values, positionals } = parseOptions({ args, allowPositionals: true, options });
  const file = only(positionals, 'import: expected one ONNX file');
  const { name = basename(file, '.onnx'), side, mean, std, dimension, licence = 'unknown' } = values;
  return {
    command: 'import',
    file,
    name,
    folder: resolve(values.out ?? `data/models/${name}`),
    side: side === undefined ? undefined : wholeNumber('--side', side),
    mean: mean === undefined ? undefined : rgb('--mean', mean),
    std: std === undefined ? undefined : rgb('--std', std),
    dimension: dimension === undefined ? undefined : wholeNumber('--dimension', dimension),
    licence,
  } as const;
}

function averageCall(args: string[]) {
  const { values, positionals } = parseOptions({ args, allowPositionals: true, options: { out: text } });
  const parts = positionals.map((part) => {
    const [, folder, share] = /^(.+)=(\d*\.?\d+)$/.exec(part) ?? [];
    if (folder === undefined || !(Number(share) > 0))
      throw new UsageError(
        `average: expected FOLDER=SHARE with a share above 0, such as a=0.6, got "${part}".`,
      );
    return { folder: resolve(folder), share: Number(share) };
  });
  if (parts.length < 2) throw new UsageError(`average: expected at least two models, got ${parts.length}.`);
  return { command: 'average', parts, out: outputFolder('average', values.out) } as const;
}

function fitCall(args: string[]) {
  const options = { out: text, data: text };
  const { values, positionals } = parseOptions({ args, allowPositionals: true, options });
  const folder = resolve(only(positionals, 'fit: expected one model folder'));
  const small = resolve(values.data ?? '../shared/data', 'fashion-product-images-small.zip');
  return { command: 'fit', folder, small, out: outputFolder('fit', values.out) } as const;
}

function only([first, ...others]: readonly string[], expected: string): string {
  if (first === undefined || others.length > 0)
    throw new UsageError(`${expected}, got ${first === undefined ? 0 : 1 + others.length}.`);
  return first;
}

function outputFolder(command: string, out: string | undefined): string {
  if (out === undefined) throw new UsageError(`${command}: expected --out with the folder of the new model.`);
  return out;
}

function rgb(option: string, value: string): [number, number, number] {
  const [red = NaN, green = NaN, blue = NaN, ...rest] = value
    .split(',')
    .map((part) => (part === '' ? NaN : Number(part)));
  if (rest.length > 0 || ![red, green, blue].every((part) => part >= 0 && part <= 1))
    throw new UsageError(`${option}: expected three numbers R,G,B from 0 to 1, got "${value}".`);
  return [red, green, blue];
}
