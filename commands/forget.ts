/** /forget: deletes what is stored about the person who asks. */

import { textReply } from '../src/chat/reply.ts';
import { personKey } from '../src/chat/keys.ts';
import type { Command, CommandContext } from '../src/chat/command.ts';

export function forgetCommand({ userData }: Pick<CommandContext, 'userData'>): Command {
  return {
    name: 'forget',
    description: 'command.forget',
    audience: 'everyone',
    where: 'anywhere',
    async run({ call, texts }) {
      const { searches, replies, messages } = await userData.forget(personKey(call.origin));
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
