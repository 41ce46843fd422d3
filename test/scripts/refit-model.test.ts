import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { bestClasses, multiply } from '../../scripts/train/scores.ts';
import { splitOf } from '../../scripts/train/labelled-items.ts';
import { readLabelHeads } from '../../src/embed/label-heads.ts';
import { defaultModelFolder, loadModel } from '../../src/embed/model.ts';
import { openEmbedder } from '../../src/embed/open-embedder.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createPhotoDecoder } from '../../src/photo/decode-photo.ts';
import { hasNativeTensorflow, tensorflowFolder } from '../embed/native-tensorflow.ts';
import { freshPath, zipOf } from '../sources/fixtures.ts';
import { runScript } from './run-script.ts';

/** A watch, a pair of jeans and a handbag of the demo inventory, with labels that the shipped model would not predict. */
const FILES = ['59263', '39381', '25188'];
const WRONG = ['Jeans', 'Handbags', 'Watches'];

it.runIf(hasNativeTensorflow)(
  'npm run model -- fit refits the classifiers to training pictures and does not change the embedding',
  async () => {
    const titles = Array.from({ length: 40 }, (_, n) => `Thing ${n}`).filter(
      (title) => splitOf(title) === 'train',
    );
    const rows = titles.map((title, n) => `${n},${WRONG[n % 3]},${title}`);
    const pictures = await Promise.all(FILES.map((id) => readFile(`assets/demo-inventory/images/${id}.jpg`)));
    const zip = await zipOf(
      {
        'styles.csv': ['id,articleType,productDisplayName', ...rows].join('\n'),
        ...Object.fromEntries(titles.map((_, n) => [`images/${n}.jpg`, pictures[n % 3]!])),
      },
      'fashion-product-images-small.zip',
    );
    const base = await loadModel(await defaultModelFolder('assets'));
    const out = freshPath('fitted');
    const args = ['fit', dirname(base.weightsPath), '--out', out, '--data', dirname(zip)];
    const { code, stderr } = await runScript('scripts/model.ts', args, { TENSORFLOW_DIR: tensorflowFolder });
    expect({ code, stderr }).toMatchObject({ code: 0 });

    const fitted = await loadModel(out);
    const { provenance, labels, version, similarity } = fitted.manifest;
    const [major, minor] = base.manifest.version.split('.').map(Number) as [number, number];
    expect(version).toBe(`${major}.${minor + 1}.0`);
    expect(similarity).toEqual(base.manifest.similarity); // because the embeddings do not change
    expect((provenance.trained as unknown[]).at(-1)).toEqual({
      from: expect.stringContaining(base.manifest.sha256) as string,
      by: 'npm run model -- fit',
    });
    expect(Object.values(labels!).map(({ temperature }) => temperature)).toEqual([1, 1, 1, 1, 1]);
    const log = 'training.json';
    expect(await readFile(join(out, log))).toEqual(await readFile(join(dirname(base.weightsPath), log)));

    const decoder = createPhotoDecoder();
    const [before, after] = await Promise.all(
      [base, fitted].map(async (model) => {
        const embedder = await openEmbedder({
          model,
          engine: 'onnx',
          tensorflowFolder,
          logger: createLogger('silent'),
        });
        const embed = async (bytes: Buffer): Promise<Float32Array> =>
          embedder.embed(await decoder.decode(bytes, embedder.input), { priority: 'bulk' });
        const vectors = await Promise.all(pictures.map(embed));
        await embedder.close();
        return vectors;
      }),
    );
    expect(after).toEqual(before);
    const type = (await readLabelHeads(fitted)).find(({ label }) => label === 'type')!;
    const predicted = after!.map((vector) => {
      const scores = multiply(vector, type.weights, vector.length, type.classes.length);
      return type.classes[bestClasses(scores, type.classes.length)[0]!];
    });
    expect(predicted).toEqual(WRONG);
  },
  300_000,
);
