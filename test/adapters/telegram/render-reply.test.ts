import { describe, expect, it } from 'vitest';
import { renderReply } from '../../../src/adapters/telegram/rendering/render-reply.ts';
import type { GalleryItem } from '../../../src/recommend/gallery.ts';
import { WHOLE_PHOTO } from '../../whole-photo.ts';

const TITLES = ['👗'.repeat(700), `<b>${'&'.repeat(1100)}</b>`, 'x'.repeat(1023) + '👗'];

function item(rank: number): GalleryItem {
  return {
    rank,
    id: `item-${rank}`,
    title: TITLES[rank % TITLES.length]!,
    similarity: 0.87,
    likeness: 'very similar',
    labels: {},
    link: `https://shop.example/${'q'.repeat(1000)}?a=1&b="2"`,
    duplicateCount: 0,
  };
}

function readable(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Matches half of a surrogate pair. */
const HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

describe('a reply with very long titles', () => {
  const items = Array.from({ length: 20 }, (_, n) => item(n + 1));
  const gallery = { id: 'g', items, weak: false, more: false, filter: {}, ...WHOLE_PHOTO };
  const long = { kind: 'text', text: '👠'.repeat(5000) } as const;
  const { pictures, texts } = renderReply({ blocks: [long, { kind: 'gallery', gallery }] });

  it('has captions of at most 1,024 UTF-16 units, with no character cut in two', () => {
    expect(pictures).toHaveLength(10);
    for (const { caption } of pictures) {
      expect(readable(caption.html)).toBe(caption.text);
      expect(caption.text.length).toBeLessThanOrEqual(1024);
      expect(caption.html).not.toMatch(HALF);
      expect(caption.html).toMatch(/, 0\.87$/);
    }
  });

  it('has texts of at most 4,096 UTF-16 units, with no character cut in two, and names every item', () => {
    for (const { html, text } of texts) {
      expect(readable(html)).toBe(text);
      expect(text.length).toBeLessThanOrEqual(4096);
      expect(html).not.toMatch(HALF);
    }
    const whole = texts.map(({ html }) => html).join('\n');
    for (const { rank } of items) expect(whole).toContain(`<b>${rank}.</b>`);
  });

  it('escapes titles and links', () => {
    const html = texts.map((text) => text.html).join('');
    expect(html).toContain('&lt;b&gt;&amp;&amp;');
    expect(html).toContain('?a=1&amp;b=&quot;2&quot;');
  });
});
