/** /status: what answers, on what, from how many items. */

import type { ReplyBlock } from '../src/chat/reply.ts';
import type { Status } from '../src/chat/status.ts';
import type { Command } from './command.ts';

export function statusCommand(status: () => Status): Command {
  return {
    name: 'status',
    description: 'Model, engine and inventory of this bot',
    run: () => ({ blocks: [facts(status())] }),
  };
}

// --- Internal helpers ---

function facts(status: Status): ReplyBlock {
  const { model, embedder, index, uptimeSeconds } = status;
  return {
    kind: 'facts',
    facts: [
      { name: 'Model', value: `${model.name} ${model.version}, head ${model.head}` },
      { name: 'Engine', value: `${embedder.engine} on ${embedder.device}` },
      ...embedder.skipped.map(({ engine, reason }) => ({ name: 'Not used', value: `${engine}: ${reason}` })),
      {
        name: 'Inventory',
        value: `${index.size.toLocaleString('en')} items, ${index.types.toLocaleString('en')} types`,
      },
      {
        name: 'Indexed',
        value: index.createdAt
          ? `${index.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
          : 'not yet',
      },
      {
        name: 'Waiting',
        value: `${embedder.waiting.interactive} photos of people, ${embedder.waiting.bulk} of imports`,
      },
      { name: 'Up for', value: duration(uptimeSeconds) },
    ],
  };
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}
