/** From a choice of engine to an embedder that is warm and ready. */

import type { EngineChoice } from '../config.ts';
import type { Logger } from '../logger.ts';
import { createBatchingEmbedder } from './batching-embedder.ts';
import { chooseEngine, type EngineCandidate } from './choose-engine.ts';
import type { Embedder } from './embedder.ts';
import type { Model } from './model.ts';
import { createOnnxEngine } from './onnx-engine.ts';

export interface OpenEmbedderOptions {
  readonly model: Model;
  readonly engine: EngineChoice;
  readonly logger: Logger;
}

/** @throws {EngineUnavailableError} when no engine of the choice exists on this machine. */
export async function openEmbedder({ model, engine, logger }: OpenEmbedderOptions): Promise<Embedder> {
  const chosen = await chooseEngine(candidates(engine, model));
  const embedder = createBatchingEmbedder({ ...chosen, model });
  const { device, skipped } = embedder.status();
  logger.info(
    { engine: chosen.engine.name, device, skipped },
    `photos are embedded by ${chosen.engine.name} on ${device}`,
  );
  return embedder;
}

// --- Internal helpers ---

/** In the order of preference. */
function candidates(choice: EngineChoice, model: Model): EngineCandidate[] {
  const onnx = (['cuda', 'cpu'] as const).map((provider) => ({
    label: `onnx on ${provider}`,
    create: () => createOnnxEngine({ model, provider }),
  }));
  return { auto: onnx, onnx }[choice];
}
