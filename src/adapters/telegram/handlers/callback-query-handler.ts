/** Handles the click on a button: the callback query is answered at once, because Telegram waits for that, then the work is done. */

import type { Conversation, ClickOutcome } from '../../../chat/conversation.ts';
import { textReply } from '../../../chat/reply.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { truncate } from '../../../util/truncate.ts';
import { firstWithin } from '../../../util/with-timeout.ts';
import type { BotApi } from '../api/bot-api.ts';
import { CallError, ignoreCallError } from '../api/call-error.ts';
import { callWithRetry } from '../api/call-with-retry.ts';
import { fold, isUnfolded, type Keyboard, readCallbackData, unfold } from '../rendering/keyboard.ts';
import { editKeyboard } from '../sending/edit-reply.ts';
import type { Outbox } from '../sending/outbox.ts';
import type { CallbackQueryRequest } from '../updates/request.ts';
import type { ShowAction } from './chat-action.ts';
import type { CommandHandler } from './command-handler.ts';
import type { Origins } from './origin.ts';

export interface CallbackQueryHandlerDependencies {
  readonly api: BotApi;
  readonly clock: Clock;
  readonly conversation: Pick<Conversation, 'click'>;
  readonly commandHandler: Pick<CommandHandler, 'runChosen'>;
  readonly origins: Origins;
  readonly outbox: Outbox;
  readonly showAction: ShowAction;
  readonly logger: Pick<Logger, 'warn'>;
  /** Aborted when the door gives up waiting. */
  readonly signal: AbortSignal;
}

/** What is still to be sent or deleted. Undefined when nothing is. */
export type CallbackQueryHandler = (
  request: CallbackQueryRequest,
) => Promise<Exclude<ClickOutcome, { kind: 'choose' | 'notice' }> | undefined>;

/** A notice can only be shown with the answer to the callback query, so the answer waits this long for one. */
const NOTICE_WAIT_MS = 800;
const MAX_NOTICE = 200;

export function createCallbackQueryHandler(
  dependencies: CallbackQueryHandlerDependencies,
): CallbackQueryHandler {
  const { api, clock, conversation, commandHandler, origins, outbox, showAction, logger, signal } =
    dependencies;

  /** Telegram refuses late answers, but then nobody waits for them any more. */
  async function answer(query: string, notice?: string): Promise<void> {
    const payload = {
      callback_query_id: query,
      ...(notice !== undefined && { text: truncate(notice, MAX_NOTICE) }),
    };
    const options = { signal, tries: 3, timeoutMs: 10_000 };
    await callWithRetry({ api, clock }, 'answerCallbackQuery', payload, options).catch(ignoreCallError);
  }

  async function outcomeOf(request: CallbackQueryRequest): Promise<ClickOutcome> {
    const { handle, value } = readCallbackData(request.data);
    const command = commandHandler.runChosen(request, handle, value);
    if (command) return { kind: 'replace', reply: await command };
    const origin = origins.of(request);
    return conversation.click({ origin, handle, ...(value !== undefined && { value }) });
  }

  async function showKeyboard(
    { chat, pressed: message }: CallbackQueryRequest,
    keyboard: Keyboard,
  ): Promise<void> {
    try {
      await editKeyboard(outbox, { chat, message }, keyboard);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      logger.warn({ reason: error.message }, 'the buttons of a message could not be changed');
    }
  }

  return async (request) => {
    const { query, data, keyboard = [] } = request;
    const { handle, value } = readCallbackData(data);
    if (value === undefined && isUnfolded(keyboard, handle)) {
      await answer(query);
      await showKeyboard(request, fold(keyboard));
      return undefined;
    }

    const working = outcomeOf(request);
    const early = await firstWithin(working, NOTICE_WAIT_MS, clock);
    if (early?.kind === 'notice') {
      await answer(query, early.text);
      return undefined;
    }
    await answer(query);
    const isQuick = early?.kind === 'choose' || early?.kind === 'delete';
    const stopAction = isQuick ? undefined : showAction(request, 'typing');
    try {
      const outcome = await working;
      switch (outcome.kind) {
        case 'choose':
          await showKeyboard(request, unfold(keyboard, outcome.choice));
          return undefined;
        case 'notice':
          // Too late for a notice that only this person sees.
          return { kind: 'reply', reply: textReply(outcome.text) };
        default:
          return outcome;
      }
    } finally {
      stopAction?.();
    }
  };
}
