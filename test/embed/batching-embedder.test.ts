import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBatchingEmbedder } from '../../src/embed/batching-embedder.ts';
import type { Engine } from '../../src/embed/engine.ts';
import { BusyError, ClosedError } from '../../src/util/errors.ts';
import { shippedModel } from '../shipped-model.ts';

/** An engine that answers when the test releases it; a picture is one byte, and its embedding is that number. */
function manualEngine(options: { parallelism?: number; maxBatch?: number } = {}) {
  const batches: { names: number[]; finish(): void; fail(error: Error): void }[] = [];
  let closed = 0;
  const engine: Engine = {
    name: 'manual',
    device: 'test',
    parallelism: options.parallelism ?? 1,
    maxBatch: options.maxBatch ?? 1,
    run: (batch) =>
      new Promise((resolve, reject) => {
        const names = batch.map((pixels) => pixels[0]!);
        batches.push({
          names,
          finish: () => {
            resolve(names.map((name) => ({ embedding: Float32Array.of(name) })));
          },
          fail: reject,
        });
      }),
    isAlive: () => closed === 0,
    close: () => {
      closed++;
      return Promise.resolve();
    },
  };
  return { engine, batches, closed: () => closed };
}

const picture = (name: number): Uint8Array => Uint8Array.of(name);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const interactive = { priority: 'interactive' } as const;
const bulk = { priority: 'bulk' } as const;

describe('the batching embedder', () => {
  it('starts at once when the engine is free and returns each photo its own embedding', async () => {
    const { engine, batches } = manualEngine({ parallelism: 2 });
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const answers = [embedder.embed(picture(7), interactive), embedder.embed(picture(8), interactive)];
    expect(batches.map(({ names }) => names)).toEqual([[7], [8]]);
    batches[1]!.finish();
    batches[0]!.finish();
    expect(await Promise.all(answers)).toEqual([Float32Array.of(7), Float32Array.of(8)]);
  });

  it('puts photos of users before imports, and waiting photos into one batch', async () => {
    const { engine, batches } = manualEngine({ maxBatch: 2 });
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const answers = [1, 2, 3].map((name) => embedder.embed(picture(name), bulk));
    answers.push(...[11, 12, 13].map((name) => embedder.embed(picture(name), interactive)));
    for (let n = 0; n < 4; n++) {
      batches[n]!.finish();
      await settle();
    }
    await Promise.all(answers);
    expect(batches.map(({ names }) => names)).toEqual([[1], [11, 12], [13], [2, 3]]);
  });

  it('spreads waiting photos over the workers instead of filling one', async () => {
    const { engine, batches } = manualEngine({ parallelism: 2, maxBatch: 4 });
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const answers = [1, 2, 3, 4, 5, 6].map((name) => embedder.embed(picture(name), bulk));
    for (let n = 0; n < 5; n++) {
      batches[n]!.finish();
      await settle();
    }
    await Promise.all(answers);
    expect(batches.map(({ names }) => names)).toEqual([[1], [2], [3, 4], [5], [6]]);
  });

  it('refuses a photo only when the queue of its priority is full, with a time to wait', async () => {
    const { engine, batches } = manualEngine();
    const embedder = createBatchingEmbedder({
      engine,
      skipped: [],
      model: shippedModel,
      capacity: { interactive: 1, bulk: 1 },
    });
    const answers = [1, 2].map((name) => embedder.embed(picture(name), interactive));
    const refused = await embedder.embed(picture(3), interactive).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BusyError);
    expect((refused as BusyError).retryAfterSeconds).toBeGreaterThanOrEqual(1);
    answers.push(embedder.embed(picture(4), bulk));
    expect(embedder.status().waiting).toEqual({ interactive: 1, bulk: 1 });
    for (let n = 0; n < 3; n++) {
      batches[n]!.finish();
      await settle();
    }
    expect(await Promise.all(answers)).toHaveLength(3);
  });

  it('removes an aborted photo from the queue and never runs it', async () => {
    const { engine, batches } = manualEngine();
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const leaving = new AbortController();
    const first = embedder.embed(picture(1), interactive);
    const left = embedder.embed(picture(2), { ...interactive, signal: leaving.signal });
    const last = embedder.embed(picture(3), interactive);
    leaving.abort(new Error('the person left'));
    await expect(left).rejects.toThrow('the person left');
    batches[0]!.finish();
    await settle();
    batches[1]!.finish();
    await Promise.all([first, last]);
    expect(batches.map(({ names }) => names)).toEqual([[1], [3]]);
    await expect(embedder.embed(picture(4), { ...interactive, signal: leaving.signal })).rejects.toThrow(
      'the person left',
    );
  });

  it('fails only the photos of a failed batch, and continues', async () => {
    const { engine, batches } = manualEngine();
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const failing = embedder.embed(picture(1), interactive);
    const fine = embedder.embed(picture(2), interactive);
    batches[0]!.fail(new Error('out of memory'));
    await expect(failing).rejects.toThrow('out of memory');
    await settle();
    batches[1]!.finish();
    expect(await fine).toEqual(Float32Array.of(2));
  });

  it('finishes accepted photos before it closes the engine once, and refuses later photos', async () => {
    const { engine, batches, closed } = manualEngine();
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel });
    const answers = [1, 2].map((name) => embedder.embed(picture(name), bulk));
    const closing = Promise.all([embedder.close(), embedder.close()]);
    await expect(embedder.embed(picture(3), interactive)).rejects.toThrow(ClosedError);
    batches[0]!.finish();
    await settle();
    expect(closed()).toBe(0);
    batches[1]!.finish();
    expect(await Promise.all(answers)).toHaveLength(2);
    await closing;
    expect(closed()).toBe(1);
  });

  it('leaves users a worker when serving, and while they are active embeds single bulk photos with pauses', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { engine, batches } = manualEngine({ parallelism: 2, maxBatch: 4 });
    const embedder = createBatchingEmbedder({ engine, skipped: [], model: shippedModel, serving: true });
    const answers = Array.from({ length: 12 }, (_, name) => embedder.embed(picture(name), bulk));
    expect(batches.map(({ names }) => names)).toEqual([[0]]);
    const person = embedder.embed(picture(99), interactive);
    expect(batches.map(({ names }) => names)).toEqual([[0], [99]]);
    batches[1]!.finish();
    await person;
    await settle();
    expect(batches).toHaveLength(2); // one worker stays free for the next user
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(10); // a batch of 10 ms, so the pause is 30 ms
      batches.at(-1 - (n === 0 ? 1 : 0))!.finish();
      await settle();
      await vi.advanceTimersByTimeAsync(29);
      expect(batches).toHaveLength(2 + n);
      await vi.advanceTimersByTimeAsync(1);
      expect(batches.at(-1)!.names).toEqual([n + 1]);
    }
    // Closing finishes accepted photos without pauses.
    const closed = embedder.close();
    for (let n = 4; n < 12; n++) {
      batches.at(-1)!.finish();
      await settle();
      for (const batch of batches) batch.finish();
      await settle();
    }
    await closed;
    expect(await Promise.all(answers)).toHaveLength(12);
  });
});
