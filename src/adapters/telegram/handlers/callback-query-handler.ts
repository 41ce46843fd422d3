/** A pressed button: answered at once, because Telegram waits for that, then done. */

import type { Clock } from '../../../util/clock.ts';
import type { Conversation, ClickOutcome } from '../../../chat/conversation.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import type { Logger } from '../../../util/logger.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError } from '../api/call-error.ts';
import { callSteadily } from '../api/call-steadily.ts';
import type { ShowAction } from './chat-action.ts';
import type { CommandHandler } from './command-handler.ts';
import { editKeyboard } from '../sending/edit-reply.ts';
import { truncate } from '../../../util/truncate.ts';
import { fold, isUnfolded, readData, unfold } from '../rendering/keyboard.ts';
import type { Origins } from './origin.ts';
import type { Outbox } from '../sending/outbox.ts';
import type { PressRequest } from '../updates/request.ts';

export interface CallbackQueryHandlerDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly conversation: Pick<Conversation, 'click'>;
  readonly commandHandler: Pick<CommandHandler, 'pressed'>;
  readonly origins: Origins;
  readonly outbox: Outbox;
  readonly showAction: ShowAction;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** What the press asks to be sent; undefined when it is done with. */
export type CallbackQueryHandler = (
  request: PressRequest,
) => Promise<Exclude<ClickOutcome, { kind: 'choose' | 'notice' }> | undefined>;

/** A notice can only be shown with the answer to a press, so the answer waits that long for one. */
const NOTICE_WAIT_MS = 800;
const MAX_NOTICE = 200;

export function createCallbackQueryHandler(
  dependencies: CallbackQueryHandlerDependencies,
): CallbackQueryHandler {
  const { clock, conversation, commandHandler, origins, outbox, showAction, logger, signal } = dependencies;

  /** Late answers are refused, and then nobody waits for them any more. */
  async function answer(query: string, notice?: string): Promise<void> {
    const payload = {
      callback_query_id: query,
      ...(notice !== undefined && { text: truncate(notice, MAX_NOTICE) }),
    };
    const options = { signal, tries: 3, timeoutMs: 10_000 };
    await callSteadily(dependencies, 'answerCallbackQuery', payload, options).catch(unlessCallError);
  }

  async function outcomeOf(request: PressRequest): Promise<ClickOutcome> {
    const { handle, value } = readData(request.data);
    const command = commandHandler.pressed(request, handle, value);
    if (command) return { kind: 'replace', reply: await command };
    const origin = origins.of(request);
    return conversation.click({ origin, handle, ...(value !== undefined && { value }) });
  }

  return async (request) => {
    const { query, data, keyboard = [], chat, pressed: message } = request;
    const { handle, value } = readData(data);
    if (value === undefined && isUnfolded(keyboard, handle)) {
      await answer(query);
      await editKeyboard(outbox, { chat, message }, fold(keyboard)).catch(warn);
      return undefined;
    }

    const working = outcomeOf(request);
    const early = await firstWithin(working, NOTICE_WAIT_MS, clock);
    if (early?.kind === 'notice') {
      await answer(query, early.text);
      return undefined;
    }
    await answer(query);
    const stop =
      early?.kind === 'choose' || early?.kind === 'delete' ? undefined : showAction(request, 'typing');
    try {
      const outcome = await working;
      switch (outcome.kind) {
        case 'choose':
          await editKeyboard(outbox, { chat, message }, unfold(keyboard, outcome.choice)).catch(warn);
          return undefined;
        case 'notice':
          // Too late for a line that only this person sees.
          return { kind: 'reply', reply: { blocks: [{ kind: 'text', text: outcome.text }] } };
        default:
          return outcome;
      }
    } finally {
      stop?.();
    }
  };

  function warn(error: unknown): void {
    unlessCallError(error);
    logger.warn({ reason: (error as CallError).message }, 'the buttons of a message could not be changed');
  }
}

// --- Internal helpers ---

function unlessCallError(error: unknown): void {
  if (!(error instanceof CallError)) throw error;
}
