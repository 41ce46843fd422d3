/** Turns the state of the inventory and of its reindex runs into the JSON of the HTTP API. Pure functions. */

import { canPause, type ReindexRun, type ReindexState } from '../../reindex/reindex-run.ts';
import type { Status } from '../../chat/status.ts';
import { OperatorError } from '../../util/errors.ts';
import type { Changes, ReindexPlan } from '../../reindex/reindex-plan.ts';

/** Reasons beyond this number are counted, not listed. */
const LISTED_REASONS = 20;

export function inventoryJson(status: Status, run: ReindexRun | undefined) {
  const { model, embedder, index, sources, types, recall, runs, uptimeSeconds } = status;
  return {
    model,
    engine: {
      name: embedder.engine,
      device: embedder.device,
      skipped: embedder.skipped,
      waiting: embedder.waiting,
    },
    index: { ...index, createdAt: index.createdAt?.toISOString() ?? null },
    sources: sources.map(({ name, items, hidden, readAt }) => ({
      name,
      items: items ?? null,
      hidden,
      readAt: readAt?.toISOString() ?? null,
    })),
    types,
    recall: recall ?? null,
    runs,
    uptimeSeconds,
    run: run ? runJson(run) : null,
  };
}

export function runJson(run: ReindexRun) {
  const { kind, full = false, by } = run.request;
  return {
    id: run.id,
    kind,
    full,
    by: by.door,
    startedAt: run.startedAt.toISOString(),
    state: stateJson(run.state()),
  };
}

// --- Internal helpers ---

function stateJson(state: ReindexState) {
  switch (state.kind) {
    case 'running': {
      const { kind, phase, progress } = state;
      return { kind, phase, canPause: canPause(state), progress: progress ?? null };
    }
    case 'planned':
      return { kind: state.kind, plan: planJson(state.plan) };
    case 'needs-confirmation':
      return { kind: state.kind, seconds: state.seconds, plan: planJson(state.plan) };
    case 'finished': {
      const { summary } = state;
      return { kind: state.kind, summary: { ...summary, ...rejectedJson(summary.rejected) } };
    }
    case 'failed': {
      const { error, kind, seconds } = state;
      const reason =
        error instanceof OperatorError
          ? error.message
          : 'Something went wrong on our side, and it was logged.';
      return { kind, seconds, reason };
    }
    default:
      return state;
  }
}

function planJson(plan: ReindexPlan) {
  return {
    ...plan,
    ...rejectedJson(plan.rejected),
    sources: plan.sources.map(({ rejected, ...source }) => ({ ...source, rejected: rejected.length })),
  };
}

function rejectedJson(rejected: Changes['rejected']) {
  return { rejected: rejected.length, reasons: rejected.slice(0, LISTED_REASONS) };
}
