/** What was measured of a finder, as tables. Pure. */

import { garmentProbability } from '../../../src/garments/find-garments.ts';
import { classOfKind, GARMENT_KINDS } from '../../../src/garments/garment-kinds.ts';
import { meanOverlap } from '../../train/finder/finder-scores.ts';
import { areaUnderCurve } from './area-under-curve.ts';
import {
  calibrateFinder,
  type FinderCalibration,
  precisionAndRecall,
  productScore,
} from './calibrate-finder.ts';
import type { FinderMeasurements, JudgedCandidate } from './measure-finder.ts';

export interface FinderFigures {
  readonly pixelsRight: number;
  readonly meanOverlap: number;
  readonly overlapByClass: Readonly<Record<string, number>>;
  readonly precision: number;
  readonly recall: number;
  /** The same with each half of the photos calibrated by the other half. */
  readonly crossed: { readonly precision: number; readonly recall: number };
  /** By kind: how many there are, and of those how many are found; of those found, how many are right. */
  readonly kinds: Readonly<Record<string, { there: number; recall: number; precision: number }>>;
  /** Mean distance between a stated probability and how often it is right, over ten bins, 0 to 1. */
  readonly calibrationError: number;
  readonly streets: number;
  readonly garments: number;
  readonly areaUnderCurve: number;
  readonly streetsAnswered: number;
  readonly garmentsAnswered: number;
  /** The same with each half of the pictures calibrated by the other half. */
  readonly crossedAnswered: {
    readonly streets: number;
    readonly garments: number;
    readonly areaUnderCurve: number;
  };
}

export function finderFigures(measured: FinderMeasurements, calibration: FinderCalibration): FinderFigures {
  const { photos, overlaps, pixelsRight, streets, garments } = measured;
  const { mean, classes } = meanOverlap(overlaps);
  const { garment, garmentFrom, productFrom } = calibration;
  const probability = ({ evidence }: JudgedCandidate): number => garmentProbability(evidence, garment);
  const scores = [garments, streets].map((pictures) =>
    pictures.map((picture) => productScore(picture, calibration)),
  ) as [number[], number[]];
  const answered = (of: readonly number[], from: number): number =>
    of.filter((score) => score >= from).length / Math.max(1, of.length);

  const kinds = GARMENT_KINDS.map((kind) => {
    const ofKind = photos.map((photo) => ({
      ...photo,
      candidates: photo.candidates.filter((candidate) => candidate.kind === kind),
      truth: photo.truth.filter((truth) => truth.kind === classOfKind(kind)),
    }));
    const there = ofKind.flatMap(({ truth }) => truth.filter(({ counts }) => counts)).length;
    return [kind, { there, ...precisionAndRecall(ofKind, probability, garmentFrom) }] as const;
  });

  return {
    pixelsRight,
    meanOverlap: mean,
    overlapByClass: Object.fromEntries(
      classes.map((value, n) => [n === 0 ? 'nothing' : GARMENT_KINDS[n - 1]!, value]),
    ),
    ...precisionAndRecall(photos, probability, garmentFrom),
    crossed: crossedBoxes(measured),
    kinds: Object.fromEntries(kinds),
    calibrationError: calibrationError(measured, probability),
    streets: streets.length,
    garments: garments.length,
    areaUnderCurve: areaUnderCurve(...scores),
    garmentsAnswered: answered(scores[0], productFrom),
    streetsAnswered: answered(scores[1], productFrom),
    crossedAnswered: crossedProducts(measured),
  };
}

export function finderReport(name: string, figures: FinderFigures): string {
  const part = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(3));
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
  const rule = (count: number): string => line(Array<string>(count).fill('---'));
  const { crossed, crossedAnswered } = figures;
  const boxes =
    line(['finder', 'pixels right', 'mean overlap', 'precision', 'recall', 'crossed', 'calibration error']) +
    rule(7) +
    line([
      name,
      part(figures.pixelsRight),
      part(figures.meanOverlap),
      part(figures.precision),
      part(figures.recall),
      `${part(crossed.precision)} / ${part(crossed.recall)}`,
      part(figures.calibrationError),
    ]);
  const kinds =
    line(['kind', 'there', 'precision', 'recall', 'overlap']) +
    rule(5) +
    Object.entries(figures.kinds)
      .map(([kind, { there, precision, recall }]) =>
        line([
          kind,
          there,
          part(precision),
          there === 0 ? '-' : part(recall),
          part(figures.overlapByClass[kind]!),
        ]),
      )
      .join('');
  const products =
    line(['no product against product', 'area under the curve', 'streets answered', 'garments answered']) +
    rule(4) +
    line([
      `${figures.streets} pieces of street, ${figures.garments} photos of garments`,
      part(figures.areaUnderCurve),
      part(figures.streetsAnswered),
      part(figures.garmentsAnswered),
    ]) +
    line([
      'crossed',
      part(crossedAnswered.areaUnderCurve),
      part(crossedAnswered.streets),
      part(crossedAnswered.garments),
    ]);
  return `${boxes}\n${kinds}\n${products}\nCrossed: each half is measured with what the other half calibrates.\n`;
}

// --- Internal helpers ---

function halves<T>(all: readonly T[]): [T[], T[]] {
  return [all.filter((_, n) => n % 2 === 0), all.filter((_, n) => n % 2 === 1)];
}

function crossedBoxes(measured: FinderMeasurements): { precision: number; recall: number } {
  const parts = halves(measured.photos);
  const pairs = parts.map((photos, n) => {
    const { garment, garmentFrom } = calibrateFinder({ ...measured, photos: parts[1 - n]! });
    return precisionAndRecall(photos, ({ evidence }) => garmentProbability(evidence, garment), garmentFrom);
  });
  return {
    precision: (pairs[0]!.precision + pairs[1]!.precision) / 2,
    recall: (pairs[0]!.recall + pairs[1]!.recall) / 2,
  };
}

function crossedProducts(measured: FinderMeasurements): FinderFigures['crossedAnswered'] {
  const [streets, garments] = [halves(measured.streets), halves(measured.garments)];
  const results = [0, 1].map((n) => {
    const calibration = calibrateFinder({
      photos: measured.photos,
      streets: streets[1 - n]!,
      garments: garments[1 - n]!,
    });
    const [high, low] = [garments[n]!, streets[n]!].map((pictures) =>
      pictures.map((picture) => productScore(picture, calibration)),
    ) as [number[], number[]];
    const share = (of: readonly number[]): number =>
      of.filter((score) => score >= calibration.productFrom).length / Math.max(1, of.length);
    return { streets: share(low), garments: share(high), areaUnderCurve: areaUnderCurve(high, low) };
  });
  const mean = (key: keyof FinderFigures['crossedAnswered']): number =>
    (results[0]![key] + results[1]![key]) / 2;
  return { streets: mean('streets'), garments: mean('garments'), areaUnderCurve: mean('areaUnderCurve') };
}

function calibrationError(
  { photos }: FinderMeasurements,
  probability: (candidate: JudgedCandidate) => number,
): number {
  const bins = Array.from({ length: 10 }, () => ({ stated: 0, right: 0 }));
  let count = 0;
  for (const candidate of photos.flatMap(({ candidates }) => candidates)) {
    if (candidate.verdict === 'small') continue;
    const stated = probability(candidate);
    const bin = bins[Math.min(9, Math.floor(stated * 10))]!;
    bin.stated += stated;
    bin.right += candidate.verdict === 'right' ? 1 : 0;
    count++;
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.stated - bin.right), 0) / Math.max(1, count);
}
