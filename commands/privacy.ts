/** /privacy: what is kept of a photo. */

import { textReply } from '../src/chat/reply.ts';
import type { Command } from './command.ts';

export const privacyCommand: Command = {
  name: 'privacy',
  description: 'What is kept of your photos',
  run: () =>
    textReply(
      'Your photo stays in memory while it is looked at and is gone after the answer; it is never written to disk, logged or passed on. ' +
        'For an hour the bot keeps the numbers that describe the picture (not the picture), so that "more" and filters work without sending it again.',
    ),
};
