import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { type PlainAnswer, findings, plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';

const FIND = { name: 'find', description: 'Finds items' };

let fake: FakeDiscord;
let guild: Boutique['guild'];
let channel: Boutique['channel'];
let ana: Boutique['ana'];

beforeEach(async () => {
  fake = await startFakeDiscord({ rateLimits: 'off' });
  ({ guild, channel, ana } = openBoutique(fake));
});

afterEach(async () => {
  await fake.stop();
});

describe('commands', () => {
  const option = { name: 'type', description: 'A kind', type: 3 };

  it.each([
    ['a name in capitals', { ...FIND, name: 'Find' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
    ['a name with a space', { ...FIND, name: 'find me' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
    ['no description', { name: 'find' }, '0.description: BASE_TYPE_REQUIRED'],
    [
      'a description of 101 characters',
      { ...FIND, description: 'x'.repeat(101) },
      '0.description: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a language that Discord has not',
      { ...FIND, description_localizations: { es: 'x' } },
      '0.description_localizations.es: ENUM_TYPE_COERCE',
    ],
    [
      'a translated name in capitals',
      { ...FIND, name_localizations: { de: 'Finde' } },
      '0.name_localizations.de: APPLICATION_COMMAND_INVALID_NAME',
    ],
    [
      '26 options',
      { ...FIND, options: Array.from({ length: 26 }, (_, n) => ({ ...option, name: `o${n}` })) },
      '0.options: BASE_TYPE_MAX_LENGTH',
    ],
    [
      '26 choices',
      {
        ...FIND,
        options: [
          { ...option, choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) },
        ],
      },
      '0.options.0.choices: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a needed option after a free one',
      { ...FIND, options: [option, { ...option, name: 'b', required: true }] },
      '0.options.1: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    [
      'the same option twice',
      { ...FIND, options: [option, option] },
      '0.options.1: APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    [
      'a description on a context menu',
      { name: 'Find similar', type: 3, description: 'x' },
      '0.description: APPLICATION_COMMAND_CONTEXT_MENU_FIELD',
    ],
  ])('with %s are refused', async (_, command, finding) => {
    const answer = await register([command]);
    expect(answer).toMatchObject({ status: 400, json: { code: 50035 } });
    expect(findings(answer.json.errors)).toEqual([finding]);
  });

  it('overwrite each other in bulk, keep their ids by name, and count what is new', async () => {
    const first = await register([
      { ...FIND, name_localizations: { hi: 'खोजें', ja: '探す', 'es-ES': 'buscar' } },
      { name: 'Find similar items', type: 3 },
    ]);
    const second = await register([FIND]);
    const ids = [first, second].map((answer) => (answer.json as unknown as { id: string }[])[0]?.id);
    expect(ids[0]).toBe(ids[1]);
    expect(fake.bot.commands().map((command) => command.name)).toEqual(['find']);
    expect(await register([FIND, FIND])).toMatchObject({ status: 400 });
    const all = Array.from({ length: 100 }, (_, n) => ({ ...FIND, name: `c${n}` }));
    await register(all);
    expect(await register([...all, FIND])).toMatchObject({ status: 400, json: { code: 30032 } });
    const renamed = all.map((command) => ({ ...command, name: `${command.name}b` }));
    expect(await register(renamed)).toMatchObject({ status: 400, json: { code: 30034 } });
    fake.clock.advance(24 * 60 * 60_000);
    expect(await register(renamed)).toMatchObject({ status: 200 });
  });

  it('of one server are not offered elsewhere', async () => {
    await plainRequest(fake, 'PUT', `/applications/${fake.applicationId}/guilds/${guild.id}/commands`, [
      FIND,
    ]);
    expect(fake.bot.commands(guild)).toHaveLength(1);
    await expect(ana.slash('find')).rejects.toThrow('command "find" registered here');
    expect((await ana.slash('find', {}, { in: channel })).status).toBe('pending');
  });
});

async function register(commands: readonly object[]): Promise<PlainAnswer> {
  return plainRequest(fake, 'PUT', `/applications/${fake.applicationId}/commands`, commands);
}
