import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readOnnx } from '../../src/embed/onnx-file.ts';
import { createTensorflowEngine } from '../../src/embed/tensorflow-engine.ts';
import { createInference } from '../../src/embed/tensorflow-inference.ts';
import { installFile } from '../../src/embed/tensorflow-install.ts';
import { EngineUnavailableError } from '../../src/util/errors.ts';
import { builtProgram } from '../build-programs.ts';
import { engineContract, noise } from '../contracts/engine.ts';
import { shippedModel } from '../shipped-model.ts';
import { loadRuntime } from './wasm-runtime.ts';
import { hasNativeTensorflow, tensorflowFolder } from './native-tensorflow.ts';

const wasm = pathToFileURL(builtProgram('test/embed/wasm-runtime.ts'));
const onWasm = { model: shippedModel, folder: '/nowhere', device: 'any', runtime: wasm } as const;

engineContract('tensorflow-engine on wasm', () => createTensorflowEngine(onWasm), shippedModel);

if (hasNativeTensorflow) {
  engineContract(
    'tensorflow-engine on the native addon',
    () => createTensorflowEngine({ model: shippedModel, folder: tensorflowFolder, device: 'any' }),
    shippedModel,
  );
}

describe('tensorflow-engine', () => {
  it('reports its device, takes one batch at a time, and fits its size to memory', async () => {
    const engine = await createTensorflowEngine(onWasm);
    expect(engine).toMatchObject({ name: 'tensorflow', device: 'wasm', parallelism: 1 });
    expect(engine.maxBatch).toBeGreaterThan(1);
    await engine.close();
  });

  it('allows one engine per process at a time, and another one after it is closed', async () => {
    const engine = await createTensorflowEngine(onWasm);
    await expect(createTensorflowEngine(onWasm)).rejects.toThrow(/one TensorFlow engine/);
    await engine.close();
    await (await createTensorflowEngine(onWasm)).close();
  });

  it('is unavailable when it is not installed, and names the command that installs it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tensorflow-engine-'));
    const opening = { model: shippedModel, folder } as const;
    const anywhere = createTensorflowEngine({ ...opening, device: 'any' });
    await expect(anywhere).rejects.toThrow(EngineUnavailableError);
    await expect(anywhere).rejects.toThrow('npm run setup:tensorflow');
    vi.stubEnv('PATH', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(createTensorflowEngine({ ...opening, device: 'gpu' })).rejects.toThrow(
      /^no NVIDIA driver \(nvidia-smi is not there\)$/,
    );
    await writeFile(join(folder, 'nvidia-smi'), "#!/bin/sh\necho 'Some card, 550.1, 9.0, 1000, 900'\n", {
      mode: 0o755,
    });
    await expect(createTensorflowEngine({ ...opening, device: 'gpu' })).rejects.toThrow(
      /^not installed \(npm run setup:tensorflow -- --gpu\)/,
    );
    await writeFile(installFile(folder), JSON.stringify({ tensorflow: '2.21.0', gpu: false }));
    const onGpu = createTensorflowEngine({ ...opening, device: 'gpu' });
    await expect(onGpu).rejects.toThrow(EngineUnavailableError);
    await expect(onGpu).rejects.toThrow(/^installed for the CPU only \(npm run setup:tensorflow -- --gpu\)/);
  });

  it('refuses a model that it cannot read, and gives the reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tensorflow-engine-'));
    const weightsPath = join(folder, 'model.onnx');
    await writeFile(weightsPath, 'this is not a network');
    const opening = createTensorflowEngine({ ...onWasm, model: { ...shippedModel, weightsPath } });
    await expect(opening).rejects.toThrow(/is not an ONNX file/);
  });

  it('leaks no tensor over a thousand pictures', async () => {
    const { manifest, weightsPath } = shippedModel;
    const side = 32;
    const runtime = await loadRuntime();
    const inference = await createInference({
      ...runtime,
      model: readOnnx(await readFile(weightsPath)),
      manifest: { ...manifest, input: { ...manifest.input, side } },
      gpuMemory: undefined,
    });
    const pictures = [1, 2, 3].map((seed) => noise(side * side * 3, seed));
    await inference.infer(pictures);
    const { numTensors, numBytes } = runtime.tf.memory();
    for (let n = 0; n < 1000; n++) await inference.infer([pictures[n % 3]!]);
    expect(runtime.tf.memory()).toMatchObject({ numTensors, numBytes });
    await inference.close();
    expect(runtime.tf.memory().numTensors).toBe(0);
  });
});
