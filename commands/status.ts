/** /status: model, engine and number of items; for moderators also the sources, the recall and the last reindex runs. */

import { truncate } from '../src/util/truncate.ts';
import { reindexBlocks } from '../src/chat/reindex-texts.ts';
import type { ReplyBlock } from '../src/chat/reply.ts';
import type { Status } from '../src/chat/status.ts';
import type { Texts } from '../src/chat/translations.ts';
import type { RunOutcome, RunRecord } from '../src/reindex/run-history.ts';
import type { Command, CommandContext } from '../src/chat/command.ts';

const SHOWN_SOURCES = 10;
const MAX_NAME_LENGTH = 60;
const MAX_REASON_LENGTH = 200;

export function statusCommand({
  status,
  reindex,
  errorText,
}: Pick<CommandContext, 'status' | 'reindex' | 'errorText'>): Command {
  return {
    name: 'status',
    description: 'command.status',
    audience: 'everyone',
    where: 'anywhere',
    async run({ call: { origin }, texts }) {
      // When the platform cannot say whether the person is a moderator, the short form is shown.
      const isModerator = await origin.isModerator().catch(() => false);
      if (!isModerator) return { blocks: [{ kind: 'facts', facts: shortFacts(await status(), texts) }] };
      const known = await status({ complete: true });
      const run = reindex.running();
      return {
        blocks: [
          { kind: 'facts', facts: [...shortFacts(known, texts), ...longFacts(known, texts)] },
          ...(run ? reindexBlocks(run, run.state(), { joined: true, texts, errorText }) : []),
          ...runBlocks(known.runs, texts),
        ],
        discreet: true,
      };
    },
  };
}

// --- Internal helpers ---

type Fact = Extract<ReplyBlock, { kind: 'facts' }>['facts'][number];

function shortFacts({ model, embedder, index }: Status, texts: Texts): Fact[] {
  return [
    { name: texts.say('status.model'), value: texts.say('status.model-value', { ...model }) },
    {
      name: texts.say('status.engine'),
      value: texts.say('status.engine-value', { engine: embedder.engine, device: embedder.device }),
    },
    {
      name: texts.say('status.inventory'),
      value: [
        texts.say('status.items', { count: index.size }),
        texts.say('status.types', { count: index.types }),
      ].join(', '),
    },
    {
      name: texts.say('status.indexed'),
      value: index.createdAt ? texts.moment(index.createdAt) : texts.say('status.not-yet'),
    },
  ];
}

function longFacts({ embedder, sources, types, recall, uptimeSeconds }: Status, texts: Texts): Fact[] {
  const { interactive, bulk } = embedder.waiting;
  return [
    ...embedder.skipped.map(({ engine, reason }) => ({
      name: texts.say('status.not-used'),
      value: `${engine}: ${reason}`,
    })),
    ...(sources.length === 0
      ? []
      : [{ name: texts.say('status.sources'), value: sourceLines(sources, texts).join('\n') }]),
    ...(types.length === 0
      ? []
      : [
          {
            name: texts.say('status.most'),
            value: types.map(({ value, count }) => `${value} ${texts.number(count)}`).join(', '),
          },
        ]),
    ...(recall
      ? [
          {
            name: texts.say('status.recall'),
            value: texts.say('status.recall-value', {
              share: texts.percent(Math.floor(recall.value * 1000) / 1000),
              k: recall.k,
              queries: texts.number(recall.queries),
            }),
          },
        ]
      : []),
    {
      name: texts.say('status.waiting'),
      value: texts.say('status.waiting-value', {
        people: texts.number(interactive),
        imports: texts.number(bulk),
      }),
    },
    { name: texts.say('status.uptime'), value: texts.duration(uptimeSeconds) },
  ];
}

function sourceLines(sources: Status['sources'], texts: Texts): string[] {
  const lines = sources
    .slice(0, SHOWN_SOURCES)
    .map(({ name, items, hidden, readAt }) =>
      [
        truncate(name, MAX_NAME_LENGTH),
        ...(items === undefined ? [] : [texts.say('status.items', { count: items })]),
        ...(hidden === 0 ? [] : [texts.say('status.hidden', { count: hidden })]),
        readAt ? texts.moment(readAt) : texts.say('status.not-yet'),
      ].join(' · '),
    );
  const rest = sources.length - lines.length;
  return rest === 0 ? lines : [...lines, texts.say('reindex.more-reasons', { count: rest })];
}

function runBlocks(runs: readonly RunRecord[], texts: Texts): ReplyBlock[] {
  const over = runs.filter(isOver);
  if (over.length === 0) return [];
  return [
    { kind: 'text', text: texts.say('status.runs') },
    { kind: 'list', items: over.map((run) => runLine(run, texts)) },
  ];
}

function runLine({ startedAt, seconds, outcome, counts, reason, who, full }: EndedRun, texts: Texts): string {
  return [
    texts.moment(new Date(startedAt)),
    `${texts.say(OUTCOMES[outcome])} (${who})`,
    ...(full ? [texts.say('status.full')] : []),
    ...(seconds > 0 ? [texts.duration(seconds)] : []),
    ...(counts ? [countsOf(counts, texts)] : []),
    ...(counts || reason === undefined ? [] : [truncate(reason, MAX_REASON_LENGTH)]),
  ].join(' · ');
}

/** A running reindex has a block of its own. */
type EndedRun = RunRecord & { readonly outcome: Exclude<RunOutcome, 'running'> };

function isOver(run: RunRecord): run is EndedRun {
  return run.outcome !== 'running';
}

const OUTCOMES: Readonly<Record<EndedRun['outcome'], string>> = {
  finished: 'outcome.finished',
  cancelled: 'outcome.cancelled',
  stopped: 'outcome.stopped',
  failed: 'outcome.failed',
  interrupted: 'outcome.interrupted',
  'needs-confirmation': 'outcome.needs-confirmation',
};

function countsOf(counts: NonNullable<RunRecord['counts']>, texts: Texts): string {
  const parts = [
    ['reindex.added', counts.added],
    ['reindex.changed', counts.changed],
    ['reindex.removed', counts.removed],
    ['reindex.not-usable', counts.rejected],
  ] as const;
  const changed = parts.filter(([, count]) => count > 0);
  if (changed.length === 0) return texts.say('status.no-change');
  return changed.map(([key, count]) => `${texts.say(key)} ${texts.number(count)}`).join(', ');
}
