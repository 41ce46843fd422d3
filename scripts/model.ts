/** npm run model: brings a network from elsewhere into the form that everything here uses, averages those that are, or fits their classifiers. */

import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../src/embed/model.ts';
import { messageOf, OperatorError } from '../src/errors.ts';
import { averageModels, type Part } from './model/average-models.ts';
import { importModel } from './model/import-model.ts';
import { refitModel } from './model/refit-model.ts';
import { runCommandLine } from './run-command-line.ts';

const USAGE = `Usage: npm run model -- import FILE.onnx [options]
       npm run model -- average FOLDER=SHARE FOLDER=SHARE ... --out FOLDER
       npm run model -- fit FOLDER --out FOLDER [--data FOLDER]

  --name NAME      of the model (default: the file's)
  --out FOLDER     to be made (default data/models/NAME)
  --side N         pixels of the side of its squares (default: what the file says)
  --mean R,G,B     and --std R,G,B, in units of 0 to 1 (default: those of ImageNet)
  --dimension N    numbers of an embedding (default 256)
  --licence TEXT   of the weights (default unknown)

Takes convolutional networks that end in a global average pooling and a classifier, such as ResNet50 as torchvision
exports it. The classifier makes place for a head of random directions; npm run train learns better ones.

average: weights of models that were trained from one another, for example a=0.6 b=0.4; everything else but its
version is the first one's.

fit: the classifiers of a model, to its embeddings of the training pictures in fashion-product-images-small.zip (--data,
default ../shared/data), with TensorFlow (npm run setup:tensorflow); the embedding stays as it is.`;

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'average') return average(rest);
  if (command === 'fit') return fit(rest);
  const { file, ...options } = parse(args);
  const name = options.name ?? basename(file, '.onnx');
  const folder = resolve(options.out ?? `data/models/${name}`);
  const { side } = await importModel({ ...options, file, folder, name });
  console.log(
    `Wrote ${folder} (${side} px).\n` +
      `Try it:   MODEL_DIR=${folder} npm run inventory -- import PATH\n` +
      `Train it: npm run train -- --base ${folder} --frozen-until VALUE --out data/training/${name}`,
  );
  return 0;
}

async function average(args: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { out: { type: 'string' } } });
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}\n\n${USAGE}`);
  }
  const { out } = parsed.values;
  if (out === undefined || parsed.positionals.length < 2) throw new OperatorError(USAGE);
  const parts: Part[] = [];
  for (const text of parsed.positionals) {
    const [, folder, share] = /^(.+)=(\d*\.?\d+)$/.exec(text) ?? [];
    if (folder === undefined || !(Number(share) > 0)) throw new OperatorError(USAGE);
    parts.push({ model: await loadModel(resolve(folder)), share: Number(share) });
  }
  await averageModels(parts, resolve(out));
  console.log(
    `Wrote ${resolve(out)}. Derive its bands and temperatures: npm run evaluate -- --calibrate --model ${out}`,
  );
  return 0;
}

async function fit(args: string[]): Promise<number> {
  let parsed;
  try {
    const text = { type: 'string' } as const;
    parsed = parseArgs({ args, allowPositionals: true, options: { out: text, data: text } });
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}\n\n${USAGE}`);
  }
  const { out, data = '../shared/data' } = parsed.values;
  const [folder, ...others] = parsed.positionals;
  if (out === undefined || folder === undefined || others.length > 0) throw new OperatorError(USAGE);
  await refitModel({
    model: await loadModel(resolve(folder)),
    small: resolve(data, 'fashion-product-images-small.zip'),
    folder: resolve(out),
  });
  console.log(
    `Wrote ${resolve(out)}. Derive its bands and temperatures: npm run evaluate -- --calibrate --model ${out}`,
  );
  return 0;
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { name: text, out: text, side: text, mean: text, std: text, dimension: text, licence: text },
    });
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const [command, file, ...rest] = positionals;
  if (command !== 'import' || file === undefined || rest.length > 0) throw new OperatorError(USAGE);
  const whole = (value: string | undefined): number | undefined => {
    if (value === undefined) return undefined;
    if (!/^[1-9]\d{0,3}$/.test(value)) throw new OperatorError(USAGE);
    return Number(value);
  };
  return {
    file,
    name: values.name,
    out: values.out,
    side: whole(values.side),
    mean: rgb(values.mean),
    std: rgb(values.std),
    dimension: whole(values.dimension),
    licence: values.licence ?? 'unknown',
  };
}

function rgb(value: string | undefined): [number, number, number] | undefined {
  if (value === undefined) return undefined;
  const [red, green, blue, ...rest] = value.split(',').map(Number);
  if (
    red === undefined ||
    green === undefined ||
    blue === undefined ||
    rest.length > 0 ||
    !(red + green + blue >= 0)
  ) {
    throw new OperatorError(USAGE);
  }
  return [red, green, blue];
}
