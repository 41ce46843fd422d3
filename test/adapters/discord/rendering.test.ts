import { ComponentType, type APIMessageTopLevelComponent } from 'discord-api-types/v10';
import { describe, expect, it } from 'vitest';
import { link, plain } from '../../../src/adapters/discord/rendering/markdown.ts';
import { renderReply } from '../../../src/adapters/discord/rendering/render-reply.ts';
import type { Reply } from '../../../src/chat/reply.ts';
import { createFormErrors } from '../../fakes/discord/api-error.ts';
import { limitsWith } from '../../fakes/discord/limits.ts';
import { findings } from '../../fakes/discord/connect.ts';
import { flatten, validateComponents } from '../../fakes/discord/validate-components.ts';
import { WHOLE_PHOTO } from '../../whole-photo.ts';

const everyPicture = (): boolean => true;

/** The errors that the strict fake would report for these components. */
function refusalsOf(components: readonly APIMessageTopLevelComponent[], names: Iterable<string>): string[] {
  const errors = createFormErrors();
  validateComponents(components, { errors, limits: limitsWith(), v2: true, fileNames: new Set(names) }, [
    'components',
  ]);
  try {
    errors.throwIfAny();
    return [];
  } catch (error) {
    return findings((error as { toBody(): { errors: unknown } }).toBody().errors);
  }
}

function textOf(components: readonly APIMessageTopLevelComponent[]): string {
  return flatten(components)
    .flatMap(({ component }) =>
      component.type === ComponentType.TextDisplay ? [component.content as string] : [],
    )
    .join('\n');
}

/** A gallery of `count` items. */
function gallery(count: number, about: { title?: string; link?: string } = {}): Reply['blocks'][number] {
  const items = Array.from({ length: count }, (_, n) => ({
    rank: n + 1,
    id: `${about.title ?? 'item'}-${n}`,
    title: about.title ?? `Item ${n + 1}`,
    similarity: 0.87,
    likeness: 'very similar',
    labels: {},
    duplicateCount: 0,
    ...(about.link !== undefined && { link: about.link }),
  }));
  return {
    kind: 'gallery',
    gallery: { id: 'g', items, weak: false, more: true, filter: {}, ...WHOLE_PHOTO },
    details: items.map(() => 'very similar (0.87) · 1299 INR · +2 alike'),
  };
}

describe('text', () => {
  it('is escaped, so that Discord’s Markdown shows it as it was written', () => {
    expect(plain('*bold* _i_ ~~s~~ ||x|| `c` [a](b)')).toBe(
      '\\*bold\\* \\_i\\_ \\~\\~s\\~\\~ \\|\\|x\\|\\| \\`c\\` \\[a\\](b)',
    );
    expect(plain('<@123> <#1> <:a:1> <t:1> </find:1> a < b <red>')).toBe(
      '\\<@123> \\<#1> \\<:a:1> \\<t:1> \\</find:1> a < b <red>',
    );
    expect(plain('# one\n- two\n> three\n1. four\n-# five\n#hash 1.5')).toBe(
      '\\# one\n\\- two\n\\> three\n1\\. four\n\\-# five\n#hash 1.5',
    );
  });

  it('of a link cannot end the link or its address early', () => {
    expect(link('Coat [red] (new)', 'https://shop.example/a_(b)?c=<d>')).toBe(
      '[Coat (red) (new)](https://shop.example/a_%28b%29?c=%3cd%3e)',
    );
  });
});

describe('a reply', () => {
  it('to four photos with all their components is accepted by Discord', () => {
    const photos = [1, 2, 3, 4].flatMap((photo): Reply['blocks'] => [
      { kind: 'text', text: `Photo ${photo}\nLooks like: Shirts` },
      gallery(5, {
        title: `${photo} ${'long title '.repeat(40)}`,
        link: `https://shop.example/${'x'.repeat(300)}`,
      }),
    ]);
    const buttons = [1, 2, 3, 4].flatMap((photo) => [
      { handle: `more${photo}`, label: `Photo ${photo}: more` },
      { handle: `open${photo}`, label: `Photo ${photo}: refine` },
    ]);
    const reply: Reply = {
      blocks: [...photos, { kind: 'text', text: 'Photos 5 and 6 were left out.' }],
      buttons: [...buttons, { handle: 'delete', label: 'Delete', danger: true }],
    };
    const { components, uploads } = renderReply(reply, everyPicture);
    expect(refusalsOf(components, uploads.values())).toEqual([]);
    expect(uploads.size).toBe(8);
    expect(textOf(components).length).toBeLessThanOrEqual(4000);
    // Every item is named with its rank and similarity, even when the text has to be shortened.
    expect(textOf(components).match(/very similar \(0\.87\)/g)).toHaveLength(20);
    expect(textOf(components)).toContain('left out');
    const rows = flatten(components).filter(({ component }) => component.type === ComponentType.ActionRow);
    expect(rows.map(({ component }) => (component.components as unknown[]).length)).toEqual([2, 2, 2, 2, 1]);
  });

  it('to one photo has pictures with alt texts, behind spoilers on request, and keeps links', () => {
    const reply: Reply = {
      blocks: [
        { kind: 'text', text: 'Looks like: Coats' },
        gallery(5, { title: 'Coat', link: 'https://shop.example/1' }),
      ],
      spoiler: true,
    };
    const { components, uploads } = renderReply(reply, (id) => id !== 'Coat-3');
    expect(refusalsOf(components, uploads.values())).toEqual([]);
    const media = flatten(components).find(({ component }) => component.type === ComponentType.MediaGallery);
    expect(media?.component.items).toHaveLength(4);
    expect((media?.component.items as unknown[])[0]).toEqual({
      media: { url: 'attachment://item-1.jpg' },
      description: '1. Coat, very similar (0.87) · 1299 INR · +2 alike',
      spoiler: true,
    });
    expect(textOf(components)).toContain('**1.** [Coat](https://shop.example/1)\n-# very similar (0.87)');
  });

  it('that is far too long is cut, and an empty one is still a valid message', () => {
    const items = Array.from({ length: 60 }, (_, n) => `${n} ${'word '.repeat(40)}`);
    const long = renderReply(
      {
        blocks: [
          { kind: 'list', items },
          { kind: 'text', text: 'end' },
        ],
      },
      everyPicture,
    );
    expect(refusalsOf(long.components, [])).toEqual([]);
    expect(textOf(long.components).length).toBeLessThanOrEqual(4000);
    const empty = renderReply({ blocks: [{ kind: 'text', text: ' ' }] }, everyPicture);
    expect(refusalsOf(empty.components, [])).toEqual([]);
  });

  it('shows the name of a select menu until one of its options is chosen', () => {
    const option = (value: string, selected: boolean) => ({ value, label: `label ${value}`, selected });
    const choices = [
      { handle: 'type', label: 'Type', options: [option('0', true), option('1', false)] },
      { handle: 'colour', label: 'Colour', options: [option('0', false), option('1', true)] },
    ];
    const { components, uploads } = renderReply({ blocks: [gallery(5)], choices }, everyPicture);
    expect(refusalsOf(components, uploads.values())).toEqual([]);
    const selects = flatten(components).filter(
      ({ component }) => component.type === ComponentType.StringSelect,
    );
    expect(
      selects.map(({ component }) => [
        component.placeholder,
        ...(component.options as { default: boolean }[]).map(({ default: chosen }) => chosen),
      ]),
    ).toEqual([
      ['Type', false, false],
      ['Colour', false, true],
    ]);
  });
});
