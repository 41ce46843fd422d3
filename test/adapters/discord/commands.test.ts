import { readFile } from 'node:fs/promises';
import { Locale, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { commandPayloads } from '../../../src/adapters/discord/api/command-payloads.ts';
import type { CommandInfo } from '../../../src/chat/command-info.ts';
import { validateCommands } from '../../fakes/discord/validate-commands.ts';
import { createFastClock } from '../../test-clock.ts';
import { type DoorOptions, type OpenDoor, openDoor, photo } from './open-door.ts';

let door: OpenDoor | undefined;

afterEach(async () => {
  await door?.close();
  door = undefined;
});

/** The gateway limits how often the bot may log in, so a second start has to wait. This clock makes the wait short. */
function withFastClock(): DoorOptions {
  const clock = createFastClock();
  return { dependencies: { clock }, fake: { clock: clock.platform } };
}

/** The routes of the bulk overwrites that the bot sent. */
function overwrites({ fake }: OpenDoor): string[] {
  return fake.calls.filter(({ method }) => method === 'PUT').map(({ route }) => route);
}

describe('the registered commands', () => {
  it('are sent once, and again only when they have changed', async () => {
    const opened = (door = await openDoor(withFastClock()));
    const { fake, lines } = opened;
    await opened.adapter.start();
    await fake.waitFor('the commands', () => fake.bot.commands().length === 8);
    const names = fake.bot.commands().map(({ name }) => name);
    expect(names.sort()).toEqual(
      ['find', 'Find similar items', 'forget', 'help', 'mode', 'privacy', 'reindex', 'status'].sort(),
    );
    await opened.adapter.stop();
    expect(overwrites(opened)).toHaveLength(1);

    fake.clock.advance(6000);
    const second = opened.another();
    await second.start();
    await second.stop();
    expect(overwrites(opened)).toHaveLength(1);

    fake.clock.advance(6000);
    const third = opened.another({ settings: { moderatorRoles: ['1'] } });
    await third.start();
    await fake.waitFor('the change', () => overwrites(opened).length === 2);
    await third.stop();
    expect(lines.filter((line) => line.includes('commands registered'))).toHaveLength(2);
  });

  it('are removed globally when they are registered for one guild, so that nobody sees them twice', async () => {
    const opened = (door = await openDoor(withFastClock()));
    const { fake, guild } = opened;
    await opened.adapter.start();
    await fake.waitFor('the commands', () => fake.bot.commands().length === 8);
    await opened.adapter.stop();
    fake.clock.advance(6000);
    const second = opened.another({ settings: { guildId: guild.id } });
    await second.start();
    await fake.waitFor('the move', () => fake.bot.commands(guild).length === 8);
    await second.stop();
    expect(fake.bot.commands()).toEqual([]);
  });

  it('cannot be registered for a guild that the bot has not joined, which is logged', async () => {
    const opened = (door = await openDoor({ settings: { guildId: '123456789012345678' } }));
    await opened.adapter.start();
    await opened.fake.waitFor('the line', () =>
      opened.lines.some((line) => line.includes('not in the guild of DISCORD_GUILD_ID')),
    );
  });

  it('are described in six languages, and hidden where a person may not use them', async () => {
    const opened = (door = await openDoor());
    const { bot } = opened;
    const payloads = commandPayloads(bot.conversation.commands(), {
      onGuild: false,
      hasModeratorRoles: false,
    });
    const find = payloads.find(({ name }) => name === 'find');
    const menu = payloads.find(({ name }) => name === 'Find similar items');
    const mode = payloads.find(({ name }) => name === 'mode');
    const languages = [
      Locale.German,
      Locale.SpanishES,
      Locale.SpanishLATAM,
      Locale.French,
      Locale.Hindi,
      Locale.Japanese,
    ].sort();
    expect(Object.keys(menu?.name_localizations ?? {}).sort()).toEqual(languages);
    expect(find).toMatchObject({ contexts: [0, 1] });
    expect(mode).toMatchObject({
      contexts: [0],
      default_member_permissions: PermissionFlagsBits.ManageGuild.toString(),
    });
    for (const payload of payloads.filter(({ name }) => name !== menu?.name)) {
      const { description_localizations: described } = payload as { description_localizations?: object };
      expect(Object.keys(described ?? {}).sort()).toEqual(languages);
    }
    const withRoles = commandPayloads(bot.conversation.commands(), {
      onGuild: true,
      hasModeratorRoles: true,
    });
    expect(withRoles.find(({ name }) => name === 'mode')).not.toHaveProperty('default_member_permissions');
    expect(withRoles.find(({ name }) => name === 'mode')).not.toHaveProperty('contexts');
  });

  it('stay within the size that Discord accepts, however long the labels of the inventory are', async () => {
    const opened = (door = await openDoor());
    const value = (n: number): string => `${n} ${'long '.repeat(18)}`.slice(0, 95);
    const find = opened.bot.conversation.commands().find(({ name }) => name === 'find');
    const long: CommandInfo = {
      ...find!,
      options: find!.options.map((option) =>
        option.kind === 'filter'
          ? {
              ...option,
              choices: Array.from({ length: 25 }, (_, n) => ({ value: value(n), label: { en: value(n) } })),
            }
          : option,
      ),
    };
    const payloads = commandPayloads([long], { onGuild: false, hasModeratorRoles: false });
    validateCommands(payloads, opened.fake.limits);
    const choices = (payloads[0] as { options: { choices?: unknown[] }[] }).options.map(
      (option) => option.choices?.length ?? 0,
    );
    expect(Math.min(...choices.slice(1))).toBeGreaterThan(5);
  });
});

describe('the invite link', () => {
  it('in docs/discord.md requests the permissions that the bot uses, and no others', async () => {
    const names = [
      'ViewChannel',
      'SendMessages',
      'SendMessagesInThreads',
      'AttachFiles',
      'ReadMessageHistory',
    ] as const;
    const bits = names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);
    const page = await readFile(new URL('../../../docs/discord.md', import.meta.url), 'utf8');
    expect(page).toContain(`&permissions=${bits}\``);

    const opened = (door = await openDoor());
    const guild = opened.fake.guild('Atelier', { botPermissions: names });
    guild.join(opened.ana);
    const channel = guild.textChannel('outfits');
    channel.deny('everyone', [...names, 'EmbedLinks', 'AddReactions']);
    channel.allow('bot', names);
    channel.allow(opened.ana, ['ViewChannel', 'SendMessages', 'AttachFiles', 'SendMessagesInThreads']);
    await opened.adapter.start();
    for (const place of [channel, channel.thread('spring')]) {
      await opened.ana.post(place, { mention: ['bot'], files: [await photo()] });
      expect((await opened.answer(1, place)).gallery).toHaveLength(5);
    }
  });
});
