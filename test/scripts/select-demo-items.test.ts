import { describe, expect, it } from 'vitest';
import { type DemoCandidate, selectDemoItems } from '../../scripts/select-demo-items.ts';

let nextId = 0;
function some(count: number, type: string, gender: string, colour: string, title?: string): DemoCandidate[] {
  return Array.from({ length: count }, () => {
    const id = String(nextId++);
    return { id, title: title ?? `${type} ${id}`, labels: { type, gender, colour } };
  });
}

const tally = (
  items: readonly DemoCandidate[],
  label: 'type' | 'gender' | 'colour',
): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { labels } of items) counts[labels[label] ?? ''] = (counts[labels[label] ?? ''] ?? 0) + 1;
  return counts;
};

describe('selectDemoItems', () => {
  it('takes turns over types and genders, however many items each has', () => {
    const candidates = [
      ...some(100, 'Shirts', 'Men', 'Blue'),
      ...some(100, 'Shirts', 'Women', 'Blue'),
      ...some(10, 'Belts', 'Men', 'Black'),
      ...some(2, 'Hats', 'Men', 'Black'),
    ];
    const chosen = selectDemoItems(candidates, 26);
    expect(tally(chosen, 'type')).toEqual({ Shirts: 16, Belts: 8, Hats: 2 });
    expect(tally(chosen, 'gender')).toEqual({ Men: 18, Women: 8 });
  });

  it('takes turns over the colours of a type and gender', () => {
    const candidates = [
      ...some(50, 'Shirts', 'Men', 'Blue'),
      ...some(50, 'Shirts', 'Men', 'White'),
      ...some(3, 'Shirts', 'Men', 'Pink'),
    ];
    expect(tally(selectDemoItems(candidates, 13), 'colour')).toEqual({ Blue: 5, White: 5, Pink: 3 });
  });

  it('repeats a title only when no other is left', () => {
    const candidates = [
      ...some(20, 'Shirts', 'Men', 'Blue', 'The same shirt'),
      ...some(3, 'Shirts', 'Men', 'Blue'),
      ...some(3, 'Belts', 'Men', 'Black'),
    ];
    expect(selectDemoItems(candidates, 7).filter(({ title }) => title === 'The same shirt')).toHaveLength(1);
    expect(selectDemoItems(candidates, 10).filter(({ title }) => title === 'The same shirt')).toHaveLength(4);
  });

  it('returns the same result each time, in the order of the candidates', () => {
    const candidates = ['Shirts', 'Belts', 'Hats'].flatMap((type) =>
      ['Blue', 'Red', 'Black'].flatMap((colour) => some(7, type, 'Women', colour)),
    );
    const chosen = selectDemoItems(candidates, 20);
    expect(selectDemoItems(candidates, 20)).toEqual(chosen);
    expect(chosen).toEqual(candidates.filter((candidate) => chosen.includes(candidate)));
  });

  it('returns all candidates when there are not enough', () => {
    const candidates = some(5, 'Shirts', 'Men', 'Blue', 'One title');
    expect(selectDemoItems(candidates, 9)).toEqual(candidates);
    expect(selectDemoItems([], 9)).toEqual([]);
  });
});
