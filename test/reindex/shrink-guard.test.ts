import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import type { Loss } from '../../src/reindex/reindex-plan.ts';
import { confirmOptions, readLoss } from '../../src/reindex/shrink-guard.ts';

describe('a confirmation on the command line', () => {
  it('names each loss as it was shown, and reads as that loss again', () => {
    const losses: Loss[] = [
      { source: 'shop', before: 40, removed: 12 },
      { source: 'a=b/c 1', before: 3, removed: 3 },
    ];
    expect(confirmOptions(losses)).toBe('--confirm shop=12/40 --confirm "a=b/c 1=3/3"');
    expect(['shop=12/40', 'a=b/c 1=3/3'].map(readLoss)).toEqual(losses);
  });

  it('that covers anything at all is no confirmation', () => {
    for (const word of ['', 'yes', 'shop', 'shop=12', '=1/3', 'shop=all/40', 'shop=-1/40']) {
      expect(() => readLoss(word), word).toThrow(OperatorError);
    }
  });
});
