import { expect, it } from 'vitest';
import { readinessOf } from '../../../src/adapters/web/readiness.ts';

it('photos are taken while the engine is alive and the bot does not stop, else it says why not', () => {
  expect(readinessOf({ isAlive: true }, false)).toEqual({ ready: true });
  expect(readinessOf({ isAlive: false }, false)).toMatchObject({
    ready: false,
    reason: expect.stringContaining('engine') as string,
  });
  expect(readinessOf({ isAlive: true }, true)).toMatchObject({
    ready: false,
    reason: expect.stringContaining('shutting down') as string,
  });
});
