/** What the bot can say about itself. */

import type { Embedder, EmbedderStatus } from '../embed/embedder.ts';
import type { Model } from '../embed/model.ts';
import type { ItemIndex } from '../search/item-index.ts';

export interface Status {
  readonly model: { readonly name: string; readonly version: string; readonly head: string };
  readonly embedder: EmbedderStatus;
  readonly index: {
    readonly size: number;
    /** Distinct values of the label `type`. */
    readonly types: number;
    /** Undefined before the first index. */
    readonly createdAt: Date | undefined;
  };
  readonly uptimeSeconds: number;
}

export interface StatusDependencies {
  readonly model: Pick<Model, 'manifest'>;
  readonly embedder: Pick<Embedder, 'status'>;
  readonly index: () => ItemIndex | undefined;
}

export function createStatus({ model, embedder, index }: StatusDependencies): () => Status {
  const { name, version, head } = model.manifest;
  return () => {
    const current = index();
    return {
      model: { name, version, head },
      embedder: embedder.status(),
      index: {
        size: current?.size ?? 0,
        types: current?.labelCounts().get('type')?.size ?? 0,
        createdAt: current?.createdAt,
      },
      uptimeSeconds: process.uptime(),
    };
  };
}
