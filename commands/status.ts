/** /status: what answers, on what, from how many items. */

import type { Status } from '../src/chat/status.ts';
import type { Command } from './command.ts';

export function statusCommand(status: () => Status): Command {
  return {
    name: 'status',
    description: 'command.status',
    audience: 'everyone',
    where: 'anywhere',
    run({ texts }) {
      const { model, embedder, index, uptimeSeconds } = status();
      const { interactive, bulk } = embedder.waiting;
      const facts = [
        {
          name: texts.say('status.model'),
          value: texts.say('status.model-value', { ...model }),
        },
        {
          name: texts.say('status.engine'),
          value: texts.say('status.engine-value', { engine: embedder.engine, device: embedder.device }),
        },
        ...embedder.skipped.map(({ engine, reason }) => ({
          name: texts.say('status.not-used'),
          value: `${engine}: ${reason}`,
        })),
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
        {
          name: texts.say('status.waiting'),
          value: texts.say('status.waiting-value', {
            people: texts.number(interactive),
            imports: texts.number(bulk),
          }),
        },
        { name: texts.say('status.uptime'), value: texts.duration(uptimeSeconds) },
      ];
      return { blocks: [{ kind: 'facts', facts }] };
    },
  };
}
