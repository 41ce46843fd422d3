import { expect, it } from 'vitest';
import { measureTraining } from '../../../scripts/benchmark/training-step.ts';
import { OperatorError } from '../../../src/util/errors.ts';

it('reports that a Python cannot run the step before it measures anything', async () => {
  const setting = { inventory: '/nowhere', photos: '', data: '', items: Infinity, python: '/nope' };
  const measuring = measureTraining(setting);
  await expect(measuring).rejects.toThrow(OperatorError);
  await expect(measuring).rejects.toThrow(
    '--python: expected a Python with torch, onnx and numpy, got /nope: no such file or folder.',
  );
});
