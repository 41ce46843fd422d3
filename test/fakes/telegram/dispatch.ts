/** Handles one call: session, method lookup, scheduled faults, and the envelope of the response. */
import type { ApiResponse } from '@grammyjs/types';
import { ApiError } from './api-error.ts';
import type { Fault } from './faults.ts';
import { methods } from './methods/index.ts';
import type { Parameters } from './parameters.ts';
import type { World } from './world.ts';

export interface Answer {
  readonly code: number;
  readonly body: ApiResponse<unknown>;
}

/** What the connection does: give the answer, or suffer the fault. */
export type Outcome = { readonly answer: Answer } | { readonly fault: Exclude<Fault, { type: 'error' }> };

export async function dispatch(
  world: World,
  method: string,
  parameters: Parameters,
  hangUp: AbortSignal,
): Promise<Outcome> {
  const planned = world.faults.take(method, parameters);
  if (planned === undefined) return { answer: await run(world, method, parameters, hangUp) };
  if (planned.afterEffect) await run(world, method, parameters, hangUp);
  const { fault } = planned;
  if (fault.type !== 'error') return { fault };
  return { answer: errorAnswer(plannedError(fault)) };
}

export function errorAnswer({ code, message, parameters }: ApiError): Answer {
  const rest = parameters === undefined ? {} : { parameters };
  return { code, body: { ok: false, error_code: code, description: message, ...rest } };
}

// --- Internal helpers ---

async function run(world: World, name: string, parameters: Parameters, hangUp: AbortSignal): Promise<Answer> {
  try {
    if (world.session.loggedOutUntil > world.clock.now()) throw new ApiError(400, 'Logged out');
    const method = methods.get(name.toLowerCase());
    if (method === undefined) throw new ApiError(404, 'Not Found: method not found');
    return { code: 200, body: { ok: true, result: await method(world, parameters, hangUp) } };
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return errorAnswer(new ApiError(500, `Internal Server Error: a defect of the fake: ${problem}`));
  }
}

const usual: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
};

function plannedError(fault: Extract<Fault, { type: 'error' }>): ApiError {
  const { code, retryAfter } = fault;
  const wording =
    retryAfter === undefined ? (usual[code] ?? 'Error') : `Too Many Requests: retry after ${retryAfter}`;
  const parameters = {
    ...fault.parameters,
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  };
  const none = Object.keys(parameters).length === 0;
  return new ApiError(code, fault.description ?? wording, none ? undefined : parameters);
}
