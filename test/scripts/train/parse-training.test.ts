import { describe, expect, it } from 'vitest';
import { LABEL_WEIGHTS } from '../../../scripts/train/labelled-items.ts';
import { parseTraining } from '../../../scripts/train/parse-training.ts';
import { OperatorError } from '../../../src/errors.ts';

describe('parseTraining', () => {
  it('changes the weights of the labels that are named, and of no other', () => {
    expect(parseTraining([]).labelWeights).toEqual(LABEL_WEIGHTS);
    expect(parseTraining(['--weights', 'gender=1,season=0']).labelWeights).toEqual({
      ...LABEL_WEIGHTS,
      gender: 1,
      season: 0,
    });
  });

  it.each(['shape=1', 'colour', 'colour=', 'colour=-1', 'colour=much', 'toString=1'])(
    'refuses the weights "%s", and names what is expected',
    (weights) => {
      expect(() => parseTraining(['--weights', weights])).toThrow(OperatorError);
      expect(() => parseTraining(['--weights', weights])).toThrow(
        `one of type, colour, gender, usage, season and a number of 0 or more, got "${weights}"`,
      );
    },
  );

  it.each([
    ['--rate', '0'],
    ['--rate', '1'],
    ['--steps', '0'],
    ['--steps', '1.5'],
    ['--batch', 'many'],
  ])('refuses %s %s with the usage', (option, value) => {
    expect(() => parseTraining([option, value])).toThrow('Usage: npm run train');
  });
});
