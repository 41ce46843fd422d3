/** /reindex: reads the inventory's sources again, shows how far it is, and says honestly how it ended. */

import { type Buttons, cut } from '../src/chat/buttons.ts';
import type { Clock } from '../src/chat/clock.ts';
import { personKey } from '../src/chat/keys.ts';
import type { ReindexJob, ReindexRun, ReindexState } from '../src/chat/reindex-job.ts';
import type { Reply, ReplyBlock } from '../src/chat/reply.ts';
import type { Texts } from '../src/chat/translations.ts';
import { OperatorError } from '../src/errors.ts';
import type { ReindexSummary } from '../src/inventory/reindexer.ts';
import type { ErrorText } from '../src/chat/error-texts.ts';
import type { Command } from './command.ts';

export interface ReindexDependencies {
  readonly reindex: Pick<ReindexJob, 'start' | 'running'>;
  readonly buttons: Pick<Buttons, 'publish'>;
  readonly errorText: ErrorText;
  readonly clock: Pick<Clock, 'wait'>;
}

/** Between two updates of the message, the last one included. */
export const UPDATE_INTERVAL_MS = 5_000;

const SHOWN_REASONS = 5;
const MAX_REASON_LENGTH = 200;

export function reindexCommand({ reindex, buttons, errorText, clock }: ReindexDependencies): Command {
  return {
    name: 'reindex',
    description: 'command.reindex',
    audience: 'moderators',
    where: 'anywhere',
    async run({ call: { origin }, texts }) {
      const run = reindex.start();
      if (!run) return { ...alreadyRunning(reindex.running(), texts), discreet: true };

      const cancel = await buttons.publish(
        {
          blocks: [],
          buttons: [
            {
              label: texts.say('button.cancel'),
              danger: true,
              action: { kind: 'cancel-reindex', run: run.id },
            },
          ],
        },
        { owner: personKey(origin), locale: origin.locale },
      );
      const show = (state: ReindexState): Reply => {
        const blocks = stateBlocks(state, texts, errorText);
        return state.kind === 'running'
          ? { ...cancel, blocks, unfollowed: texts.say('reindex.unfollowed') }
          : { blocks };
      };
      const first = run.state();
      return { ...show(first), updates: updatesOf(run, first, show, clock) };
    },
  };
}

// --- Internal helpers ---

/** What followed the first state: every 5 s as long as it changes, then the final one. */
async function* updatesOf(
  run: ReindexRun,
  first: ReindexState,
  show: (state: ReindexState) => Reply,
  clock: Pick<Clock, 'wait'>,
): AsyncGenerator<Reply, void> {
  for (let shown = first; shown.kind === 'running';) {
    await clock.wait(UPDATE_INTERVAL_MS, run.closing);
    if (run.closing.aborted) await run.ended;
    const state = run.state();
    if (state !== shown) yield show(state);
    shown = state;
  }
}

function alreadyRunning(run: ReindexRun | undefined, texts: Texts): Reply {
  const state = run?.state();
  const progress = state?.kind === 'running' ? progressLine(state, texts) : [];
  return { blocks: [{ kind: 'text', text: [texts.say('reindex.already'), ...progress].join('\n') }] };
}

function stateBlocks(state: ReindexState, texts: Texts, errorText: ErrorText): ReplyBlock[] {
  switch (state.kind) {
    case 'running':
      return textBlock(
        texts.say(state.cancelling ? 'reindex.cancelling' : 'reindex.running'),
        ...progressLine(state, texts),
      );
    case 'cancelled':
      return textBlock(texts.say('reindex.cancelled', { duration: texts.duration(state.seconds) }));
    case 'stopped':
      return textBlock(texts.say('reindex.stopped', { duration: texts.duration(state.seconds) }));
    case 'failed': {
      const { error, seconds } = state;
      // Its message is written for whoever looks after the inventory, and names the repair.
      const reason = error instanceof OperatorError ? error.message : errorText(error, texts, 'reindex');
      return textBlock(texts.say('reindex.failed', { duration: texts.duration(seconds) }), reason);
    }
    case 'finished':
      return summaryBlocks(state.summary, texts);
  }
}

function progressLine({ progress }: { progress: ReindexProgressOrNone }, texts: Texts): string[] {
  if (!progress || progress.total === 0) return [];
  const { phase, done, total } = progress;
  const values = {
    done: texts.number(done),
    total: texts.number(total),
    percent: texts.percent(Math.floor((100 * done) / total) / 100),
  };
  return [texts.say(phase === 'embed' ? 'reindex.reading' : 'reindex.building', values)];
}

type ReindexProgressOrNone = Extract<ReindexState, { kind: 'running' }>['progress'];

function summaryBlocks(summary: ReindexSummary, texts: Texts): ReplyBlock[] {
  const { added, changed, removed, unchanged, rejected, total, seconds } = summary;
  const fact = (key: string, value: number) => ({ name: texts.say(key), value: texts.number(value) });
  const blocks: ReplyBlock[] = [
    ...textBlock(texts.say('reindex.finished', { duration: texts.duration(seconds) })),
    {
      kind: 'facts',
      facts: [
        fact('reindex.added', added),
        fact('reindex.changed', changed),
        fact('reindex.removed', removed),
        fact('reindex.unchanged', unchanged),
        fact('reindex.not-usable', rejected.length),
        fact('reindex.total', total),
      ],
    },
  ];
  if (rejected.length === 0) return blocks;
  const reasons = rejected
    .slice(0, SHOWN_REASONS)
    .map(({ where, reason }) => cut(`${where}: ${reason}`, MAX_REASON_LENGTH));
  const rest = rejected.length - reasons.length;
  const items = rest === 0 ? reasons : [...reasons, texts.say('reindex.more-reasons', { count: rest })];
  return [...blocks, ...textBlock(texts.say('reindex.reasons')), { kind: 'list', items }];
}

function textBlock(...lines: readonly string[]): ReplyBlock[] {
  return [{ kind: 'text', text: lines.join('\n') }];
}
