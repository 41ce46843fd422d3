/** The HTTP server: `/bot<token>/<method>` and `/file/bot<token>/<path>` on loopback, as unmodified clients expect them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './api-error.ts';
import type { CallEntry } from './call-log.ts';
import { dispatch, errorAnswer, type Answer } from './dispatch.ts';
import type { Fault } from './faults.ts';
import { limits } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { readParameters } from './read-body.ts';
import type { World } from './world.ts';

export interface FakeServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startHttpServer(world: World): Promise<FakeServer> {
  const server = createServer((request, response) => {
    serve(world, request, response).catch(() => {
      // The client went away in the middle of its request.
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

// --- Internal helpers ---

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
  const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(pathname);
  if (file !== null) {
    serveFile(world, response, file[1] ?? '', file[2] ?? '');
    return;
  }
  const call = /^\/bot([^/]+)\/([^/]+)\/?$/.exec(pathname);
  const token = decodeURIComponent(call?.[1] ?? '');
  // What does not look like a token is no address at all; a token of nobody is unauthorised.
  if (!/^[1-9]\d*:[\w-]+$/.test(token)) send(response, errorAnswer(new ApiError(404, 'Not Found')));
  else if (token !== world.token) send(response, errorAnswer(new ApiError(401, 'Unauthorized')));
  else await serveCall(world, request, response, call?.[2] ?? '', searchParams);
}

async function serveCall(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  query: URLSearchParams,
): Promise<void> {
  const hangUp = new AbortController();
  response.on('close', () => {
    hangUp.abort();
  });
  let parameters: Parameters = { fields: new Map(), files: new Map() };
  try {
    const most = world.localFolder === undefined ? limits.uploadSize.value : limits.localUploadSize.value;
    parameters = await readParameters(request, query, most);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const answer = errorAnswer(error);
    finish(world, world.calls.begin(method, parameters), answer);
    send(response, answer);
    return;
  }
  const entry = world.calls.begin(method, parameters);
  const outcome = await dispatch(world, method, parameters, hangUp.signal);
  if ('fault' in outcome) {
    suffer(world, response, entry, outcome.fault);
    return;
  }
  if (response.destroyed) {
    world.calls.finish(entry, { status: 0, description: 'the client hung up' });
    return;
  }
  finish(world, entry, outcome.answer);
  send(response, outcome.answer);
}

function finish(world: World, entry: CallEntry, { code, body }: Answer): void {
  const description = body.ok ? undefined : body.description;
  const retryAfter = body.ok ? undefined : body.parameters?.retry_after;
  world.calls.finish(entry, { status: code, description, retryAfter });
}

function send(response: ServerResponse, { code, body }: Answer): void {
  const retryAfter = body.ok ? undefined : body.parameters?.retry_after;
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
}

function suffer(
  world: World,
  response: ServerResponse,
  entry: CallEntry,
  fault: Exclude<Fault, { type: 'error' }>,
): void {
  switch (fault.type) {
    case 'drop':
      world.calls.finish(entry, { status: 0, description: 'dropped on purpose' });
      response.destroy();
      return;
    case 'silence':
      // The entry stays open until the client gives up.
      response.on('close', () => {
        world.calls.finish(entry, { status: 0, description: 'never answered on purpose' });
      });
      return;
    case 'html':
      world.calls.finish(entry, { status: fault.code, description: 'an HTML page on purpose' });
      response.writeHead(fault.code, { 'content-type': 'text/html' });
      response.end(`<html><head><title>${fault.code} Bad Gateway</title></head><body>nginx</body></html>`);
      return;
    case 'malformed':
      world.calls.finish(entry, { status: 200, description: 'half a document on purpose' });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"ok":true,"result":[{"update_id":');
  }
}

/** Served without a useful type, as the real server does; logged as a call named `file`. */
function serveFile(world: World, response: ServerResponse, token: string, address: string): void {
  if (decodeURIComponent(token) !== world.token) {
    send(response, errorAnswer(new ApiError(401, 'Unauthorized')));
    return;
  }
  const path = decodeURIComponent(address);
  const parameters = { fields: new Map([['path', path]]), files: new Map() };
  const entry = world.calls.begin('file', parameters);
  const fault = world.faults.take('file', parameters)?.fault;
  if (fault !== undefined && fault.type !== 'error') {
    suffer(world, response, entry, fault);
    return;
  }
  const file = world.localFolder === undefined && fault === undefined ? world.files.follow(path) : undefined;
  if (file === undefined) {
    const answer = errorAnswer(new ApiError(fault?.code ?? 404, fault?.description ?? 'Not Found'));
    finish(world, entry, answer);
    send(response, answer);
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': file.bytes.length,
  });
  response.end(file.bytes);
  world.calls.finish(entry, { status: 200 });
}
