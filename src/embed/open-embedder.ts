/** Opens an embedder on the chosen engine, warmed up and ready. */

import type { EngineChoice } from '../config/config.ts';
import type { Logger } from '../util/logger.ts';
import { createBatchingEmbedder } from './batching-embedder.ts';
import { chooseEngine, type EngineCandidate } from './choose-engine.ts';
import type { Embedder } from './embedder.ts';
import type { Model } from './model.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { createTensorflowEngine } from './tensorflow-engine.ts';

export interface OpenEmbedderOptions {
  readonly model: Model;
  readonly engine: EngineChoice;
  /** Where `npm run setup:tensorflow` puts TensorFlow. */
  readonly tensorflowFolder: string;
  /** Whether users may send photos while imports run. */
  readonly serving?: boolean;
  readonly logger: Logger;
}

/** @throws {OperatorError} when the chosen engines are all unavailable on this machine. */
export async function openEmbedder(options: OpenEmbedderOptions): Promise<Embedder> {
  const { model, logger, serving = false } = options;
  const chosen = await chooseEngine(candidates(options));
  const embedder = createBatchingEmbedder({ ...chosen, model, serving });
  const { device, skipped } = embedder.status();
  // Most machines have no GPU, and that is no news: `npm run doctor` and /status name the reasons.
  logger.debug({ skipped }, 'engines that cannot run here');
  logger.info(
    { engine: chosen.engine.name, device },
    `photos are embedded by ${chosen.engine.name} on ${device}`,
  );
  return embedder;
}

/** In order of preference. On a CPU, onnxruntime is far faster, so TensorFlow comes first only on a GPU. */
export function candidates({
  engine,
  model,
  tensorflowFolder: folder,
  logger,
}: Omit<OpenEmbedderOptions, 'logger' | 'serving'> & { readonly logger?: Logger }): EngineCandidate[] {
  const onnx = (['cuda', 'cpu'] as const).map((provider) => ({
    label: `onnx on ${provider}`,
    create: () => createOnnxEngine({ model, provider, logger }),
  }));
  const [tensorflowOnGpu, tensorflow] = (['gpu', 'any'] as const).map((device) => ({
    label: device === 'gpu' ? 'tensorflow on gpu' : 'tensorflow',
    create: () => createTensorflowEngine({ model, folder, device, logger }),
  }));
  return { auto: [tensorflowOnGpu!, ...onnx], onnx, tensorflow: [tensorflow!] }[engine];
}
