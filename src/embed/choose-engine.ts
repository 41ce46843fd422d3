/** Tries engines in order. Only an engine that is unavailable on this machine is skipped, and its reason is reported. */

import { EngineUnavailableError, OperatorError } from '../util/errors.ts';
import type { Engine } from './engine.ts';

export interface EngineCandidate {
  /** For example `onnx on cuda`. */
  readonly label: string;
  /** @throws {EngineUnavailableError} if the next candidate should be tried; its message is the reason, without the label. */
  create(): Promise<Engine>;
}

export interface ChosenEngine {
  readonly engine: Engine;
  /** The candidates that were skipped, each with its reason. */
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
}

/** @throws {OperatorError} with all reasons when no candidate is available. */
export async function chooseEngine(candidates: readonly EngineCandidate[]): Promise<ChosenEngine> {
  const skipped: { engine: string; reason: string }[] = [];
  for (const candidate of candidates) {
    try {
      return { engine: await candidate.create(), skipped };
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      skipped.push({ engine: candidate.label, reason: error.message });
    }
  }
  const reasons = skipped.map(({ engine, reason }) => `  ${engine}: ${reason}`).join('\n');
  throw new OperatorError(`No engine can run on this machine:\n${reasons}`);
}
