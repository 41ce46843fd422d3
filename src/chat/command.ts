/** A command that a person can type, as `commands/` defines it and the conversation runs it. Knows no platform. */

import type { ReindexJob } from '../reindex/reindex-job.ts';
import type { AuditLog } from '../store/audit-log.ts';
import type { CommandInfo, CommandOption } from './command-info.ts';
import type { CommandCall, Origin } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import type { FollowReindex } from './follow-reindex.ts';
import type { LabelCounts } from './label-counts.ts';
import type { PlaceModes } from './place-modes.ts';
import type { Reply } from './reply.ts';
import type { ReadStatus } from './status.ts';
import type { Texts, Translations } from './translations.ts';
import type { UserData } from './user-data.ts';

/** A call by somebody whose permission has been checked. */
export interface CommandRequest {
  readonly call: CommandCall;
  /** In the caller's language. */
  readonly texts: Texts;
}

export interface Command extends Omit<CommandInfo, 'description' | 'menu' | 'options'> {
  /** Text key of the one-line description in the help and in the platforms' command lists. */
  readonly description: string;
  /** Text key of the entry in a message's context menu. */
  readonly menu?: string;
  /** Called each time that commands are published, because choices may follow the inventory. */
  readonly options?: (translations: Translations) => readonly CommandOption[];
  /** Text key of the reply to somebody without permission. Default: `notice.moderators`. */
  refusal?(origin: Pick<Origin, 'door'>): string;
  run(request: CommandRequest): Promise<Reply> | Reply;
}

/** What a conversation offers to its commands. */
export interface CommandContext {
  readonly labelCounts: () => LabelCounts;
  readonly status: ReadStatus;
  readonly reindex: Pick<ReindexJob, 'start' | 'running' | 'last'>;
  readonly followReindex: FollowReindex;
  readonly modes: Pick<PlaceModes, 'get' | 'set'>;
  readonly userData: Pick<UserData, 'forget'>;
  readonly errorText: ErrorText;
  readonly audit: AuditLog;
}

/** Returns the commands in the order in which the help lists them. */
export type CreateCommands = (context: CommandContext) => readonly Command[];
