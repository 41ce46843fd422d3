/** What a person can type, free of any platform: one file a command. */

import type { CommandInfo, CommandOption } from '../src/chat/command-info.ts';
import type { CommandCall, Origin } from '../src/chat/conversation.ts';
import type { Reply } from '../src/chat/reply.ts';
import type { Texts, Translations } from '../src/chat/translations.ts';

/** A call whose right to run has been checked. */
export interface CommandRequest {
  readonly call: CommandCall;
  /** In the language of the person who called. */
  readonly texts: Texts;
}

export interface Command extends Omit<CommandInfo, 'description' | 'menu' | 'options'> {
  /** Key of one line for the help and for the platforms' command lists. */
  readonly description: string;
  /** Key of its name in a message's context menu. */
  readonly menu?: string;
  /** Read each time that commands are published: choices may follow the inventory. */
  readonly options?: (translations: Translations) => readonly CommandOption[];
  /** Key of what somebody is told who may not run it there. Default: `notice.moderators`. */
  refusal?(origin: Pick<Origin, 'door'>): string;
  run(request: CommandRequest): Promise<Reply> | Reply;
}
