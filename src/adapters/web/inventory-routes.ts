/** Routes of the inventory panel: the person at this machine inspects and reindexes the inventory. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BUTTONS_LIFETIME_MS } from '../../chat/buttons.ts';
import { truncate } from '../../util/truncate.ts';
import type { ReindexJob } from '../../reindex/reindex-job.ts';
import { type ReindexRequest, type ReindexRun, STEPS } from '../../reindex/reindex-run.ts';
import type { ReadStatus } from '../../chat/status.ts';
import { InputError, OperatorError } from '../../util/errors.ts';
import { inventoryJson, runJson } from './inventory-json.ts';
import { isLocalPerson } from './local-person.ts';
import { DoorError } from './problem.ts';

export interface InventoryPanel {
  readonly reindex: Pick<ReindexJob, 'start' | 'running' | 'last' | 'steer'>;
  readonly status: ReadStatus;
}

export interface InventoryRoutesDependencies {
  /** If absent, nobody can see or change the inventory through this server. */
  readonly panel?: InventoryPanel | undefined;
  /** What a person on this machine opens, for example `http://localhost:8080`. */
  readonly address: () => string;
  readonly onUnforeseen: (error: unknown) => void;
}

const MAX_BODY_BYTES = 1_024;
/** Characters of a request that an error message quotes. */
const MAX_QUOTED = 100;

const KINDS = ['plan', 'reindex', 'full'] as const;

const beginning = z.union([
  z.strictObject({ kind: z.enum(KINDS) }),
  z.strictObject({ kind: z.literal('confirm'), run: z.string() }),
]);
const steering = z.strictObject({ step: z.enum(STEPS) });

const BEGINNINGS = [...KINDS.map((kind) => JSON.stringify({ kind })), '{"kind":"confirm","run":ID}'];
const STEERINGS = STEPS.map((step) => JSON.stringify({ step }));

/** The person at this machine has no account. */
const BY = { door: 'web', person: 'local', place: 'page' } as const;

export function inventoryRoutes(
  app: FastifyInstance,
  { panel, address, onUnforeseen }: InventoryRoutesDependencies,
): void {
  /** @throws {DoorError} `not-local`. */
  function panelOf(request: FastifyRequest): InventoryPanel {
    if (panel && isLocal(request)) return panel;
    throw new DoorError(
      'not-local',
      panel
        ? `Only a person at the machine that runs this server may do this, on its own page at ${address()}.`
        : 'The operator switched this off (INVENTORY_PANEL=off). At the machine that runs this server, stop it and use npm run inventory.',
    );
  }

  // Answered with 200 for everybody: each page asks in order to know whether to offer the panel.
  app.get('/api/inventory', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (!panel || !isLocal(request)) return { local: false };
    return { local: true, ...inventoryJson(await panel.status(), panel.reindex.last()) };
  });

  app.post('/api/inventory/runs', { bodyLimit: MAX_BODY_BYTES }, (request) => {
    const { reindex } = panelOf(request);
    const asked = read(beginning, request.body, BEGINNINGS);
    const started = reindex.start(
      asked.kind === 'confirm' ? confirmedRequest(reindex.last(), asked.run) : requestOf(asked.kind),
    );
    if (started) void logFailure(started);
    const run = started ?? reindex.running();
    return { joined: !started, run: run ? runJson(run) : null };
  });

  app.post<{ Params: { id: string } }>(
    '/api/inventory/runs/:id',
    { bodyLimit: MAX_BODY_BYTES },
    (request) => {
      const { reindex } = panelOf(request);
      const { step } = read(steering, request.body, STEERINGS);
      const { id } = request.params;
      const run = reindex.last();
      if (run?.id !== id) {
        throw new DoorError(
          'not-found',
          `Expected the id of the last run, got ${JSON.stringify(truncate(id, MAX_QUOTED))}. GET /api/inventory returns it.`,
        );
      }
      return { done: reindex.steer(id, step, BY), run: runJson(run) };
    },
  );

  async function logFailure(run: ReindexRun): Promise<void> {
    await run.ended;
    const state = run.state();
    if (state.kind === 'failed' && !(state.error instanceof OperatorError)) onUnforeseen(state.error);
  }
}

// --- Internal helpers ---

function isLocal({ socket, headers }: FastifyRequest): boolean {
  return isLocalPerson({ address: socket.remoteAddress, headers });
}

function requestOf(kind: 'plan' | 'reindex' | 'full'): ReindexRequest {
  return { kind: kind === 'plan' ? 'plan' : 'reindex', full: kind === 'full', by: BY };
}

/** Only the last run can be confirmed, and for as long as in a chat. @throws {InputError} `bad-request`. */
function confirmedRequest(last: ReindexRun | undefined, id: string): ReindexRequest {
  const state = last?.state();
  const isOpen =
    last?.id === id &&
    state?.kind === 'needs-confirmation' &&
    Date.now() - last.startedAt.getTime() - state.seconds * 1000 < BUTTONS_LIFETIME_MS;
  if (!isOpen) {
    throw new InputError('bad-request', 'There is nothing to confirm any more. Start the reindex again.');
  }
  return { kind: 'reindex', full: last.request.full === true, confirmed: state.plan.losses, by: BY };
}

function read<T>(schema: z.ZodType<T>, body: unknown, expected: readonly string[]): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const got = body === undefined ? 'nothing' : truncate(JSON.stringify(body), MAX_QUOTED);
  throw new InputError(
    'bad-request',
    `Expected ${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}, got ${got}.`,
  );
}
