import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { copyDemoDataFolder } from '../demo-data-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Everywhere else tests start compiled workers (spawn-built-worker.ts).
it('starts a worker from TypeScript, as `npm run dev` does', async () => {
  const [photo = ''] = await readdir(`${root}assets/demo-inventory/images`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'scripts/find.ts', `assets/demo-inventory/images/${photo}`],
    { cwd: root, env: { ...process.env, DATA_DIR: await copyDemoDataFolder() } },
  );
  expect(stdout).toContain(`  1. 1.000  nearly identical  ${photo.replace('.jpg', '')}`);
});
