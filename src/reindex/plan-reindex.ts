/** Works out what a reindex would change, without writing anything. */

import type { Source } from '../sources/source.ts';
import { createPlan } from './create-plan.ts';
import { findChanges } from './find-changes.ts';
import { loadState, readingOptions } from './load-state.ts';
import { createPictureEmbedder } from './picture-embedder.ts';
import { readSources } from './read-sources.ts';
import type { PlanOptions } from './reindex-options.ts';
import type { ReindexPlan } from './reindex-plan.ts';
import type { ReindexerDependencies } from './reindexer-dependencies.ts';

export async function planReindex(
  dependencies: ReindexerDependencies,
  sources: readonly Source[],
  options: PlanOptions,
): Promise<ReindexPlan> {
  const { decoder, embedder } = dependencies;
  const { signal, onProgress } = options;
  const started = performance.now();
  const { before, kept } = await loadState(dependencies, sources, options);
  const embeddings = createPictureEmbedder(dependencies, undefined);
  const toEmbed = new Map<string, number>();
  const seen = new Set<string>();
  const read = await readSources(sources, {
    ...readingOptions(dependencies, kept, options),
    onRecord: (progress) => onProgress?.({ phase: 'plan', ...progress }),
    isKnown: async (id, picture) => (await embeddings.known(id, picture)) !== undefined,
    async onItem({ id, picture, source }, bytes) {
      if (!bytes || (await embeddings.known(id, picture))) return;
      // Whether a new picture can be used is only known once it is decoded.
      await decoder.decode(bytes, embedder.input, { priority: 'bulk', signal });
      if (!seen.has(picture)) toEmbed.set(source, 1 + (toEmbed.get(source) ?? 0));
      seen.add(picture);
    },
  });
  const rows = [...kept.map((item) => ({ item })), ...read.rows];
  const found = await findChanges(before, kept, read, toEmbed);
  return createPlan(found, rows, (performance.now() - started) / 1000);
}
