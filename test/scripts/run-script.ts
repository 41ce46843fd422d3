/** Runs one of the repository's programs as its own process, compiled as it is for people. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../build-programs.ts';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the first match in what was printed; rejects when the program ends before. */
  sawMatch(pattern: RegExp): Promise<RegExpMatchArray>;
  saw(text: string): Promise<unknown>;
  readonly finished: Promise<Finished>;
}

/** @param script relative to the repository, for example `scripts/inventory.ts`. */
export function startScript(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [builtProgram(script), ...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
  const sawMatch = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const looker = (): void => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (!match && !ended) return;
        lookers.delete(looker);
        if (match) resolve(match);
        else reject(new Error(`It ended without saying ${String(pattern)}:\n${stdout}\n${stderr}`));
      };
      lookers.add(looker);
      looker();
    });

  return {
    pid: child.pid ?? -1,
    kill: (signal) => child.kill(signal),
    finished,
    sawMatch,
    saw: (text) => sawMatch(new RegExp(text)),
  };
}

export function runScript(...start: Parameters<typeof startScript>): Promise<Finished> {
  return startScript(...start).finished;
}
