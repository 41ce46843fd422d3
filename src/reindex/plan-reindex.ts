/** What a reindex would change, found out without writing anything. */

import { createEmbeddings } from './embed-pictures.ts';
import { findChanges } from './find-changes.ts';
import { openingState, readingOf } from './opening-state.ts';
import { readSources } from './read-sources.ts';
import { planOf, type ReindexPlan } from './reindex-plan.ts';
import type { PlanOptions, ReindexerDependencies } from './reindexer.ts';
import type { Source } from '../sources/source.ts';

export async function planReindex(
  dependencies: ReindexerDependencies,
  sources: readonly Source[],
  options: PlanOptions,
): Promise<ReindexPlan> {
  const { decoder, embedder } = dependencies;
  const { signal, onProgress } = options;
  const started = performance.now();
  const { before, kept } = await openingState(dependencies, sources, options);
  const embeddings = createEmbeddings(dependencies, undefined);
  const toEmbed = new Map<string, number>();
  const seen = new Set<string>();
  const read = await readSources(sources, {
    ...readingOf(dependencies, kept, options),
    onRecord: (progress) => onProgress?.({ phase: 'plan', ...progress }),
    isKnown: async (id, picture) => (await embeddings.known(id, picture)) !== undefined,
    async take({ id, picture, source }, bytes) {
      if (!bytes || (await embeddings.known(id, picture))) return;
      // Only decoding tells whether a picture that nobody has seen can be used.
      await decoder.decode(bytes, embedder.input, { priority: 'bulk', signal });
      if (!seen.has(picture)) toEmbed.set(source, 1 + (toEmbed.get(source) ?? 0));
      seen.add(picture);
    },
  });
  const rows = [...kept.map((item) => ({ item })), ...read.rows];
  return planOf(await findChanges(before, kept, read, toEmbed), rows, (performance.now() - started) / 1000);
}
