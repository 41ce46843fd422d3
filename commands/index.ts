/** The list of commands, in the order that the help shows them. */

import type { Status } from '../src/chat/status.ts';
import type { Command } from './command.ts';
import { helpCommand } from './help.ts';
import { privacyCommand } from './privacy.ts';
import { statusCommand } from './status.ts';

export interface CommandDependencies {
  readonly status: () => Status;
}

export function createCommands({ status }: CommandDependencies): readonly Command[] {
  const commands: readonly Command[] = [helpCommand(() => commands), statusCommand(status), privacyCommand];
  return commands;
}
