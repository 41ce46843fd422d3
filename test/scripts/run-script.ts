/** Runs one of the repository's programs from its source, as its own process. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once standard output or standard error holds the text; rejects when the program ends before. */
  saw(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

/** @param script relative to the repository, for example `scripts/inventory.ts`. */
export function startScript(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL(`../../${script}`, import.meta.url)), ...args],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [stdout, stderr] = ['', ''];
  const lookers = new Set<() => void>();
  const look = (): void => {
    for (const looker of [...lookers]) looker();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    look();
  });
  let ended = false;
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true;
      look();
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? -1,
    kill: (signal) => child.kill(signal),
    finished,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const looker = (): void => {
          const found = stdout.includes(text) || stderr.includes(text);
          if (!found && !ended) return;
          lookers.delete(looker);
          if (found) resolve();
          else reject(new Error(`It ended without saying "${text}":\n${stdout}\n${stderr}`));
        };
        lookers.add(looker);
        looker();
      }),
  };
}

export function runScript(...start: Parameters<typeof startScript>): Promise<Finished> {
  return startScript(...start).finished;
}
