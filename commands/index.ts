/** Every command, in the order in which the help lists them. */

import type { Command, CommandContext } from '../src/chat/command.ts';
import { findCommand } from './find.ts';
import { forgetCommand } from './forget.ts';
import { helpCommand } from './help.ts';
import { modeCommand } from './mode.ts';
import { privacyCommand } from './privacy.ts';
import { reindexCommand } from './reindex.ts';
import { statusCommand } from './status.ts';

export function createCommands(context: CommandContext): readonly Command[] {
  const commands: readonly Command[] = [
    findCommand(context),
    helpCommand(() => commands),
    statusCommand(context),
    modeCommand(context),
    reindexCommand(context),
    privacyCommand,
    forgetCommand(context),
  ];
  return commands;
}
