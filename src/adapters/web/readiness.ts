/** Whether the bot accepts photos at this moment, and if not, why: the answer of `/readyz`. */

import type { EmbedderStatus } from '../../embed/embedder.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly reason?: string;
}

export function readinessOf({ isAlive }: Pick<EmbedderStatus, 'isAlive'>, isStopping: boolean): Readiness {
  if (isStopping) return { ready: false, reason: 'The bot is shutting down.' };
  if (isAlive) return { ready: true };
  return { ready: false, reason: 'The engine that embeds photos has died and is being started again.' };
}
