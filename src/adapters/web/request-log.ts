/** Logs one line a request: method, route, status and duration. Never the URL, which names galleries and items. */

import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../util/logger.ts';

/** Routes that machines or an open panel request every few seconds. */
const QUIET_ROUTES = new Set(['/healthz', '/readyz', '/metrics', '/api/inventory']);

export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const line = {
      adapter: 'web',
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    const ofApi = route.startsWith('/api/') || route === 'none';
    if (QUIET_ROUTES.has(route) || !ofApi) logger.debug(line, 'request');
    else logger.info(line, 'request');
  });
}
