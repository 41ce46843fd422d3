/** Answers a wrong method at a known path with 405 and the methods that exist there. */

import type { FastifyInstance, HTTPMethods } from 'fastify';
import { DoorError } from './problem.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Observes the routes that are added to `app` from now on.
 * @returns a function that answers every other method of their paths with 405 and `Allow`. Call it last.
 */
export function watchMethods(app: FastifyInstance): () => void {
  const allowed = new Map<string, Set<string>>();

  app.addHook('onRoute', ({ url, method }) => {
    const methods = allowed.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    allowed.set(url, methods);
  });

  return () => {
    for (const [url, methods] of [...allowed]) {
      const allow = [...methods].join(', ');
      const refusal = new DoorError(
        'method-not-allowed',
        `Expected ${allow} at this address. Use that instead.`,
      );
      app.route({
        url,
        method: METHODS.filter((method) => !methods.has(method)),
        // Before the body is parsed: its type no longer matters.
        onRequest: (_request, reply, next) => {
          void reply.header('allow', allow);
          next(refusal);
        },
        handler: () => undefined,
      });
    }
  };
}
