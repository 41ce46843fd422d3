import { describe, expect, it } from 'vitest';
import { BusyError } from '../../src/util/errors.ts';
import { createPrioritySemaphore, type PrioritySemaphore } from '../../src/photo/priority-semaphore.ts';
import type { Priority } from '../../src/embed/embedder.ts';

const ROOMY = { interactive: 10, bulk: 10 };

/** Tasks that end when the test says so, and a list of the tasks that began. */
function createTasks(slots: PrioritySemaphore) {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    begun,
    start: (name: string, priority: Priority, signal?: AbortSignal) =>
      slots.run(
        () =>
          new Promise<string>((resolve, reject) => {
            begun.push(name);
            ends.set(name, (error) => {
              if (error) reject(error);
              else resolve(name);
            });
          }),
        { priority, signal },
      ),
    async end(name: string, error?: Error): Promise<void> {
      ends.get(name)?.(error);
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the priority semaphore', () => {
  it('starts waiting interactive tasks before waiting bulk tasks', async () => {
    const tasks = createTasks(createPrioritySemaphore(1, ROOMY));
    const all = [
      tasks.start('import 1', 'bulk'),
      tasks.start('import 2', 'bulk'),
      tasks.start('person 1', 'interactive'),
      tasks.start('person 2', 'interactive'),
    ];
    await settled();
    for (const name of ['import 1', 'person 1', 'person 2', 'import 2']) await tasks.end(name);
    await Promise.all(all);
    expect(tasks.begun).toEqual(['import 1', 'person 1', 'person 2', 'import 2']);
  });

  it('keeps one slot free of bulk tasks', async () => {
    const tasks = createTasks(createPrioritySemaphore(3, ROOMY));
    const imports = [1, 2, 3, 4].map((n) => tasks.start(`import ${n}`, 'bulk'));
    await settled();
    expect(tasks.begun).toEqual(['import 1', 'import 2']);
    const person = tasks.start('person', 'interactive');
    await settled();
    expect(tasks.begun).toEqual(['import 1', 'import 2', 'person']);
    for (const name of ['person', 'import 1', 'import 2', 'import 3', 'import 4']) await tasks.end(name);
    await Promise.all([person, ...imports]);
  });

  it('gives interactive tasks every slot', async () => {
    const tasks = createTasks(createPrioritySemaphore(2, ROOMY));
    const people = [1, 2, 3].map((n) => tasks.start(`person ${n}`, 'interactive'));
    await settled();
    expect(tasks.begun).toEqual(['person 1', 'person 2']);
    for (const n of [1, 2, 3]) await tasks.end(`person ${n}`);
    await Promise.all(people);
  });

  it('frees the slot of a task that failed', async () => {
    const tasks = createTasks(createPrioritySemaphore(1, ROOMY));
    const failing = tasks.start('failing', 'interactive');
    const next = tasks.start('next', 'interactive');
    await settled();
    await Promise.all([expect(failing).rejects.toThrow('broken'), tasks.end('failing', new Error('broken'))]);
    await tasks.end('next');
    await expect(next).resolves.toBe('next');
  });

  it('removes a waiting task when its signal aborts, and does not interrupt a running one', async () => {
    const tasks = createTasks(createPrioritySemaphore(1, ROOMY));
    const leaving = new AbortController();
    const running = tasks.start('running', 'interactive', leaving.signal);
    const waiting = tasks.start('waiting', 'interactive', leaving.signal);
    const behind = tasks.start('behind', 'interactive');
    await settled();
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await tasks.end('running');
    await expect(running).resolves.toBe('running');
    await tasks.end('behind');
    await expect(behind).resolves.toBe('behind');
    expect(tasks.begun).toEqual(['running', 'behind']);
  });

  it('refuses a task whose signal has already aborted', async () => {
    const tasks = createTasks(createPrioritySemaphore(1, ROOMY));
    await expect(tasks.start('late', 'bulk', AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(tasks.begun).toEqual([]);
  });

  it('refuses more tasks than may wait, separately for each priority', async () => {
    const tasks = createTasks(createPrioritySemaphore(1, { interactive: 1, bulk: 1 }));
    const accepted = [
      tasks.start('running', 'interactive'),
      tasks.start('person', 'interactive'),
      tasks.start('import', 'bulk'),
    ];
    await expect(tasks.start('one more', 'interactive')).rejects.toThrow(BusyError);
    await expect(tasks.start('one more', 'bulk')).rejects.toThrow(BusyError);
    for (const name of ['running', 'person', 'import']) await tasks.end(name);
    await Promise.all(accepted);
    const afterwards = tasks.start('afterwards', 'bulk');
    await settled();
    await tasks.end('afterwards');
    await expect(afterwards).resolves.toBe('afterwards');
  });
});
