/** npm run evaluate -- finder: how well garments are found, and what is no garment. */

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readConfig } from '../../../src/config/config.ts';
import type { Engine } from '../../../src/embed/engine.ts';
import { createOnnxEngine } from '../../../src/embed/onnx-engine.ts';
import { createTensorflowEngine } from '../../../src/embed/tensorflow-engine.ts';
import { findGarments } from '../../../src/garments/find-garments.ts';
import { type FinderModel, loadFinder } from '../../../src/garments/finder-model.ts';
import { defaultFinderFolder } from '../../../src/garments/open-garment-finder.ts';
import { createGarmentFinder } from '../../../src/garments/garment-finder.ts';
import { createPhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { parseOptions } from '../../parse-options.ts';
import { UsageError } from '../../run-command-line.ts';
import { openOutfitPhotos, splitOfPhoto } from '../../train/finder/outfit-photos.ts';
import { calibrateFinder } from './calibrate-finder.ts';
import { drawBoxes } from './draw-boxes.ts';
import { finderFigures, finderReport } from './finder-report.ts';
import { type FinderMeasurements, measureFinder } from './measure-finder.ts';

export const EVALUATE_FINDER_USAGE = `Usage: npm run evaluate -- finder [options]

  --model FOLDER   a finder to measure (default: the one that ships)
  --engine NAME    what runs it, onnx or tensorflow (default onnx)
  --data FOLDER    with outfit-photos.zip, whose validation part is measured (default ../shared/data)
  --photos FOLDER  real photos of single garments in a folder a class (default ../shared/photos-validation)
  --calibrate      write the calibration that is found here to the model's manifest
  --out FOLDER     finder.json, finder.md and boxes.png, 12 of the photos with boxes drawn (default: nothing is written)`;

const DRAWN = 12;

export async function evaluateFinder(args: string[]): Promise<number> {
  const { model: folder, engine: engineName, data, photos, calibrate, out } = parse(args);
  const config = readConfig();
  const modelFolder = folder ?? (await defaultFinderFolder(config.assetsFolder));
  const model = await loadFinder(modelFolder);
  const outfits = await openOutfitPhotos(join(data, 'outfit-photos.zip'));
  const engine = await openEngine(engineName, model, config.tensorflowFolder);
  const finder = createGarmentFinder({ engine, model });
  const decoder = createPhotoDecoder();
  try {
    const names = outfits.names.filter((name) => splitOfPhoto(name) === 'validation');
    let last = performance.now();
    const measured = await measureFinder({
      finder,
      side: model.manifest.input.side,
      decoder,
      outfits,
      names,
      garments: await garmentPhotos(photos),
      concurrency: engine.parallelism,
      onProgress(done, total) {
        if (performance.now() - last < 10_000) return;
        last = performance.now();
        console.error(`${done} of ${total} photos`);
      },
    });
    const calibration = calibrate ? calibrateFinder(measured) : model.manifest.calibration;
    if (calibrate) await writeCalibration(modelFolder, model, calibration, measured);
    const figures = finderFigures(measured, calibration);
    const report = finderReport(`${model.manifest.name} on ${engine.name}`, figures);
    console.log(report);
    if (out !== undefined) {
      await mkdir(out, { recursive: true });
      await writeFile(join(out, 'finder.md'), report);
      await writeFile(join(out, 'finder.json'), `${JSON.stringify({ calibration, ...figures }, null, 2)}\n`);
      const drawn = measured.photos
        .filter((_, n) => n % Math.floor(names.length / DRAWN) === 0)
        .slice(0, DRAWN);
      const sheet = await drawBoxes(
        await Promise.all(
          drawn.map(async ({ name, candidates, truth }) => ({
            bytes: await outfits.bytes(name),
            garments: findGarments(candidates, calibration.garment, calibration.garmentFrom),
            truth,
          })),
        ),
      );
      await writeFile(join(out, 'boxes.png'), sheet);
    }
    return 0;
  } finally {
    await finder.close();
    await outfits.close();
  }
}

// --- Internal helpers ---

function openEngine(name: string, { runnable }: FinderModel, tensorflowFolder: string): Promise<Engine> {
  return name === 'onnx'
    ? createOnnxEngine({ model: runnable, provider: 'cpu' })
    : createTensorflowEngine({ model: runnable, folder: tensorflowFolder, device: 'any' });
}

async function garmentPhotos(
  folder: string,
): Promise<{ readonly name: string; read(): Promise<Uint8Array> }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name: kind }) =>
        (await readdir(join(folder, kind))).map((file) => ({
          name: `${kind}/${file}`,
          read: () => readFile(join(folder, kind, file)),
        })),
      ),
  );
  return found.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function writeCalibration(
  folder: string,
  { manifest }: FinderModel,
  calibration: ReturnType<typeof calibrateFinder>,
  { photos, streets, garments }: FinderMeasurements,
): Promise<void> {
  const derivedFrom =
    `Logistic regressions. Garments: whether a found box overlaps a true one of its kind by half or more, on ${photos.length} labelled photos that training never saw; ` +
    `shown from where precision and recall have the highest harmonic mean. Products: ${garments.length} real photos of single garments against ${streets.length} pieces of street of the same labelled photos; ` +
    'answered from where the errors of both are least.';
  const text = JSON.stringify({ ...manifest, calibration: { ...calibration, derivedFrom } }, null, 2);
  await writeFile(join(folder, 'manifest.json'), `${text}\n`);
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseOptions({
    args,
    options: {
      model: text,
      engine: text,
      data: text,
      photos: text,
      calibrate: { type: 'boolean' },
      out: text,
    },
  });
  const engine = values.engine ?? 'onnx';
  if (engine !== 'onnx' && engine !== 'tensorflow') {
    throw new UsageError(`--engine: expected onnx or tensorflow, got "${engine}".`);
  }
  const photos = resolve(values.photos ?? '../shared/photos-validation');
  if (!existsSync(photos)) {
    throw new UsageError(
      `--photos: expected a folder with a folder a class, got ${photos}, which is not there.`,
    );
  }
  return {
    model: values.model === undefined ? undefined : resolve(values.model),
    engine,
    data: resolve(values.data ?? '../shared/data'),
    photos,
    calibrate: values.calibrate ?? false,
    out: values.out === undefined ? undefined : resolve(values.out),
  };
}
