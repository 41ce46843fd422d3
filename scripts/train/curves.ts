/** Plots a training run as SVG: loss, accuracy and macro F1 by epoch. */

import { HEAD_NAMES } from './labelled-items.ts';
import type { TrainingRun } from './run-training.ts';

const SIZE = { width: 360, height: 240, margin: 40 };
const COLOURS = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#9c6b4e', '#97bbf5'];

interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** @param stepsAnEpoch steps per epoch. */
export function plotRun({ history }: Pick<TrainingRun, 'history'>, stepsAnEpoch: number): string {
  const epochs = history.map(({ step }) => step / stepsAnEpoch);
  const measure = (key: 'accuracy' | 'macroF1'): Line[] =>
    HEAD_NAMES.map((name) => ({
      name,
      values: history.map(({ validation }) => validation[name]?.[key] ?? NaN),
    }));
  const losses: Line[] = [
    { name: 'all', values: history.map(({ loss }) => loss) },
    ...HEAD_NAMES.map((name) => ({
      name,
      values: history.map(({ labelLosses }) => labelLosses[name] ?? NaN),
    })),
  ];
  const highest = Math.max(1, ...losses.flatMap(({ values }) => values.filter(Number.isFinite)));
  const panels = [
    panel('training loss', epochs, losses, highest, 0),
    panel('validation accuracy', epochs, measure('accuracy'), 1, 1),
    panel('validation macro F1', epochs, measure('macroF1'), 1, 2),
  ];
  const width = panels.length * SIZE.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${SIZE.height}" font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="#fff"/>${panels.join('')}</svg>\n`;
}

// --- Internal helpers ---

function panel(
  title: string,
  epochs: readonly number[],
  lines: readonly Line[],
  highest: number,
  column: number,
): string {
  const { width, height, margin } = SIZE;
  const last = Math.max(1e-9, ...epochs);
  const x = (epoch: number): number => margin + (epoch / last) * (width - 2 * margin);
  const y = (value: number): number => height - margin - (value / highest) * (height - 2 * margin);
  const drawn = lines.map(({ name, values }, n) => {
    const colour = COLOURS[n % COLOURS.length]!;
    const points = values
      .map((value, at) => [x(epochs[at]!), y(value)] as const)
      .filter(([, top]) => Number.isFinite(top))
      .map((point) => point.map((number) => number.toFixed(1)).join());
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(' ')}"/>` +
      `<text x="${margin + n * 46}" y="${margin - 8}" fill="${colour}">${name}</text>`
    );
  });
  const marks = [0, highest / 2, highest].map(
    (value) =>
      `<line x1="${margin}" x2="${width - margin}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#ddd"/>` +
      `<text x="4" y="${(y(value) + 3).toFixed(1)}">${value.toFixed(2)}</text>`,
  );
  return (
    `<g transform="translate(${column * width} 0)"><text x="${margin}" y="14" font-size="12">${title}</text>${marks.join('')}${drawn.join('')}` +
    `<text x="${width - margin}" y="${height - margin + 16}" text-anchor="end">${last.toFixed(1)} epochs</text></g>`
  );
}
