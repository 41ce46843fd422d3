/** The web chat: a page on this machine that needs no token, and the JSON API below it. */

import { join } from 'node:path';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { ClosedError } from '../../util/errors.ts';
import type { Logger } from '../../util/logger.ts';
import { explainListenError } from '../../util/port.ts';
import type { Adapter } from '../adapter.ts';
import { createHostGuard } from './host-guard.ts';
import { type InventoryRoutesDependencies, inventoryRoutes } from './inventory-routes.ts';
import { type ItemRoutesDependencies, itemRoutes } from './item-routes.ts';
import { DoorError, type Problem, PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts';
import { type RecommendationRoutesDependencies, recommendationRoutes } from './recommendation-routes.ts';
import { watchMethods } from './watch-methods.ts';
import { logRequests } from './request-log.ts';
import { type ServiceRoutesDependencies, serviceRoutes } from './service-routes.ts';

/** No foreign origins, nothing inline, no framing. `blob:` shows a photo before it is sent. */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'blob:'],
  'connect-src': ["'self'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
};

/** An id has up to 200 characters, and each takes up to 9 in a URL. */
const MAX_ENCODED_ID = 1_800;
/** Longest time for a whole request: four photos over a slow mobile connection. */
const REQUEST_TIMEOUT_MS = 180_000;

export interface WebAdapterDependencies
  extends
    ItemRoutesDependencies,
    Omit<ServiceRoutesDependencies, 'metrics'>,
    Omit<RecommendationRoutesDependencies, 'metrics' | 'onUnforeseen'>,
    Pick<InventoryRoutesDependencies, 'panel'> {
  readonly metrics: ServiceRoutesDependencies['metrics'] & RecommendationRoutesDependencies['metrics'];
  /** Address to bind to, for example `127.0.0.1`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Host names besides loopback and `host` that requests may name, without port. */
  readonly allowedHosts: readonly string[];
  /** Absolute path of `assets/`; the page is its folder `web`. */
  readonly assetsFolder: string;
  readonly logger: Logger;
}

export interface WebAdapter extends Adapter {
  /** For tests in the same process: `app.inject` needs no port. */
  readonly app: FastifyInstance;
  /** What a person on this machine opens, for example `http://localhost:8080`; undefined before `start()`. */
  readonly address: string | undefined;
}

/**
 * Builds the door without listening.
 * `start()` throws {OperatorError} when the address cannot be bound.
 */
export function createWebAdapter(deps: WebAdapterDependencies): WebAdapter {
  const { host, port, allowedHosts, assetsFolder, logger } = deps;
  const address = (): string => addressOf(app, host) ?? `http://localhost:${port}`;
  const guard = createHostGuard({ host, allowedHosts, address });
  let stopped: Promise<void> | undefined;

  const app = fastify({
    // Fastify's own log lines contain URLs, which name galleries; `logRequests` writes what may be logged.
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_ENCODED_ID },
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply as unknown as FastifyReply, problemOf(error)),
  });
  logRequests(app, logger);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) logUnforeseen(error);
    return sendProblem(reply, problem);
  });
  app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // HSTS is for the proxy in front: only it knows whether this name is always reached through TLS.
    strictTransportSecurity: false,
  });
  app.register(multipart, { throwFileSizeLimit: false });
  app.register(async (scope) => {
    scope.addHook('onRequest', (request, _reply, next) => {
      next(guard(request) ?? (stopped && new ClosedError('The web chat was stopped.')));
    });
    // Otherwise a kept-alive connection would delay the stop until it times out.
    scope.addHook('onSend', (_request, reply, _payload, next) => {
      if (stopped) void reply.header('connection', 'close');
      next();
    });
    scope.setNotFoundHandler(() => {
      throw new DoorError(
        'not-found',
        'There is nothing at this address. The chat is at /, the API below /api.',
      );
    });
    const refuseOtherMethods = watchMethods(scope);
    recommendationRoutes(scope, { ...deps, onUnforeseen: logUnforeseen });
    itemRoutes(scope, deps);
    inventoryRoutes(scope, { ...deps, address, onUnforeseen: logUnforeseen });
    serviceRoutes(scope, deps);
    await scope.register(fastifyStatic, {
      root: join(assetsFolder, 'web'),
      // One route for each file, registered at the start: logs name it, and no other file of the disk can be requested.
      wildcard: false,
      globIgnore: ['**/jsconfig.json'],
      cacheControl: false,
      setHeaders: (response) => response.setHeader('cache-control', 'no-cache'),
    });
    refuseOtherMethods();
  });

  function logUnforeseen(error: unknown): void {
    logger.error({ err: error, adapter: 'web' }, 'a web request failed unexpectedly');
  }

  return {
    name: 'web',
    app,
    get address() {
      return addressOf(app, host);
    },
    async start() {
      try {
        await app.listen({ host, port });
      } catch (error) {
        throw explainListenError(error, { host, port, setting: 'PORT' });
      }
      logger.debug({ adapter: 'web', address: addressOf(app, host) }, 'the web chat is open');
    },
    stop() {
      return (stopped ??= app.close());
    },
  };
}

// --- Internal helpers ---

function sendProblem(reply: FastifyReply, problem: Problem) {
  if (problem.retryAfter !== undefined) void reply.header('retry-after', String(problem.retryAfter));
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem));
}

function addressOf(app: FastifyInstance, host: string): string | undefined {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') return undefined;
  const everywhereOrLoopback = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host);
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${everywhereOrLoopback ? 'localhost' : name}:${bound.port}`;
}
