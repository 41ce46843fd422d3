/** What a person can type, free of any platform: one file a command. */

import type { Reply } from '../src/chat/reply.ts';

export interface Command {
  /** What is typed after the slash: lower case, letters only. */
  readonly name: string;
  /** One line for the help and for the platforms' command lists; at most 100 characters. */
  readonly description: string;
  run(): Promise<Reply> | Reply;
}
