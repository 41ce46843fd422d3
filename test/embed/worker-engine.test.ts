import { Worker } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { createWorkerEngine } from '../../src/embed/worker-engine.ts';
import { ClosedError, type EngineUnavailableError } from '../../src/util/errors.ts';
import { shippedModel } from '../shipped-model.ts';

/** A worker that embeds everything as zeros, and dies of a picture that begins with 255. */
const MORTAL = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (request) => {
    if (!request) return parentPort.close();
    if (request.batch[0][0] === 255) process.exit(3);
    const embeddings = new Float32Array(request.batch.length * ${shippedModel.manifest.dimension});
    parentPort.postMessage({ kind: 'result', id: request.id, embeddings });
  });
  parentPort.postMessage({ kind: 'ready', device: 'thread', maxBatch: 4 });
`;
const UNWILLING = `require('node:worker_threads').parentPort.postMessage({ kind: 'unavailable', reason: 'no memory' })`;

const picture = (first: number): Uint8Array =>
  new Uint8Array(shippedModel.manifest.input.side ** 2 * 3).fill(first);

function open(codes: readonly string[] = [], { workers = 1, replaceAfterMs = 10 } = {}) {
  const error = vi.fn();
  const spawned: Worker[] = [];
  const engine = createWorkerEngine({
    name: 'mortal',
    label: 'mortal on a thread',
    model: shippedModel,
    workers,
    logger: { error },
    replaceAfterMs,
    spawn() {
      const worker = new Worker(codes[spawned.length] ?? MORTAL, { eval: true });
      spawned.push(worker);
      return worker;
    },
  });
  return { engine, error, spawned };
}

it('fails only the pictures of a worker that dies, not as a shutdown, and replaces the worker', async () => {
  const { engine, error, spawned } = open([MORTAL, UNWILLING, MORTAL]);
  const opened = await engine;
  const lost = await opened.run([picture(255)]).catch((reason: unknown) => reason);
  expect(lost).not.toBeInstanceOf(ClosedError);
  expect(String(lost)).toContain('ended with code 3');
  const early = await opened.run([picture(1)]).catch((reason: unknown) => reason);
  expect(early).not.toBeInstanceOf(ClosedError);
  expect(String(early)).toContain('mortal on a thread: no worker is alive');
  expect(opened.isAlive()).toBe(false);

  await vi.waitFor(() => opened.run([picture(1)]), { timeout: 20_000, interval: 20 });
  expect(opened.isAlive()).toBe(true);
  expect(spawned).toHaveLength(3); // the second one could not load its network
  expect(error.mock.calls.map(([, message]) => message as string)).toEqual([
    'an engine worker died and will be replaced',
    'an engine worker could not be replaced',
  ]);
  await opened.close();
  await expect(opened.run([picture(1)])).rejects.toThrow(ClosedError);
});

it('replaces no worker after it is closed', async () => {
  const { engine, error, spawned } = open();
  const opened = await engine;
  await opened.run([picture(255)]).catch(() => undefined);
  await opened.close();
  await delay(60);
  expect(spawned).toHaveLength(1);
  expect(error).toHaveBeenCalledTimes(1);
});

it('does not open if a worker cannot load its network', async () => {
  const { engine, spawned } = open([UNWILLING]);
  await expect(engine).rejects.toThrow(/^no memory$/);
  await expect(engine).rejects.toMatchObject({
    name: 'EngineUnavailableError' satisfies EngineUnavailableError['name'],
  });
  expect(spawned).toHaveLength(1);
});

it('does not replace workers if it cannot open', async () => {
  const shortLived = `
    require('node:worker_threads').parentPort.postMessage({ kind: 'ready', device: 'thread', maxBatch: 4 });
    setTimeout(() => process.exit(3), 10);
  `;
  const onRequest = `require('node:worker_threads').parentPort.once('message', () => { ${UNWILLING} })`;
  const { engine, spawned, error } = open([shortLived, onRequest], { workers: 2, replaceAfterMs: 1_000 });
  await vi.waitFor(() => {
    expect(error).toHaveBeenCalledTimes(1); // the first one has died
  }, 20_000);
  spawned[1]!.postMessage('now');
  await expect(engine).rejects.toThrow('no memory');
  await delay(1_200);
  expect(spawned).toHaveLength(2);
});
