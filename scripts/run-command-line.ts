/** What every program here does around its work: `--help`, errors that can be read, an output that nobody reads to its end. */

import { hasCode, InputError, OperatorError } from '../src/util/errors.ts';

/** A command line that is not taken. `message` says what is wrong with it; the usage follows it. */
export class UsageError extends OperatorError {}

/**
 * @param usage printed for `--help`, and after what is wrong with a command line.
 * @param work gets the arguments; what it gives is the exit code.
 * @returns the exit code; 1 when the work threw, with the message alone where the error is of people and not of the code.
 */
export async function runCommandLine(
  usage: string,
  work: (args: string[]) => Promise<number>,
): Promise<number> {
  const args = process.argv.slice(2);
  process.stdout.on('error', (error) => {
    if (!hasCode(error, 'EPIPE')) throw error;
    process.exit(0); // as after "| head"
  });
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(usage);
    return 0;
  }
  try {
    return await work(args);
  } catch (error) {
    console.error(error instanceof OperatorError || error instanceof InputError ? error.message : error);
    if (error instanceof UsageError) console.error(`\n${usage}`);
    return 1;
  }
}
