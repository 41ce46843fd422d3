import { describe, expect, it } from 'vitest';
import { LABEL_WEIGHTS } from '../../../scripts/train/labelled-items.ts';
import { parseTraining } from '../../../scripts/train/parse-training.ts';
import { UsageError } from '../../../scripts/run-command-line.ts';

describe('parseTraining', () => {
  it('changes the weights of the named labels only', () => {
    expect(parseTraining([]).labelWeights).toEqual(LABEL_WEIGHTS);
    expect(parseTraining(['--weights', 'gender=1,season=0']).labelWeights).toEqual({
      ...LABEL_WEIGHTS,
      gender: 1,
      season: 0,
    });
  });

  it('learns from crops only when it is asked to', () => {
    expect(parseTraining([])).toMatchObject({ crops: 0, finder: undefined });
    expect(parseTraining(['--crops', '0']).crops).toBe(0);
    expect(parseTraining(['--crops', '24', '--finder', '/a/finder'])).toMatchObject({
      crops: 24,
      finder: '/a/finder',
    });
  });

  it.each(['shape=1', 'colour', 'colour=', 'colour=-1', 'colour=much', 'toString=1'])(
    'refuses the weights "%s", and names what is expected',
    (weights) => {
      expect(() => parseTraining(['--weights', weights])).toThrow(UsageError);
      expect(() => parseTraining(['--weights', weights])).toThrow(
        `one of type, colour, gender, usage, season and a number of 0 or more, got "${weights}"`,
      );
    },
  );

  it.each([
    ['--rate', '0', '--rate: expected a number between 0 and 1, exclusive, got "0".'],
    ['--rate', '1', '--rate: expected a number between 0 and 1, exclusive, got "1".'],
    ['--steps', 'abc', '--steps: expected a whole number of 1 or more, got "abc".'],
    ['--last-side', '1.5', '--last-side: expected a whole number of 1 or more, got "1.5".'],
    ['--crops', 'some', '--crops: expected a whole number of 1 or more, got "some".'],
    ['--batch', 'many', '--batch: expected a whole number of 1 or more, got "many".'],
  ])('refuses %s %s and says why', (option, value, message) => {
    expect(() => parseTraining([option, value])).toThrow(UsageError);
    expect(() => parseTraining([option, value])).toThrow(message);
  });
});
