import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { abortWith } from '../../src/util/abort-with.ts';

it('aborts the controller with the reason of the first signal that aborts', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const controller = new AbortController();
  abortWith(controller, [first.signal, second.signal]);
  expect(controller.signal.aborted).toBe(false);
  second.abort(new Error('second'));
  first.abort(new Error('first'));
  expect(controller.signal.reason).toEqual(new Error('second'));
});

it('aborts at once when a signal has already aborted', () => {
  const controller = new AbortController();
  abortWith(controller, [new AbortController().signal, AbortSignal.abort(new Error('earlier'))]);
  expect(controller.signal.reason).toEqual(new Error('earlier'));
});

it('leaves no listener on the signals once it is stopped', () => {
  const lasting = new AbortController();
  const controller = new AbortController();
  const stop = abortWith(controller, [lasting.signal]);
  expect(getEventListeners(lasting.signal, 'abort')).toHaveLength(1);
  stop();
  expect(getEventListeners(lasting.signal, 'abort')).toEqual([]);
  lasting.abort();
  expect(controller.signal.aborted).toBe(false);
});
