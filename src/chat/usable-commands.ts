/** Which commands somebody can use where they are: what the help lists, and what an unknown command is answered with. */

import type { Origin } from './conversation.ts';
import type { Command } from './command.ts';

/** In the order given. A platform that cannot say now who is a moderator is no reason to go without a list. */
export async function usableCommands(
  commands: readonly Command[],
  origin: Pick<Origin, 'community' | 'isModerator'>,
): Promise<Command[]> {
  const isModerator = await origin.isModerator().catch(() => false);
  return commands.filter(
    ({ audience, where }) =>
      (audience === 'everyone' || isModerator) && (where === 'anywhere' || origin.community !== undefined),
  );
}
