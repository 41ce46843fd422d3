/** Compares the index of a data folder with exact search. */

import { join } from 'node:path';
import { readConfig } from '../../src/config/config.ts';
import { defaultModelFolder, loadModel } from '../../src/embed/model.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { createLogger } from '../../src/util/logger.ts';
import { createExactIndex } from '../../src/search/exact-index.ts';
import { openHnswIndex } from '../../src/search/hnsw-index.ts';
import { recallAtK } from '../../src/search/recall.ts';
import { atLeast, type Figure } from './figures.ts';

/** @param data a folder that holds an index. */
export async function measureRecall({ data }: { readonly data: string }): Promise<Figure[]> {
  const config = readConfig();
  const { fingerprint } = await loadModel(
    config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)),
  );
  const index = await openHnswIndex({
    folder: join(data, 'index'),
    fingerprint,
    logger: createLogger('warn'),
  });
  if (!index)
    throw new OperatorError(`${data} has no index. Run the part "import" first, with the same --data.`);
  const entries = [...index.entries()];
  const vectors = new Float32Array(entries.length * fingerprint.dimension);
  for (const [row, { id }] of entries.entries())
    vectors.set((await index.vector(id))!, row * fingerprint.dimension);
  const truth = createExactIndex({ fingerprint, entries, vectors, createdAt: index.createdAt });
  // About 1,000 queries, spread over the whole inventory.
  const step = Math.max(1, Math.floor(entries.length / 1000));
  const queries = entries
    .filter((_, row) => row % step === 0)
    .map((_, n) =>
      vectors.subarray(n * step * fingerprint.dimension, (n * step + 1) * fingerprint.dimension),
    );
  const recall = await recallAtK(index, truth, queries, 5);
  await Promise.all([index.close(), truth.close()]);
  return [
    atLeast(
      `recall@5 over ${queries.length} queries, ${entries.length} items`,
      recall,
      0.995,
      '',
      'npm run benchmark -- import recall',
    ),
  ];
}
