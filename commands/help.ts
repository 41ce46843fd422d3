/** /help: what the bot does and what can be typed. */

import type { Command } from './command.ts';

/** @param commands the list to describe, this command included; read when it runs. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    description: 'How to use this bot',
    run: () => ({
      blocks: [
        {
          kind: 'text',
          text: 'Send a photo of an outfit or a single garment, and I answer with the closest items of the inventory, each with how similar it is.',
        },
        {
          kind: 'list',
          items: [
            'One photo or up to four at once. JPEG, PNG, WebP, GIF or AVIF, at most 12 MB each.',
            'One garment that fills the picture works best.',
            'Under an answer: see more, narrow it down, or ask for more like one of the items.',
            'The score is the cosine between your photo and the item: 1.00 is the same picture.',
            ...commands().map(({ name, description }) => `/${name}: ${description}`),
          ],
        },
      ],
    }),
  };
}
