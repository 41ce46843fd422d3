/** Runs the command that somebody typed, after checking that they may, and describes all commands for the platforms. */

import type { AuditLog } from '../store/audit-log.ts';
import { ClosedError } from '../util/errors.ts';
import type { Command } from './command.ts';
import type { CommandInfo } from './command-info.ts';
import type { CommandCall } from './conversation.ts';
import type { ErrorText } from './error-texts.ts';
import { actorOf } from './keys.ts';
import type { LabelCounts } from './label-counts.ts';
import { type Reply, textReply } from './reply.ts';
import type { Translations } from './translations.ts';
import { usableCommands } from './usable-commands.ts';

export interface CommandRunnerDependencies {
  readonly commands: readonly Command[];
  readonly labelCounts: () => LabelCounts;
  readonly translations: Translations;
  readonly errorText: ErrorText;
  readonly audit: AuditLog;
}

export interface CommandRunner {
  /** The commands as platforms publish them; the same array until the inventory changes. */
  infos(): readonly CommandInfo[];
  /** Rejects only with ClosedError. */
  run(call: CommandCall): Promise<Reply>;
}

export function createCommandRunner(dependencies: CommandRunnerDependencies): CommandRunner {
  const { commands, labelCounts, translations, errorText, audit } = dependencies;
  let published: { readonly counts: LabelCounts; readonly infos: readonly CommandInfo[] } | undefined;

  /** The argument is recorded only where it is one of the command's own choices: no other text of a person is kept. */
  function auditEntry({ name, options }: Command, { origin, argument }: CommandCall) {
    const choices = options?.(translations).flatMap((option) => option.choices ?? []) ?? [];
    const known = choices.find(({ value }) => value === argument?.trim().toLowerCase());
    return { ...actorOf(origin), action: name, ...(known && { argument: known.value }) };
  }

  return {
    infos() {
      const counts = labelCounts();
      if (published?.counts !== counts) {
        published = { counts, infos: commands.map((command) => infoOf(command, translations)) };
      }
      return published.infos;
    },

    async run(call) {
      const { origin } = call;
      const texts = translations.for(origin.locale);
      const command = commands.find(({ name }) => name === call.name.toLowerCase());
      try {
        if (!command) {
          const usable = await usableCommands(commands, origin);
          const names = usable.map(({ name }) => `/${name}`);
          return { ...textReply(texts.say('command.unknown', { names: texts.list(names) })), discreet: true };
        }
        if (command.audience === 'moderators' && !(await origin.isModerator())) {
          await audit.record({ ...auditEntry(command, call), outcome: 'refused' });
          const refusal = command.refusal?.(origin) ?? 'notice.moderators';
          return { ...textReply(texts.say(refusal)), discreet: true };
        }
        return await command.run({ call, texts });
      } catch (error) {
        if (error instanceof ClosedError) throw error;
        if (command?.audience === 'moderators') {
          await audit.record({ ...auditEntry(command, call), outcome: 'failed' });
        }
        return { ...textReply(errorText(error, texts, `command ${command?.name ?? ''}`)), discreet: true };
      }
    },
  };
}

// --- Internal helpers ---

function infoOf(command: Command, translations: Translations): CommandInfo {
  const { name, audience, where, description, menu, options } = command;
  return {
    name,
    audience,
    where,
    description: translations.all(description),
    options: options?.(translations) ?? [],
    ...(menu !== undefined && { menu: translations.all(menu) }),
  };
}
