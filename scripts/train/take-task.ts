/** Which network a training is of. */

import { UsageError } from '../run-command-line.ts';

const TASKS = ['embedding', 'finder'] as const;
export type Task = (typeof TASKS)[number];

/**
 * Takes `--task NAME` or `--task=NAME` out of a command line.
 * @returns the task, by default the embedding's, and the arguments without it.
 * @throws {UsageError} for another task.
 */
export function takeTask(args: readonly string[]): { readonly task: Task; readonly rest: string[] } {
  const place = args.findIndex((arg) => arg === '--task' || arg.startsWith('--task='));
  if (place < 0) return { task: 'embedding', rest: [...args] };
  const option = args[place]!;
  const isJoined = option.startsWith('--task=');
  const name = isJoined ? option.slice('--task='.length) : args[place + 1];
  const task = TASKS.find((known) => known === name);
  if (!task) throw new UsageError(`--task: expected one of ${TASKS.join(', ')}, got "${name ?? ''}".`);
  return { task, rest: args.filter((_, n) => n !== place && (isJoined || n !== place + 1)) };
}
