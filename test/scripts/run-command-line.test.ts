import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { builtProgram } from '../build-programs.ts';
import { runScript } from './run-script.ts';

const PROGRAMS = [
  'benchmark',
  'doctor',
  'embed',
  'evaluate',
  'find',
  'inventory',
  'model',
  'setup-tensorflow',
  'train',
];

it.each(PROGRAMS)('%s says what it takes, and does nothing else', async (name) => {
  const { code, stdout, stderr } = await runScript(`scripts/${name}.ts`, ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name.replace('-', ':')}`));
});

it.each(PROGRAMS)('%s refuses an option that it does not know', async (name) => {
  const command = name === 'model' ? ['fit'] : [];
  const { code, stdout, stderr } = await runScript(`scripts/${name}.ts`, [...command, '--wrong']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^Unknown option --wrong\.\n\nUsage: npm run /);
});

it('names a data set that is not there, and how to name another', async () => {
  const { code, stderr } = await runScript('scripts/evaluate.ts', ['--data', '/nowhere']);
  expect(code).toBe(1);
  expect(stderr).toBe(
    '/nowhere/fashion-product-images-small.zip does not exist, and its labels are needed. Name its folder with --data.\n',
  );
});

it('ends without a word when nobody reads its output to the end', async () => {
  const child = spawn('sh', ['-c', `node '${builtProgram('scripts/model.ts')}' --help | true`], {
    stdio: 'pipe',
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  expect(stderr).toBe('');
});
