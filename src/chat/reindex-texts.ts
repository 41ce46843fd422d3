/** The texts about a reindex: its progress, what it would change, how it ended. */

import type { Changes, ReindexPlan, SourceChanges } from '../reindex/reindex-plan.ts';
import type { ReindexSummary } from '../reindex/reindex-summary.ts';
import { OperatorError } from '../util/errors.ts';
import { truncate } from '../util/truncate.ts';
import type { ErrorText } from './error-texts.ts';
import type { ReindexRun, ReindexState } from '../reindex/reindex-run.ts';
import { rejectionName } from '../reindex/rejections.ts';
import type { ReplyBlock } from './reply.ts';
import type { Texts } from './translations.ts';

const SHOWN_REASONS = 5;
const SHOWN_SOURCES = 10;
const MAX_REASON_LENGTH = 200;
const MAX_NAME_LENGTH = 60;

export interface ReindexTextsOptions {
  /** Whether somebody else had started the run before. */
  readonly joined: boolean;
  readonly texts: Texts;
  readonly errorText: ErrorText;
}

export function reindexBlocks(
  { request }: Pick<ReindexRun, 'request'>,
  state: ReindexState,
  { joined, texts, errorText }: ReindexTextsOptions,
): ReplyBlock[] {
  const isPlan = request.kind === 'plan';
  switch (state.kind) {
    case 'running':
      return textBlock(
        ...(joined ? [texts.say('reindex.already')] : []),
        texts.say(
          state.phase === 'working' ? (isPlan ? 'reindex.planning' : 'reindex.running') : PHASES[state.phase],
        ),
        ...progressLine(state, texts),
      );
    case 'planned':
      return planBlocks(state.plan, texts);
    case 'needs-confirmation': {
      const { plan, seconds } = state;
      return [
        ...textBlock(
          texts.say('reindex.needs-confirmation', { duration: texts.duration(seconds) }),
          ...lossLines(plan, texts),
          texts.say(joined ? 'reindex.confirm-again' : 'reindex.confirm'),
        ),
        factsBlock(plan, 'reindex.total-then', texts),
        ...reasonBlocks(plan.rejected, texts),
      ];
    }
    case 'cancelled':
      return textBlock(
        texts.say(isPlan ? 'reindex.plan-cancelled' : 'reindex.cancelled', {
          duration: texts.duration(state.seconds),
        }),
      );
    case 'stopped':
      return textBlock(texts.say('reindex.stopped', { duration: texts.duration(state.seconds) }));
    case 'failed': {
      const { error, seconds } = state;
      // The message of an OperatorError is written for the operator of the inventory, and names the repair.
      const reason = error instanceof OperatorError ? error.message : errorText(error, texts, 'reindex');
      return textBlock(texts.say('reindex.failed', { duration: texts.duration(seconds) }), reason);
    }
    case 'finished':
      return summaryBlocks(state.summary, texts);
  }
}

// --- Internal helpers ---

const PHASES = { paused: 'reindex.paused', cancelling: 'reindex.cancelling' } as const;

function progressLine({ progress }: Extract<ReindexState, { kind: 'running' }>, texts: Texts): string[] {
  if (!progress || progress.total === 0) return [];
  const { phase, done, total } = progress;
  const values = {
    done: texts.number(done),
    total: texts.number(total),
    percent: texts.percent(Math.floor((100 * done) / total) / 100),
  };
  return [texts.say(phase === 'index' ? 'reindex.building' : 'reindex.reading', values)];
}

function summaryBlocks(summary: ReindexSummary, texts: Texts): ReplyBlock[] {
  const { rejected, seconds } = summary;
  return [
    ...textBlock(texts.say('reindex.finished', { duration: texts.duration(seconds) })),
    factsBlock(summary, 'reindex.total', texts),
    ...reasonBlocks(rejected, texts),
  ];
}

function planBlocks(plan: ReindexPlan, texts: Texts): ReplyBlock[] {
  const { sources, losses, toEmbed, seconds, rejected } = plan;
  return [
    ...textBlock(
      texts.say('reindex.planned', { duration: texts.duration(seconds) }),
      texts.say('reindex.to-embed', { count: toEmbed }),
      ...lossLines(plan, texts),
      ...(losses.length > 0 ? [texts.say('reindex.will-ask')] : []),
    ),
    factsBlock(plan, 'reindex.total-then', texts),
    ...(sources.length < 2 ? [] : sourceBlocks(sources, texts)),
    ...reasonBlocks(rejected, texts),
  ];
}

function factsBlock(
  {
    added,
    changed,
    removed,
    unchanged,
    rejected,
    total,
  }: Omit<Changes, 'toEmbed'> & { readonly total: number },
  totalKey: string,
  texts: Texts,
): ReplyBlock {
  const fact = (key: string, value: number) => ({ name: texts.say(key), value: texts.number(value) });
  return {
    kind: 'facts',
    facts: [
      fact('reindex.added', added),
      fact('reindex.changed', changed),
      fact('reindex.removed', removed),
      fact('reindex.unchanged', unchanged),
      fact('reindex.not-usable', rejected.length),
      fact(totalKey, total),
    ],
  };
}

function sourceBlocks(sources: readonly SourceChanges[], texts: Texts): ReplyBlock[] {
  const lines = sources.slice(0, SHOWN_SOURCES).map(({ name, rejected, ...counts }) => {
    const { added, changed, removed, unchanged } = counts;
    return texts.say('reindex.source', {
      name: truncate(name, MAX_NAME_LENGTH),
      added: texts.number(added),
      changed: texts.number(changed),
      removed: texts.number(removed),
      unchanged: texts.number(unchanged),
      rejected: texts.number(rejected.length),
    });
  });
  return [...textBlock(texts.say('reindex.sources')), listBlock(lines, sources.length, texts)];
}

function lossLines({ losses }: ReindexPlan, texts: Texts): string[] {
  return losses.slice(0, SHOWN_SOURCES).map(({ source, before, removed }) =>
    texts.say('reindex.loss', {
      name: truncate(source, MAX_NAME_LENGTH),
      removed: texts.number(removed),
      before: texts.number(before),
    }),
  );
}

function reasonBlocks(rejected: Changes['rejected'], texts: Texts): ReplyBlock[] {
  if (rejected.length === 0) return [];
  const reasons = rejected
    .slice(0, SHOWN_REASONS)
    .map((one) => truncate(`${rejectionName(one)}: ${one.reason}`, MAX_REASON_LENGTH));
  return [...textBlock(texts.say('reindex.reasons')), listBlock(reasons, rejected.length, texts)];
}

/** The lines given, and how many more there are. */
function listBlock(shown: readonly string[], count: number, texts: Texts): ReplyBlock {
  const rest = count - shown.length;
  return {
    kind: 'list',
    items: rest === 0 ? shown : [...shown, texts.say('reindex.more-reasons', { count: rest })],
  };
}

function textBlock(...lines: readonly string[]): ReplyBlock[] {
  return [{ kind: 'text', text: lines.join('\n') }];
}
