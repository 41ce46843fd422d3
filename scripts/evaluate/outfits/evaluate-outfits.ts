/** npm run evaluate -- outfits: how well photos of whole outfits are answered, garment by garment. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readConfig } from '../../../src/config/config.ts';
import { defaultModelFolder, loadModel } from '../../../src/embed/model.ts';
import { createOnnxEngine } from '../../../src/embed/onnx-engine.ts';
import { openEmbedder } from '../../../src/embed/open-embedder.ts';
import { CROP_RULE, type CropRule } from '../../crop-box.ts';
import { loadFinder } from '../../../src/garments/finder-model.ts';
import { defaultFinderFolder } from '../../../src/garments/open-garment-finder.ts';
import { createGarmentFinder } from '../../../src/garments/garment-finder.ts';
import { createPhotoDecoder } from '../../../src/photo/decode-photo.ts';
import { createLogger } from '../../../src/util/logger.ts';
import { parseOptions } from '../../parse-options.ts';
import { UsageError } from '../../run-command-line.ts';
import { openOutfitPhotos, splitOfPhoto } from '../../train/finder/outfit-photos.ts';
import { readLabelledItems } from '../../train/labelled-items.ts';
import { openItemPictures } from '../../train/pictures-of-items.ts';
import { cachedRows } from '../cached-rows.ts';
import { createPictureEmbedder } from '../embed-pictures.ts';
import { botOverRows } from './bot-over-rows.ts';
import { measureOutfits } from './measure-outfits.ts';
import { type OutfitFigures, outfitFigures } from './outfit-scores.ts';
import { outfitTables } from './outfit-tables.ts';

export const EVALUATE_OUTFITS_USAGE = `Usage: npm run evaluate -- outfits [options]

  --model FOLDER   a model that embeds; can be repeated (default: MODEL_DIR, else the model that ships)
  --finder FOLDER  the finder whose boxes are searched with (default: the one that ships)
  --data FOLDER    with outfit-photos.zip, whose validation part is measured, and fashion-product-images-small.zip, whose
                   labelled items are searched (default ../shared/data)
  --margin X       what a crop has around its box at each side, in parts of the box, and
  --aspect X       the width / height that it is widened to, 0: none (default: as the bot cuts)
  --views N        in how many views a crop is embedded, 1 or 2 (default 2)
  --cache FOLDER   keep the embeddings of the items there, for the next evaluation of the same model (default: nothing is kept)
  --out FOLDER     write outfits.json and outfits.md (default: nothing is written)`;

export async function evaluateOutfits(args: string[]): Promise<number> {
  const { models, finder: finderFolder, data, rule, views, cache, out } = parse(args);
  const config = readConfig();
  const finderModel = await loadFinder(finderFolder ?? (await defaultFinderFolder(config.assetsFolder)));
  const folders =
    models.length > 0 ? models : [config.modelFolder ?? (await defaultModelFolder(config.assetsFolder))];
  const small = join(data, 'fashion-product-images-small.zip');
  const items = await readLabelledItems(small);
  const outfits = await openOutfitPhotos(join(data, 'outfit-photos.zip'));
  const pictures = await openItemPictures({ large: [], small });
  const engine = await createOnnxEngine({ model: finderModel.runnable, provider: 'cpu' });
  const finder = createGarmentFinder({ engine, model: finderModel });
  const decoder = createPhotoDecoder();
  const names = outfits.names.filter((name) => splitOfPhoto(name) === 'validation');
  const results: { name: string; figures: OutfitFigures }[] = [];
  try {
    for (const folder of folders) {
      const model = await loadModel(folder);
      const { name, version } = model.manifest;
      const embedder = await openEmbedder({
        model,
        engine: config.engine,
        tensorflowFolder: config.tensorflowFolder,
        logger: createLogger('warn'),
      });
      try {
        let [done, last] = [0, performance.now()];
        const embed = createPictureEmbedder({
          embedder,
          decoder,
          onPicture() {
            done++;
            if (performance.now() - last < 10_000) return;
            last = performance.now();
            console.error(`${name}: ${done} pictures of about ${items.length}`);
          },
        });
        const ids = items.map(({ id }) => id);
        const index = await cachedRows({ folder: cache, fingerprint: embedder.fingerprint, ids }, () =>
          embed.asItems(ids.map((id) => () => pictures.smallBytes(id))),
        );
        const answered = await measureOutfits({
          outfits,
          names,
          bot: botOverRows({
            embedder,
            decoder,
            finder,
            bands: model.manifest.similarity,
            items,
            rows: index,
          }),
          embed,
          index,
          types: items.map(({ labels }) => labels.type),
          rule,
          views,
          concurrency: engine.parallelism,
        });
        results.push({ name: `${name} ${version}`, figures: outfitFigures(answered) });
      } finally {
        await embedder.close();
      }
    }
  } finally {
    await Promise.all([finder.close(), outfits.close(), pictures.close()]);
  }
  const { name, version } = finderModel.manifest;
  const crops = `Crops have a margin of ${rule.margin}${rule.aspect ? `, are widened to ${rule.aspect}` : ''}, and are embedded in ${views} view${views > 1 ? 's' : ''}.`;
  const report = `Index: ${items.length} labelled items. Photos: the ${names.length} of the validation part. Boxes: ${name} ${version}. ${crops}\n\n${outfitTables(results)}`;
  console.log(report);
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'outfits.md'), report);
    await writeFile(join(out, 'outfits.json'), `${JSON.stringify({ rule, views, results }, null, 2)}\n`);
  }
  return 0;
}

// --- Internal helpers ---

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseOptions({
    args,
    options: {
      model: { type: 'string', multiple: true },
      finder: text,
      data: text,
      margin: text,
      aspect: text,
      views: text,
      cache: text,
      out: text,
    },
  });
  const aspect = numberIn('--aspect', values.aspect, CROP_RULE.aspect ?? 0, 10);
  const rule: CropRule = {
    margin: numberIn('--margin', values.margin, CROP_RULE.margin, 2),
    aspect: aspect === 0 ? undefined : aspect,
  };
  const { views = '2' } = values;
  if (views !== '1' && views !== '2') throw new UsageError(`--views: expected 1 or 2, got "${views}".`);
  const folder = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(path);
  return {
    models: (values.model ?? []).map((path) => resolve(path)),
    finder: folder(values.finder),
    data: resolve(values.data ?? '../shared/data'),
    rule,
    views: views === '1' ? (1 as const) : (2 as const),
    cache: folder(values.cache),
    out: folder(values.out),
  };
}

function numberIn(option: string, text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  throw new UsageError(`${option}: expected a number from 0 to ${most}, got "${text}".`);
}
