import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseModelCall, USAGE } from '../../scripts/model/parse-model-call.ts';
import { UsageError } from '../../scripts/run-command-line.ts';

it('parses the commands import, average and fit', () => {
  expect(parseModelCall(['import', 'resnet50.onnx', '--mean', '0.5,0.5,0.5', '--side', '96'])).toMatchObject({
    command: 'import',
    file: 'resnet50.onnx',
    name: 'resnet50',
    folder: resolve('data/models/resnet50'),
    mean: [0.5, 0.5, 0.5],
    side: 96,
  });
  expect(parseModelCall(['average', 'a=0.85', 'b=.15', '--out', 'c'])).toEqual({
    command: 'average',
    parts: [
      { folder: resolve('a'), share: 0.85 },
      { folder: resolve('b'), share: 0.15 },
    ],
    out: 'c',
  });
  expect(parseModelCall(['fit', 'a', '--out', 'b', '--data', 'd'])).toEqual({
    command: 'fit',
    folder: resolve('a'),
    small: resolve('d/fashion-product-images-small.zip'),
    out: 'b',
  });
});

it.each([
  ['', 'Expected a command, got none: import, average or fit.'],
  ['nonsense', 'There is no command "nonsense"; expected import, average or fit.'],
  ['import', 'import: expected one ONNX file, got 0.'],
  ['import a.onnx b.onnx', 'import: expected one ONNX file, got 2.'],
  ['import a.onnx --side big', '--side: expected a whole number of 1 or more, got "big".'],
  ['import a.onnx --mean 1,2', '--mean: expected three numbers R,G,B from 0 to 1, got "1,2".'],
  ['import a.onnx --std 0.2,,0.2', '--std: expected three numbers R,G,B from 0 to 1, got "0.2,,0.2".'],
  ['average a b --out x', 'average: expected FOLDER=SHARE with a share above 0, such as a=0.6, got "a".'],
  [
    'average a=0 b=1 --out x',
    'average: expected FOLDER=SHARE with a share above 0, such as a=0.6, got "a=0".',
  ],
  ['average A=0.85 --out x', 'average: expected at least two models, got 1.'],
  ['average a=1 b=1', 'average: expected --out with the folder of the new model.'],
  ['average a=1 b=1 --out x --name y', 'Unknown option --name.'],
  ['fit', 'fit: expected one model folder, got 0.'],
  ['fit a', 'fit: expected --out with the folder of the new model.'],
])('says what is wrong with "%s"', (line, message) => {
  const parse = () => parseModelCall(line.split(' ').filter(Boolean));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});

it('explains in its usage text that shares need not sum to 1', () => {
  expect(USAGE).toContain('in proportion to their sum');
});
