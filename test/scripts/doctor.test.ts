import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLibraries } from '../../scripts/doctor/libraries.ts';
import { hasNativeTensorflow, tensorflowFolder } from '../embed/native-tensorflow.ts';
import { runScript } from './run-script.ts';

describe('npm run doctor', () => {
  it('names what the machine has, runs every engine that is there, and says which one is taken', async () => {
    const { code, stdout } = await runScript('scripts/doctor.ts', [], { TENSORFLOW_DIR: '/nowhere' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/processor +\S+.*cores/);
    expect(stdout).toMatch(/memory +[\d.]+ GiB/);
    expect(stdout).toMatch(/tensorflow on gpu +does not run: (?!TensorFlow).+/);
    expect(stdout).toMatch(/onnx on cpu +onnx on cpu, [\d.]+ ms alone, [\d.]+ ms each of 8 at once/);
    expect(stdout).toMatch(/ENGINE=auto takes onnx on (cpu|cuda)\./);
  }, 120_000);

  it.runIf(hasNativeTensorflow)(
    'compares what the engines give and how fast',
    async () => {
      const { code, stdout } = await runScript('scripts/doctor.ts', [], { TENSORFLOW_DIR: tensorflowFolder });
      expect(code).toBe(0);
      const cosine = /tensorflow on cpu, [\d.]+ ms alone, [\d.]+ ms each of 8 at once, cosine at least (\S+)/;
      expect(Number(cosine.exec(stdout)?.[1])).toBeGreaterThanOrEqual(0.9999);
    },
    120_000,
  );

  it('finds CUDA libraries beside TensorFlow', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    const library = join(folder, 'nvidia', 'cudnn', 'lib', 'libcudnn.so.9');
    await mkdir(join(folder, 'nvidia', 'cudnn', 'lib'), { recursive: true });
    await writeFile(library, '');
    expect(await findLibraries(['libcudnn.so.9', 'libnowhere.so.1'], folder)).toEqual([
      { name: 'libcudnn.so.9', place: library },
      { name: 'libnowhere.so.1', place: undefined },
    ]);
  });
});
