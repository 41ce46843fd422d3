/** Opens the Discord door with its own bot and fake Discord, for tests that are not shared with other platforms. */

import { pino } from 'pino';
import {
  createDiscordAdapter,
  type DiscordAdapterDependencies,
  type DiscordSettings,
} from '../../../src/adapters/discord/discord-adapter.ts';
import type { Adapter } from '../../../src/adapters/adapter.ts';
import type { FakeChannel, FakeGuild } from '../../fakes/discord/fake-types.ts';
import {
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../fakes/discord/fake-discord.ts';
import type { FakeUser } from '../../fakes/discord/fake-types.ts';
import type { SeenMessage } from '../../fakes/discord/observe.ts';
import { colourPhoto, COLOURS } from '../../scenarios/colour-photo.ts';
import { createScenarioBot, type ScenarioBot } from '../../scenarios/scenario-bot.ts';

export interface OpenDoor {
  readonly bot: ScenarioBot;
  readonly fake: FakeDiscord;
  readonly adapter: Adapter;
  readonly guild: FakeGuild;
  readonly channel: FakeChannel;
  /** A member. */
  readonly ana: FakeUser;
  /** A member with the permission Manage Server. */
  readonly mia: FakeUser;
  readonly lines: readonly string[];
  /** Creates another door with the same bot, platform and store. */
  another(more?: DoorOptions): Adapter;
  /** The `n`-th message of the bot (from 1) in the channel, as soon as it is there. */
  answer(n?: number, channel?: FakeChannel): Promise<SeenMessage>;
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly bot?: Parameters<typeof createScenarioBot>[0];
  readonly fake?: FakeDiscordOptions;
  readonly settings?: Partial<DiscordSettings>;
  readonly dependencies?: Partial<DiscordAdapterDependencies>;
}

/** Creates the door without starting it. */
export async function openDoor(options: DoorOptions = {}): Promise<OpenDoor> {
  const bot = await createScenarioBot(options.bot);
  const fake = await startFakeDiscord({ privilegedIntents: ['MessageContent'], ...options.fake });
  const guild = fake.guild('Boutique');
  const channel = guild.textChannel('outfits');
  const ana = fake.user('ana');
  const mia = fake.user('mia');
  guild.join(ana);
  guild.join(mia, { roles: [guild.role('Moderators', { permissions: ['ManageGuild'] })] });
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const adapters: Adapter[] = [];

  function another(more: DoorOptions = {}): Adapter {
    const adapter = createDiscordAdapter({
      conversation: bot.conversation,
      catalogue: bot.catalogue,
      pictures: bot.pictures,
      store: bot.store,
      maxPhotoBytes: bot.maxPhotoBytes,
      metrics: bot.metrics.discord,
      logger,
      settings: {
        token: fake.token,
        apiUrl: fake.url,
        moderatorRoles: [],
        shards: 1,
        messageContent: true,
        ...options.settings,
        ...more.settings,
      },
      ...options.dependencies,
      ...more.dependencies,
    });
    adapters.push(adapter);
    return adapter;
  }

  return {
    bot,
    fake,
    guild,
    channel,
    ana,
    mia,
    lines,
    adapter: another(),
    another,
    answer: (n = 1, where = channel) =>
      fake.waitFor(`answer ${n}`, () => fake.bot.messagesIn(where).filter(({ loading }) => !loading)[n - 1]),
    async close() {
      await Promise.all(adapters.map((adapter) => adapter.stop()));
      await bot.close();
      await fake.stop();
    },
  };
}

export async function photo(
  colour: string = COLOURS.near,
): Promise<{ name: string; bytes: Buffer; contentType: string }> {
  return { name: 'coat.jpg', bytes: await colourPhoto(colour), contentType: 'image/jpeg' };
}
