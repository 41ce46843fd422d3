/** The commands that somebody can use in a place, for the help and for the reply to an unknown command. */

import type { Origin } from './conversation.ts';
import type { Command } from './command.ts';

/** In the order given. When the platform cannot say who is a moderator, the person counts as none. */
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
