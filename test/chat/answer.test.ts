import { describe, expect, it } from 'vitest';
import { answerDraft } from '../../src/chat/answer.ts';
import type { Gallery } from '../../src/recommend/gallery.ts';
import { translations } from './chat-fixture.ts';
import { WHOLE_PHOTO } from '../whole-photo.ts';

function gallery(options: Partial<Gallery> = {}): Gallery {
  const items = [1, 2, 3].map((rank) => ({
    rank,
    id: `${rank}`,
    title: `Item ${rank}`,
    similarity: 0.9,
    likeness: 'very similar',
    labels: {},
    predicted: { type: { value: 'Shirts', probability: 0.8 } },
    duplicateCount: 0,
  }));
  return { id: 'g', items, weak: false, more: false, filter: {}, ...WHOLE_PHOTO, ...options };
}

function firstLine(shown: Gallery, locale = 'en'): string {
  const texts = translations.for(locale);
  const outcome = { kind: 'found', gallery: shown, opened: ['g'] } as const;
  const [block] = answerDraft([outcome], 0, { texts, counts: new Map() }).blocks;
  return block?.kind === 'text' ? block.text : '';
}

const shows = {
  gender: { value: 'Women', probability: 0.987 },
  type: { value: 'Dresses', probability: 0.93 },
  colour: { value: 'Red', probability: 0.71 },
};

describe('the labels of a photo', () => {
  it('are given with the probabilities of the model, type first', () => {
    expect(firstLine(gallery({ shows }))).toBe('Looks like: Dresses 93% · Red 71% · Women 99%');
    expect(firstLine(gallery({ shows }), 'de')).toContain('Dresses 93');
  });

  it('leave out any that is less likely than not', () => {
    const unsure = { ...shows, colour: { value: 'Red', probability: 0.4 } };
    expect(firstLine(gallery({ shows: unsure }))).toBe('Looks like: Dresses 93% · Women 99%');
  });

  it('are the type that the closest items agree on when the model predicts nothing', () => {
    expect(firstLine(gallery())).toBe('Looks like: Shirts');
  });

  it('are the garments when the photo shows an outfit', () => {
    const box = [0, 0, 1, 1] as const;
    const outfit = gallery({
      shows,
      garments: [
        { kind: 'dress', box, probability: 0.9, gallery: 'd' },
        { kind: 'shoes', box, probability: 0.9, gallery: 's' },
        { kind: 'shoes', box, probability: 0.8, gallery: 't' },
      ],
      severalPeople: true,
    });
    const shown = { ...outfit, items: outfit.items.map((item) => ({ ...item, garment: 'dress' as const })) };
    expect(firstLine(shown)).toBe(
      'In this photo: Dress · Shoes\nThere are several people in this photo: the most prominent one comes first.',
    );
    const outcome = { kind: 'found', gallery: shown, opened: ['g'] } as const;
    const { buttons = [] } = answerDraft([outcome], 0, { texts: translations.for('en'), counts: new Map() });
    expect(buttons.slice(0, 3).map(({ label }) => label)).toEqual(['Dress', 'Shoes', 'Shoes 2']);
    expect(buttons[2]).toMatchObject({ action: { kind: 'open', search: { gallery: 't' }, replace: false } });
  });

  it('are not given for a photo without a garment', () => {
    expect(firstLine(gallery({ shows, garmentSeen: false, weak: true, items: [], more: true }))).toBe(
      'I see no garment in this photo.',
    );
  });

  it('are not given for a weak match', () => {
    expect(firstLine(gallery({ shows, weak: true }))).not.toContain('Dresses');
  });
});
