/** The list of commands, in the order that the help shows them. */

import type { Command } from './command.ts';
import { findCommand, type FindDependencies } from './find.ts';
import { forgetCommand, type ForgetDependencies } from './forget.ts';
import { helpCommand } from './help.ts';
import { modeCommand, type ModeDependencies } from './mode.ts';
import { privacyCommand } from './privacy.ts';
import { reindexCommand, type ReindexDependencies } from './reindex.ts';
import { statusCommand, type StatusDependencies } from './status.ts';

export type CommandDependencies = FindDependencies &
  StatusDependencies &
  ModeDependencies &
  ReindexDependencies &
  ForgetDependencies;

export function createCommands(dependencies: CommandDependencies): readonly Command[] {
  const commands: readonly Command[] = [
    findCommand(dependencies),
    helpCommand(() => commands),
    statusCommand(dependencies),
    modeCommand(dependencies),
    reindexCommand(dependencies),
    privacyCommand,
    forgetCommand(dependencies),
  ];
  return commands;
}
