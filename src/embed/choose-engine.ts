/** Tries engines in order; moves on only when one says that it does not exist here, and reports who won and why. */

import { EngineUnavailableError, OperatorError } from '../util/errors.ts';
import type { Engine } from './engine.ts';

export interface EngineCandidate {
  /** For example `onnx on cuda`. */
  readonly label: string;
  /** @throws {EngineUnavailableError} to let the next candidate try; its message is the reason alone, without the label. */
  create(): Promise<Engine>;
}

export interface ChosenEngine {
  readonly engine: Engine;
  /** The candidates before it, with the reason of each. */
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
}

/** @throws {OperatorError} listing every reason when no candidate exists here. */
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
