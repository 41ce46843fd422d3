import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { npyHeader } from '../../scripts/npy-header.ts';
import { cosine } from '../../scripts/statistics.ts';
import { assetsFolder, shippedModel } from '../shipped-model.ts';
import { runScript } from './run-script.ts';

const { dimension } = shippedModel.manifest;

describe('npyHeader', () => {
  it('writes version 1.0, padded so that the values begin at a multiple of 64', () => {
    const header = Buffer.from(npyHeader([3, 256]));
    expect(header.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    expect(header.length % 64).toBe(0);
    expect(header.readUInt16LE(8)).toBe(header.length - 10);
    expect(header.subarray(10).toString()).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 256\), \} *\n$/,
    );
    expect(Buffer.from(npyHeader([7])).toString('latin1')).toContain("'shape': (7,), }");
  });
});

describe('npm run embed', () => {
  it('writes one row per line of the list, NaN for photos that cannot be read, and names those photos', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embed-'));
    const original = join(assetsFolder, 'demo-inventory', 'images', '10007.jpg');
    const as = async (name: string, bytes: Promise<Buffer> | Buffer): Promise<string> => {
      await writeFile(join(folder, name), await bytes);
      return join(folder, name);
    };
    const photos = [
      original,
      await as('copy.png', sharp(original).png().toBuffer()),
      join(folder, 'missing.jpg'),
      await as('large.webp', sharp(original).resize(1800, 2400, { fit: 'fill' }).webp().toBuffer()),
      await as('text.jpg', Buffer.from('no photo')),
      await as(
        'turned.jpg',
        sharp(original).rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 100 }).toBuffer(),
      ),
      await as(
        'white.gif',
        sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
          .gif()
          .toBuffer(),
      ),
    ];
    const [list, out] = [
      await as('list.txt', Buffer.from(`${photos.join('\r\n')}\r\n`)),
      join(folder, 'vectors.npy'),
    ];
    const { code, stderr, stdout } = await runScript('scripts/embed.ts', ['--list', list, '--out', out]);
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((line) => line.startsWith('/'))).toHaveLength(2);
    expect(stderr).toMatch(/missing\.jpg: .+\n[^]*text\.jpg: .+/);
    expect(stdout).toContain(`7 rows of ${dimension} numbers; 2 rows are NaN`);

    const file = await readFile(out);
    const start = 10 + file.readUInt16LE(8);
    expect(file.length).toBe(start + 7 * dimension * 4);
    const row = (n: number): Float32Array =>
      Float32Array.from({ length: dimension }, (_, i) => file.readFloatLE(start + (n * dimension + i) * 4));
    for (const n of [0, 1, 3, 5, 6]) expect(Math.hypot(...row(n))).toBeCloseTo(1, 4);
    for (const n of [2, 4]) expect(row(n).every(Number.isNaN)).toBe(true);
    expect(cosine(row(0), row(1))).toBeGreaterThan(0.9999);
    expect(cosine(row(0), row(3))).toBeGreaterThan(0.95);
    expect(cosine(row(0), row(5))).toBeGreaterThan(0.99);
    expect(cosine(row(0), row(6))).toBeLessThan(0.9);
  });

  it('prints its usage', async () => {
    const { code, stderr } = await runScript('scripts/embed.ts', ['--list', 'x']);
    expect(code).toBe(1);
    expect(stderr).toContain('Usage: npm run embed -- --list FILE --out VECTORS.npy');
    const missing = await runScript('scripts/embed.ts', ['--list', '/no/list', '--out', '/tmp/x.npy']);
    expect(missing.stderr).toContain('Cannot read the list /no/list');
  });
});
