/** What every script does around its work: `--help`, readable errors, and output that is piped into `head`. */

import { hasCode, InputError, OperatorError } from '../src/util/errors.ts';

/** An invalid command line. `message` says what is wrong with it; the usage is printed after it. */
export class UsageError extends OperatorError {}

/**
 * @param usage printed for `--help`, and after the message of a `UsageError`.
 * @param work gets the arguments and returns the exit code.
 * @returns the exit code; 1 if the work threw. Errors of the user or operator are printed without a stack trace.
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
