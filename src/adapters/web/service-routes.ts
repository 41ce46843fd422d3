/** Routes besides the search: labels to filter by, typed messages, health, metrics, explanations of problems. */

import type { FastifyInstance } from 'fastify';
import type { TypedCommands } from './typed-commands.ts';
import { InputError } from '../../util/errors.ts';
import type { LabelName } from '../../catalogue/item.ts';
import type { Readiness } from './readiness.ts';
import { replyJson } from './gallery-json.ts';
import { DoorError, isProblemSlug, problem } from './problem.ts';

/** Largest message, in bytes. A text of 2,000 characters takes at most 12,000 as escaped JSON. */
const MAX_MESSAGE_BYTES = 16_384;

export interface ServiceRoutesDependencies {
  readonly chat: TypedCommands;
  /** Number of items with each value of each label, most frequent first. */
  readonly labels: () => ReadonlyMap<LabelName, ReadonlyMap<string, number>>;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly ready: () => Readiness;
}

export function serviceRoutes(app: FastifyInstance, deps: ServiceRoutesDependencies): void {
  const { chat, labels, metrics, ready } = deps;

  app.get('/api/labels', () => ({
    labels: Object.fromEntries(
      [...labels()].map(([name, counts]) => [name, [...counts].map(([value, count]) => ({ value, count }))]),
    ),
  }));

  app.post('/api/messages', { bodyLimit: MAX_MESSAGE_BYTES }, async (request) =>
    replyJson(await chat.say(readText(request.body))),
  );

  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', () => {
    const state = ready();
    if (!state.ready) throw new DoorError('not-ready', state.reason ?? 'The service is still starting.');
    return { status: 'ready' };
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );

  app.get<{ Params: { slug: string } }>('/problems/:slug', (request) => {
    const { slug } = request.params;
    if (!isProblemSlug(slug)) {
      throw new DoorError('not-found', 'No problem has this name. See the type of the problem document.');
    }
    const { type, title, status } = problem(slug, '');
    return { type, title, status };
  });
}

// --- Internal helpers ---

function readText(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'text' in body && typeof body.text === 'string')
    return body.text;
  throw new InputError('bad-request', 'Expected a JSON object with a text, for example {"text":"/help"}.');
}
