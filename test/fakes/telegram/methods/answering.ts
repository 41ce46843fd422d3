/** answerCallbackQuery: once, in time, with a short text. */
import { badRequest } from '../api-error.ts';
import { limits } from '../limits.ts';
import { characters, flag, text } from '../parameters.ts';
import type { Method } from './method.ts';

export const answerCallbackQuery: Method = (world, parameters) => {
  const answer = text(parameters, 'text');
  const callback = world.callbacks.get(text(parameters, 'callback_query_id'));
  const at = world.clock.now();
  if (
    callback === undefined ||
    callback.answer !== undefined ||
    at - callback.at > limits.callbackAnswerTime.value
  ) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  }
  if (characters(answer) > limits.callbackAnswerLength.value) throw badRequest('MESSAGE_TOO_LONG');
  callback.answer = { text: answer, alert: flag(parameters, 'show_alert'), at };
  world.changes.notify();
  return true;
};
