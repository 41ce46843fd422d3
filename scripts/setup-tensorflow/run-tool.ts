/** Runs another program and passes its output through. */

import { spawn } from 'node:child_process';
import { OperatorError } from '../../src/util/errors.ts';

export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** What the error says when the command is not installed. */
  readonly missing: string;
}

/** @throws {OperatorError} when the program is missing or fails. */
export async function runTool({ command, args, cwd, missing }: Tool): Promise<void> {
  const code = await new Promise<number | string | null>((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2] });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') reject(new OperatorError(`${command} is not installed. ${missing}`));
      else reject(error);
    });
    child.once('close', (exit, signal) => {
      resolve(exit ?? signal);
    });
  });
  if (code !== 0) {
    throw new OperatorError(
      `${command} ended with ${code ?? 'an unknown code'}; see its output above. ` +
        'Run npm run setup:tensorflow again to continue.',
    );
  }
}
