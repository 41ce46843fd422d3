/** The list of commands, in the order that the help shows them. */

import type { Status } from '../src/chat/status.ts';
import type { Command } from './command.ts';
import { findCommand, type FindDependencies } from './find.ts';
import { forgetCommand, type ForgetDependencies } from './forget.ts';
import { helpCommand } from './help.ts';
import { modeCommand, type ModeDependencies } from './mode.ts';
import { privacyCommand } from './privacy.ts';
import { reindexCommand, type ReindexDependencies } from './reindex.ts';
import { statusCommand } from './status.ts';

export interface CommandDependencies
  extends FindDependencies, ModeDependencies, ReindexDependencies, ForgetDependencies {
  readonly status: () => Status;
}

export function createCommands(dependencies: CommandDependencies): readonly Command[] {
  const commands: readonly Command[] = [
    findCommand(dependencies),
    helpCommand(() => commands),
    statusCommand(dependencies.status),
    modeCommand(dependencies),
    reindexCommand(dependencies),
    privacyCommand,
    forgetCommand(dependencies),
  ];
  return commands;
}
