/** Starts real database servers for tests, each on a free loopback port and in a temporary folder of its own. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';

export interface TestServer {
  readonly url: string;
  /** Makes the server hang: it keeps its connections but does not answer. */
  pause(): void;
  resume(): void;
  /** Kills the server as a crash would; `start` starts it again on the same port with the same data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Undefined when the program is not installed. */
export const redisProgram = findProgram('redis-server', ['/usr/bin', '/usr/local/bin']);
export const postgresFolder = findPostgres();

export const TEST_PASSWORD = 'a/secret?word';

export async function startRedis(): Promise<TestServer> {
  const program = redisProgram ?? missing('redis-server');
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  return startServer({
    url: `redis://:${encodeURIComponent(TEST_PASSWORD)}@127.0.0.1:${port}`,
    port,
    folder,
    launch: () =>
      spawn(
        program,
        [
          '--port',
          String(port),
          '--bind',
          '127.0.0.1',
          '--dir',
          folder,
          '--save',
          '',
          '--appendonly',
          'yes',
        ].concat('--requirepass', TEST_PASSWORD),
        { stdio: 'ignore' },
      ),
  });
}

export async function startPostgres(): Promise<TestServer> {
  const programs = postgresFolder ?? missing('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const port = await freePort();
  // PostgreSQL refuses to run as root; 65534 is nobody.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (user.uid) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...user,
      stdio: 'ignore',
    },
  );
  return startServer({
    url: `postgres://tester:${encodeURIComponent(TEST_PASSWORD)}@127.0.0.1:${port}/postgres`,
    port,
    folder,
    launch: () =>
      spawn(
        join(programs, 'postgres'),
        ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'],
        {
          ...user,
          stdio: 'ignore',
        },
      ),
  });
}

// --- Internal helpers ---

interface Launch {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly launch: () => ChildProcess;
}

async function startServer({ url, port, folder, launch }: Launch): Promise<TestServer> {
  let child: ChildProcess;
  async function start(): Promise<void> {
    child = launch();
    await untilListening(port, child);
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    const children = childrenOf(child);
    child.kill('SIGKILL');
    await gone;
    for (const pid of children) killIfRunning(pid);
  }
  await start();
  return {
    url,
    start,
    kill,
    pause() {
      for (const pid of [...childrenOf(child), child.pid ?? 0]) process.kill(pid, 'SIGSTOP');
    },
    resume() {
      for (const pid of [...childrenOf(child), child.pid ?? 0]) process.kill(pid, 'SIGCONT');
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended together with its parent.
  }
}

/** PostgreSQL runs a process for each connection. */
function childrenOf(child: ChildProcess): number[] {
  try {
    const text = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
    return text.trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => {
        done(false);
      });
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`The test server on port ${port} ended with exit code ${child.exitCode}.`);
}

function findProgram(name: string, more: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
    : [];
  const folders = [...versions, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

function missing(program: string): never {
  throw new Error(`${program} is not installed.`);
}
