import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { type CalibrateOptions, calibrateModel } from '../../../scripts/evaluate/calibrate-model.ts';
import { type Manifest, manifestSchema, type Model } from '../../../src/embed/model.ts';
import { OperatorError } from '../../../src/util/errors.ts';
import { shippedModel } from '../../shipped-model.ts';

const classes = ['Caps', 'Shirts'];
const white = await sharp({ create: { width: 30, height: 40, channels: 3, background: 'white' } })
  .png()
  .toBuffer();

/** Directions in a plane, in degrees. */
const rows = (degrees: readonly number[]) => ({
  vectors: Float32Array.from(
    degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
  ),
  dimension: 2,
});

/** Without weights, which calibration does not read. */
async function modelOnDisk(): Promise<Model> {
  const weightsPath = join(await mkdtemp(join(tmpdir(), 'calibrate-')), 'model.onnx');
  const manifest: Manifest = {
    ...shippedModel.manifest,
    labels: { type: { output: 'label.type', classes, temperature: 1 } },
  };
  const unknown = { addedLater: 'stays' };
  await writeFile(join(weightsPath, '..', 'manifest.json'), JSON.stringify({ ...manifest, ...unknown }));
  return { ...shippedModel, manifest, weightsPath };
}

const manifestOf = async ({ weightsPath }: Model): Promise<string> =>
  readFile(join(weightsPath, '..', 'manifest.json'), 'utf8');

/** Six items, and photos at angles to the first item. @param photos their angles, and whether the first item is right. */
function optionsOf(
  model: Model,
  photos: readonly { angle: number; isRight: boolean }[],
): CalibrateOptions & { model: Model } {
  const index = rows([0, 60, 120, 180, 240, 300]);
  const items = Array.from({ length: 6 }, (_, n) => ({
    id: `${n}`,
    title: `${n}`,
    labels: { type: classes[n % 2]! },
  }));
  return {
    model,
    // Far too confident: scores of 40 and -40, a third of them wrong.
    heads: [{ label: 'type', classes, temperature: 1, weights: Float32Array.of(40, -40, 0, 0) }],
    evaluation: { embeddings: { index, queries: index, photos: rows(photos.map(({ angle }) => angle)) } },
    items,
    queries: items.map((_, place) => place),
    photos: photos.map(({ isRight }) => ({
      className: 'hat',
      types: isRight ? ['Caps'] : ['Shirts'],
      read: () => Promise.resolve(white),
    })),
    picture: () => Promise.resolve(white),
  };
}

it('writes thresholds and temperatures to the manifest and changes nothing else in it', async () => {
  const model = await modelOnDisk();
  const before = JSON.parse(await manifestOf(model)) as object;
  // Right up to 16 degrees, wrong from 12 on: even odds at about 14, a cosine of .97.
  const photos = Array.from({ length: 28 }, (_, angle) => ({
    angle,
    isRight: angle < 12 || (angle <= 16 && angle % 2 === 0),
  }));
  const found = await calibrateModel(optionsOf(model, photos));
  expect(Math.abs(found.similarity.weakBelow - 0.97)).toBeLessThan(0.011);
  expect(found.similarity.derivedFrom).toContain('28 photos against 6 labelled catalogue items');
  expect(found.similarity.words.map(({ word }) => word).slice(-2)).toEqual([
    'loosely similar',
    'hardly similar',
  ]);
  // Neighbours of another type are at 60 degrees, all others further away.
  expect(found.similarity.words.at(-2)!.from).toBe(0.5);
  expect(found.temperatures.type!.temperature).toBeGreaterThan(5);

  const written = JSON.parse(await manifestOf(model)) as Manifest;
  expect(manifestSchema.safeParse(written).error).toBeUndefined();
  const { temperature } = written.labels!.type!;
  expect(temperature).toBeCloseTo(found.temperatures.type!.temperature, 3);
  expect(written).toEqual({
    ...before,
    labels: { type: { output: 'label.type', classes, temperature } },
    similarity: found.similarity,
  });
});

it('refuses invalid thresholds and writes nothing', async () => {
  const model = await modelOnDisk();
  const before = await manifestOf(model);
  // A third is right at any cosine, so even odds would need a cosine above 1.
  const photos = Array.from({ length: 27 }, (_, angle) => ({ angle, isRight: angle % 3 === 0 }));
  const calibrating = calibrateModel(optionsOf(model, photos));
  await expect(calibrating).rejects.toThrow(OperatorError);
  await expect(calibrating).rejects.toThrow(/similarity\.weakBelow/);
  expect(await manifestOf(model)).toBe(before);
});
