import { ButtonStyle, ComponentType, MessageFlags } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBoutique } from './discord/boutique.ts';
import type { FakeChannel } from './discord/fake-types.ts';
import { type PlainAnswer, findings, plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';
import { LIMITS } from './discord/limits.ts';

const V2 = MessageFlags.IsComponentsV2;

let fake: FakeDiscord;
let channel: FakeChannel;

beforeEach(async () => {
  fake = await startFakeDiscord({ rateLimits: 'off' });
  ({ channel } = openBoutique(fake));
});

afterEach(async () => {
  await fake.stop();
});

describe('a message body', () => {
  it.each([
    ['2,001 characters', { content: 'x'.repeat(2001) }, 'content: BASE_TYPE_MAX_LENGTH'],
    ['eleven embeds', { embeds: times(11, () => ({ title: 'x' })) }, 'embeds: BASE_TYPE_MAX_LENGTH'],
    [
      '6,001 characters in embeds',
      { embeds: [1, 2].map(() => ({ description: 'x'.repeat(3001) })) },
      'embeds: MAX_EMBED_SIZE_EXCEEDED',
    ],
    [
      'an embed picture that was not uploaded',
      { embeds: [{ image: { url: 'attachment://no.png' } }] },
      'embeds.0.image.url: UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ],
    [
      'content beside the components flag',
      { flags: V2, content: 'x', components: [text('x')] },
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'embeds beside the components flag',
      { flags: V2, embeds: [{ title: 'x' }], components: [text('x')] },
      'embeds: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    ['new components without the flag', { components: [text('x')] }, 'components.0.type: UNION_TYPE_CHOICES'],
    [
      'six rows without the flag',
      { content: 'x', components: times(6, (n) => row([button(`b${n}`)])) },
      'components: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a flag that nobody may set',
      { content: 'x', flags: MessageFlags.Ephemeral },
      'flags: MESSAGE_FLAGS_INVALID',
    ],
    [
      '41 components, nested ones counted',
      { flags: V2, components: [container(times(40, (n) => text(`${n}`)))] },
      'components: COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
    ],
    [
      '4,001 displayed characters',
      { flags: V2, components: [text('x'.repeat(2001)), text('x'.repeat(2000))] },
      'components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
    ],
    ['eleven pictures', { flags: V2, components: [gallery(11)] }, 'components.0.items: BASE_TYPE_BAD_LENGTH'],
    ['no picture', { flags: V2, components: [gallery(0)] }, 'components.0.items: BASE_TYPE_BAD_LENGTH'],
    [
      'an alt text of 1,025 characters',
      { flags: V2, components: [gallery(1, 'x'.repeat(1025))] },
      'components.0.items.0.description: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a custom_id of 101 characters',
      { flags: V2, components: [row([button('x'.repeat(101))])] },
      'components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'an empty custom_id',
      { flags: V2, components: [row([button('')])] },
      'components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'the same custom_id twice',
      { flags: V2, components: [row([button('a'), button('a')])] },
      'components.0.components.1.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    [
      'six buttons in a row',
      { flags: V2, components: [row(times(6, (n) => button(`b${n}`)))] },
      'components.0.components: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a button label of 81 characters',
      { flags: V2, components: [row([{ ...button('a'), label: 'x'.repeat(81) }])] },
      'components.0.components.0.label: BASE_TYPE_MAX_LENGTH',
    ],
    [
      'a section without accessory',
      { flags: V2, components: [{ type: ComponentType.Section, components: [text('x')] }] },
      'components.0.accessory: BASE_TYPE_REQUIRED',
    ],
    [
      'a container in a container',
      { flags: V2, components: [container([container([text('x')])])] },
      'components.0.components.0.type: UNION_TYPE_CHOICES',
    ],
    [
      'a picture that was not uploaded',
      {
        flags: V2,
        components: [
          { type: ComponentType.MediaGallery, items: [{ media: { url: 'attachment://no.png' } }] },
        ],
      },
      'components.0.items.0.media.url: UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ],
    [
      '26 options in a select',
      { flags: V2, components: [row([select(26)])] },
      'components.0.components.0.options: BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a list and parse of the same mentions',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
  ])('with %s is refused', async (_, body, finding) => {
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 400, json: { code: 50035, message: 'Invalid Form Body' } });
    expect(findings(answer.json.errors)).toEqual([finding]);
    expect(fake.bot.messages()).toEqual([]);
  });

  it('at every limit is taken', async () => {
    const rows = times(5, (n) => row(times(4, (m) => button(`${n}:${m}`.padEnd(100, 'x')))));
    const texts = times(11, (n) => text('x'.repeat(n === 0 ? 4000 - 10 : 1)));
    const body = {
      flags: V2,
      components: [container([...rows, ...texts.slice(0, 11), gallery(10, 'x'.repeat(1024))]), text('x')],
    };
    const refused = await send(body);
    // 1 + 25 + 11 + 1 + 1 components and 4,001 characters: one character too many.
    expect(findings(refused.json.errors)).toEqual(['components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED']);
    const taken = await send({ ...body, components: body.components.slice(0, 1) });
    expect(taken.status).toBe(200);
    expect(await send({ content: 'x'.repeat(2000) })).toMatchObject({ status: 200 });
  });

  it('of nothing is refused', async () => {
    expect(await send({})).toMatchObject({ status: 400, json: { code: 50006 } });
    expect(await send({ flags: V2, components: [] })).toMatchObject({ status: 400, json: { code: 50006 } });
  });
});

it('every limit names its source', () => {
  for (const [name, limit] of Object.entries(LIMITS))
    expect(limit.source, name).toMatch(/"|B\.1|JSON error|quoted by users/);
});

async function send(body: object): Promise<PlainAnswer> {
  return plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, body);
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function text(content: string): object {
  return { type: ComponentType.TextDisplay, content };
}

function container(components: readonly object[]): object {
  return { type: ComponentType.Container, components };
}

function row(components: readonly object[]): object {
  return { type: ComponentType.ActionRow, components };
}

function button(id: string): object {
  return { type: ComponentType.Button, style: ButtonStyle.Primary, label: 'x', custom_id: id };
}

function gallery(count: number, description?: string): object {
  const items = times(count, () => ({ media: { url: 'https://example.org/a.png' }, description }));
  return { type: ComponentType.MediaGallery, items };
}

function select(count: number): object {
  const options = times(count, (n) => ({ label: `${n}`, value: `${n}` }));
  return { type: ComponentType.StringSelect, custom_id: 's', options };
}
