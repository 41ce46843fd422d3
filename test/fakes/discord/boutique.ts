/** The setup that most tests need: a server with one channel and one member. */

import type { Locale } from 'discord-api-types/v10';
import type { FakeChannel, FakeGuild } from './fake-types.ts';
import type { FakeDiscord } from './fake-discord.ts';
import type { FakeUser } from './fake-types.ts';

export interface Boutique {
  readonly guild: FakeGuild;
  readonly channel: FakeChannel;
  readonly ana: FakeUser;
}

export function openBoutique(fake: FakeDiscord, locales: { guild?: Locale; ana?: Locale } = {}): Boutique {
  const guild = fake.guild('Boutique', locales.guild === undefined ? {} : { locale: locales.guild });
  const channel = guild.textChannel('outfits');
  const ana = fake.user('ana', locales.ana === undefined ? {} : { locale: locales.ana });
  guild.join(ana);
  return { guild, channel, ana };
}
