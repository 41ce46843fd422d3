/** Checks that the pinned wheels support this machine. */

import { OperatorError } from '../../src/util/errors.ts';
import { GLIBC, PLATFORM } from './wheels.ts';

export interface Machine {
  /** `process.platform-process.arch`. */
  readonly platform: string;
  /** Version of glibc; undefined with another C library (Alpine). */
  readonly glibc: string | undefined;
}

/** @throws {OperatorError} when they do not; the message names the alternative. */
export function checkPlatform(machine: Machine = thisMachine()): void {
  const instead = 'The default engine, onnxruntime, works without it (ENGINE=onnx).';
  if (machine.platform !== PLATFORM) {
    throw new OperatorError(
      `TensorFlow can be installed on ${PLATFORM} only; this machine is ${machine.platform}, for which no wheel was tested. ${instead}`,
    );
  }
  if (machine.glibc === undefined || older(machine.glibc, GLIBC)) {
    throw new OperatorError(
      `The TensorFlow wheel needs glibc ${GLIBC} or newer; this machine has ${machine.glibc ?? 'another C library'}. ${instead}`,
    );
  }
}

// --- Internal helpers ---

function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return { platform: `${process.platform}-${process.arch}`, glibc: header.glibcVersionRuntime };
}

function older(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  return (a?.[0] ?? 0) < (b?.[0] ?? 0) || (a?.[0] === b?.[0] && (a?.[1] ?? 0) < (b?.[1] ?? 0));
}
