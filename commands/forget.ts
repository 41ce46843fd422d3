/** /forget: deletes what is stored about the person who asks. */

import type { Traces } from '../src/chat/traces.ts';
import { textReply } from '../src/chat/reply.ts';
import { personKey } from '../src/chat/keys.ts';
import type { Command } from './command.ts';

export interface ForgetDependencies {
  readonly traces: Pick<Traces, 'forget'>;
}

export function forgetCommand({ traces }: ForgetDependencies): Command {
  return {
    name: 'forget',
    description: 'command.forget',
    audience: 'everyone',
    where: 'anywhere',
    async run({ call, texts }) {
      const { searches, replies, messages } = await traces.forget(personKey(call.origin));
      const deleted = [
        { count: searches, key: 'forget.searches' },
        { count: replies, key: 'forget.replies' },
        { count: messages, key: 'forget.messages' },
      ].filter(({ count }) => count > 0);
      if (deleted.length === 0) return { ...textReply(texts.say('forget.nothing')), discreet: true };
      return {
        blocks: [
          { kind: 'text', text: texts.say('forget.done') },
          { kind: 'list', items: deleted.map(({ key, count }) => texts.say(key, { count })) },
        ],
        discreet: true,
      };
    },
  };
}
