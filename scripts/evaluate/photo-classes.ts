/** Translates predicted article types of real photos into the classes of the photos. */

import { type ClassScores, scoreClasses } from '../train/scores.ts';
import { type Confusion, confusionOf } from './confusion.ts';

export interface RealPhoto {
  readonly className: string;
  /** Article types that count as right. */
  readonly types: readonly string[];
  readonly read: () => Promise<Uint8Array>;
}

export interface PhotoClasses {
  readonly scores: ClassScores;
  readonly confusion: Confusion;
}

/** The class for a type that fits no class. */
const OTHER = 'none of them';

/**
 * A type may fit several classes (a top may have long or short sleeves). It counts as the photo's own class if it fits that
 * one, else as the first class that it fits.
 * @param types the predicted type of each photo.
 */
export function photoClasses(
  photos: readonly Pick<RealPhoto, 'className' | 'types'>[],
  types: readonly string[],
): PhotoClasses {
  const fitting = new Map(photos.map(({ className, types }) => [className, types]));
  const classes = [...fitting.keys(), OTHER];
  const answers = photos.map((photo, n) => {
    const type = types[n]!;
    if (photo.types.includes(type)) return photo.className;
    return classes.find((name) => fitting.get(name)?.includes(type)) ?? OTHER;
  });
  const targets = Int32Array.from(photos, ({ className }) => classes.indexOf(className));
  const predicted = Int32Array.from(answers, (name) => classes.indexOf(name));
  return {
    scores: scoreClasses(predicted, targets, classes.length),
    confusion: confusionOf(classes, predicted, targets),
  };
}
