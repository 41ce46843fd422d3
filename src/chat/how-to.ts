/** The reply to somebody who asks without a photo. */

import type { Origin } from './conversation.ts';
import type { Texts } from './translations.ts';

export function howToText({ community }: Pick<Origin, 'community'>, texts: Texts): string {
  return community === undefined ? texts.say('find.how-to-direct') : texts.say('find.how-to');
}
