import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { checkPlatform } from '../../scripts/setup-tensorflow/check-platform.ts';
import { fetchWheel } from '../../scripts/setup-tensorflow/fetch-wheel.ts';
import { CPU_WHEELS, GPU_WHEELS } from '../../scripts/setup-tensorflow/wheels.ts';
import { OperatorError } from '../../src/util/errors.ts';
import { runScript } from './run-script.ts';

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'setup-tensorflow-'));

/** A wheel as pip downloads it, with a library and a file that is not needed. */
async function downloaded(): Promise<{ folder: string; file: string; sha256: string }> {
  const folder = await temporary();
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('the library'), 'tensorflow/libtensorflow_cc.so.2');
  zip.addBuffer(Buffer.from('a program'), 'tensorflow/python/main.py');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  await mkdir(join(folder, 'downloads'));
  const file = join(folder, 'downloads', 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
  await writeFile(file, bytes);
  return { folder, file, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const wheel = (sha256: string) => ({ ...CPU_WHEELS[0]!, sha256 });

describe('npm run setup:tensorflow', () => {
  it('extracts the needed files of a wheel with the right digest, and does not extract them twice', async () => {
    const { folder, file, sha256 } = await downloaded();
    expect(await fetchWheel(folder, wheel(sha256))).toBe('fetched');
    expect(await readFile(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'), 'utf8')).toBe('the library');
    expect(existsSync(join(folder, 'tensorflow', 'python'))).toBe(false);
    expect(existsSync(file)).toBe(false);
    expect(await fetchWheel(folder, wheel(sha256))).toBe('there');
  });

  it('refuses and removes a wheel with another digest, naming both digests', async () => {
    const { folder, file, sha256 } = await downloaded();
    const pinned = 'f'.repeat(64);
    const fetching = fetchWheel(folder, wheel(pinned));
    await expect(fetching).rejects.toThrow(OperatorError);
    await expect(fetching).rejects.toThrow(new RegExp(`expected SHA-256 ${pinned}, got ${sha256}`));
    expect(existsSync(file)).toBe(false);
    expect(existsSync(join(folder, 'tensorflow'))).toBe(false);
  });

  it('pins every wheel by name, exact version and digest', () => {
    const wheels = [...CPU_WHEELS, ...GPU_WHEELS];
    expect(wheels).toHaveLength(14);
    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(14);
    for (const { sha256 } of wheels) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the alternative where there is no wheel', () => {
    expect(() => {
      checkPlatform({ platform: 'linux-x64', glibc: '2.36' });
    }).not.toThrow();
    for (const machine of [
      { platform: 'darwin-arm64', glibc: undefined },
      { platform: 'linux-x64', glibc: undefined },
      { platform: 'linux-x64', glibc: '2.17' },
    ]) {
      expect(() => {
        checkPlatform(machine);
      }).toThrow(/ENGINE=onnx/);
    }
  });

  it('removes only an installation that it has made', async () => {
    const foreign = await temporary();
    await writeFile(join(foreign, 'package.json'), '{"name":"somebody-elses"}');
    const script = 'scripts/setup-tensorflow.ts';
    const refused = await runScript(script, ['--remove'], { TENSORFLOW_DIR: foreign });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('was not made by npm run setup:tensorflow');
    expect(existsSync(foreign)).toBe(true);
    const own = await temporary();
    await writeFile(join(own, 'package.json'), '{"name": "fashion-recommender-tensorflow"}');
    expect(await runScript(script, ['--remove'], { TENSORFLOW_DIR: own })).toMatchObject({ code: 0 });
    expect(existsSync(own)).toBe(false);
  });
});
