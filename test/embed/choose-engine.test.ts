import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/embed/choose-engine.ts';
import type { Engine } from '../../src/embed/engine.ts';
import { EngineUnavailableError, OperatorError } from '../../src/util/errors.ts';

const engine: Engine = {
  name: 'e',
  device: 'd',
  parallelism: 1,
  maxBatch: 1,
  run: () => Promise.resolve([]),
  isAlive: () => true,
  close: () => Promise.resolve(),
};
const missing = (reason: string) => () => Promise.reject(new EngineUnavailableError(reason));

describe('chooseEngine', () => {
  it('takes the first available engine and reports why the ones before it are unavailable', async () => {
    const chosen = await chooseEngine([
      { label: 'onnx on cuda', create: missing('no such library') },
      { label: 'onnx on cpu', create: () => Promise.resolve(engine) },
      { label: 'never tried', create: () => Promise.reject(new Error('tried')) },
    ]);
    expect(chosen.engine).toBe(engine);
    expect(chosen.skipped).toEqual([{ engine: 'onnx on cuda', reason: 'no such library' }]);
  });

  it('stops at any other error, which is a bug and not a missing device', async () => {
    const trying = chooseEngine([
      { label: 'broken', create: () => Promise.reject(new TypeError('defect')) },
      { label: 'fine', create: () => Promise.resolve(engine) },
    ]);
    await expect(trying).rejects.toThrow(TypeError);
  });

  it('lists every reason when no engine is available', async () => {
    const trying = chooseEngine([
      { label: 'one', create: missing('first reason') },
      { label: 'two', create: missing('second reason') },
    ]);
    await expect(trying).rejects.toThrow(OperatorError);
    await expect(trying).rejects.toThrow(/one: first reason\n {2}two: second reason/);
  });
});
