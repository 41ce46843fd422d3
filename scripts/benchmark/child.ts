/** Runs one of our own programs as a child process and watches its output and memory. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** Everything written to standard output and standard error so far. */
  output(): string;
  /** Resolves with the match as soon as the output contains it; rejects when the child ends first. */
  saw(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Peak resident memory in MB (1,000,000 bytes); NaN where /proc does not exist. */
  peakMemory(): number;
}

const POLL_MS = 100;

/** @param module path of a compiled script relative to this folder, for example `../inventory.js`. */
export function startChild(
  module: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL(module, import.meta.url)), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let peak = NaN;
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);

  const poll = setInterval(() => {
    // VmHWM is the kernel's high-water mark, so polling misses only what happens after the last poll.
    readFile(`/proc/${String(child.pid)}/status`, 'utf8').then(
      (status) => {
        const kibibytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
        if (kibibytes !== undefined) peak = (Number(kibibytes) * 1024) / 1e6;
      },
      () => undefined,
    );
  }, POLL_MS);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      clearInterval(poll);
      resolve(code);
      for (const listener of [...listeners]) listener();
    });
  });

  return {
    process: child,
    output: () => output,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = output.match(pattern);
          if (!match && child.exitCode === null && child.signalCode === null) return;
          listeners.delete(check);
          if (match) resolve(match);
          else reject(new Error(`${module} ended before it printed ${String(pattern)}:\n${output}`));
        };
        listeners.add(check);
        check();
      }),
    ended,
    peakMemory: () => peak,
  };
}

/** The line in which npm run inventory summarises an import or a reindex. */
export function summaryLine(output: string): string {
  return output.split('\n').find((line) => /\d+ added, \d+ changed, \d+ removed/.test(line)) ?? '';
}
