/** The HTTP server: API versions, tokens, faults, limits, routes, the call log, attachments, and the gateway's upgrade. */

import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { ApiError, refusals } from './api-error.ts';
import { type Download, serveFile } from './attachments.ts';
import type { Faults, Fault } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { RateLimiter } from './rate-limit.ts';
import { readBody } from './read-body.ts';
import { type Outcome, banned, limited, stage, write } from './outcome.ts';
import { matchRoute } from './router.ts';
import type { World } from './state.ts';

/** One REST request. Tokens are never in it: the path has names where the ids and tokens were. */
export interface LoggedCall {
  readonly at: number;
  readonly method: string;
  /** For example `/channels/:channel/messages`; the raw path where no route matched. */
  readonly route: string;
  /** Ids of the path, by name; tokens left out. */
  readonly ids: Readonly<Record<string, string>>;
  /** 0 where the connection was cut instead. */
  readonly status: number;
  /** JSON error code, where there was one. */
  readonly code: number | null;
}

interface Dependencies {
  readonly world: World;
  readonly gateway: Gateway;
  readonly faults: Faults;
  readonly rateLimiter: RateLimiter;
  readonly shards: number;
  readonly logCall: (call: LoggedCall) => void;
  readonly logDownload: (download: Download) => void;
}

/** The name under which faults can be ordered for downloads. */
export const ATTACHMENT_ROUTE = '/attachments/:channel/:file/:name';
const API = /^\/api\/v(\d+)(\/.*)$/;

/** Listens on a free port of 127.0.0.1 and puts the address into the world. `stop` rejects if the fake itself failed. */
export async function startServer(dependencies: Dependencies): Promise<{ stop(): Promise<void> }> {
  const { world, gateway } = dependencies;
  const failures: unknown[] = [];
  const server = createServer((request, response) => {
    void handle(dependencies, request, response).catch((error: unknown) => {
      response.destroy();
      // A client that goes away while it still sends is no fault of the fake.
      if (request.complete) failures.push(error);
    });
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    gateway.accept(socket, new URL(request.url ?? '/', world.origin).searchParams);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async stop() {
      gateway.stop();
      sockets.close();
      await stopServer(server);
      if (failures.length > 0) throw new AggregateError(failures, 'The fake Discord itself failed.');
    },
  };
}

// --- Internal helpers ---

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function handle(
  dependencies: Dependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, rateLimiter, logCall } = dependencies;
  const url = new URL(request.url ?? '/', world.origin);
  if (/^\/(ephemeral-)?attachments\//.test(url.pathname)) {
    await download(dependencies, url, request, response);
    return;
  }
  const method = request.method ?? 'GET';
  const [, version, path = url.pathname] = API.exec(url.pathname) ?? [];
  const match = matchRoute(method, path);
  const fault = faults.take(method, match?.route.path ?? path);
  const log = (status: number, code: number | null): void => {
    const ids = Object.fromEntries(Object.entries(match?.params ?? {}).filter(([name]) => name !== 'token'));
    logCall({ at: world.clock.now(), method, route: match?.route.path ?? path, ids, status, code });
    world.changed();
  };
  if (fault?.kind === 'hold') {
    fault.arrived();
    await fault.released;
  }
  if (fault?.kind === 'drop' && fault.when === 'before') {
    request.socket.destroy();
    log(0, null);
    return;
  }
  const outcome = await answer(dependencies, request, url, version, match, fault);
  if (fault?.kind === 'drop') {
    request.socket.destroy();
    log(0, null);
    return;
  }
  if ([401, 403, 429].includes(outcome.status) && outcome.forgiven !== true) rateLimiter.countInvalid();
  write(response, outcome);
  log(outcome.status, outcome.code ?? null);
}

async function download(
  dependencies: Dependencies,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, logDownload } = dependencies;
  const fault = faults.take('GET', ATTACHMENT_ROUTE);
  if (fault?.kind === 'hold') {
    fault.arrived();
    await fault.released;
  }
  const staged = stage(fault);
  if (fault?.kind === 'drop') request.socket.destroy();
  else if (staged) write(response, staged);
  else logDownload(await serveFile(world, url, request, response));
  world.changed();
}

async function answer(
  dependencies: Dependencies,
  request: IncomingMessage,
  url: URL,
  version: string | undefined,
  match: ReturnType<typeof matchRoute>,
  fault: Fault | null,
): Promise<Outcome> {
  const { world, rateLimiter, gateway, shards } = dependencies;
  let headers: Readonly<Record<string, string>> = {};
  try {
    const ban = rateLimiter.bannedForSeconds();
    if (ban > 0) return await drained(request, banned(ban));
    const staged = stage(fault);
    if (staged) return await drained(request, staged);
    if (!/^DiscordBot \(\S+, \S+\)/.test(request.headers['user-agent'] ?? '')) throw refusals.blocked();
    if (version !== undefined && version !== '10') throw refusals.badVersion();
    if (version === undefined || !match) throw refusals.notFound();
    const { route, params } = match;
    if (route.auth && request.headers.authorization !== `Bot ${world.application.token}`)
      throw refusals.unauthorized();
    const verdict = rateLimiter.take(route.bucket, params[route.major ?? ''] ?? 'all', route.global);
    headers = verdict.headers;
    if (verdict.refused)
      return await drained(
        request,
        limited(verdict.refused.retryAfterSeconds, verdict.refused.global ? 'global' : 'user', headers),
      );
    const body = await readBody(request, world.limits);
    const param = (name: string): string => {
      const value = params[name];
      if (value === undefined) throw new Error(`Route ${route.path} has no :${name}.`);
      return value;
    };
    const result = await route.answer({
      world,
      param,
      has: (name) => params[name] !== undefined,
      query: url.searchParams,
      body,
      startLimit: () => gateway.startLimit(),
      shards,
    });
    return { ...result, headers };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return drained(request, { status: error.status, json: error.toBody(), code: error.code, headers });
  }
}

/** Takes the rest of the request, so that the connection stays usable. */
async function drained(request: IncomingMessage, outcome: Outcome): Promise<Outcome> {
  if (!request.complete) {
    request.resume();
    await once(request, 'end').catch(() => undefined);
  }
  return outcome;
}
