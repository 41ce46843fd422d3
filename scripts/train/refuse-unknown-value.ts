/** Checks that a model contains the value up to which it is frozen. */

import type { OnnxModel } from '../../src/embed/onnx-file.ts';
import { OperatorError } from '../../src/util/errors.ts';

/** @throws {OperatorError} when no node of the model has this output. */
export function refuseUnknownValue({ nodes }: OnnxModel, frozenUntil: string): void {
  if (nodes.some(({ outputs }) => outputs.includes(frozenUntil))) return;
  const convolutions = nodes.filter(({ operator }) => operator === 'Conv');
  const middle = convolutions[convolutions.length >> 1]?.outputs[0] ?? '';
  throw new OperatorError(
    `--frozen-until: expected a value inside the model, such as "${middle}" in its middle, got "${frozenUntil}".`,
  );
}
