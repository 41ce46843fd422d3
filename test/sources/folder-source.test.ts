import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { openSource } from '../../src/sources/open-source.ts';
import { PHOTO_LIMITS } from '../../src/photo/photo-limits.ts';
import { hasShared, sharedPath } from '../shared-data.ts';
import { type Files, folderOf, freshPath, readAll, readPictures, zipOf } from './fixtures.ts';

const FILES: Files = {
  'dress/summer_dress-02.JPG': 'one',
  'dress/deep/down/007.png': 'two',
  'images/blue.webp': 'three',
  'top.gif': 'four',
  'Überwurf ä.avif': 'five',
  'notes.txt': 'no picture',
  '.hidden.jpg': 'litter',
  '__MACOSX/dress/._summer_dress-02.jpg': 'litter',
  'dress/.DS_Store': 'litter',
};

describe.each([
  { kind: 'folder', make: (files: Files) => Promise.resolve(folderOf(files)) },
  { kind: 'zip', make: (files: Files) => zipOf(files) },
  { kind: 'stored zip', make: (files: Files) => zipOf(files, 'stuff.zip', { compress: false }) },
])('a $kind of pictures', ({ kind, make }) => {
  it('gives every picture an id, a title and a type, and can read it', async () => {
    const source = await openSource(await make(FILES));
    expect(source.name).toBe('stuff');
    expect(source.description).toBe(`pictures, ${kind === 'folder' ? 'folder' : 'zip'}`);
    expect(source.count).toBe(5);
    const read = await readAll(source);
    expect(read.rejected).toEqual([]);
    expect(read.items.map(({ item, where }) => ({ where, ...item }))).toEqual([
      {
        where: 'dress/deep/down/007.png',
        id: 'dress/deep/down/007',
        title: 'Item 007',
        labels: { type: 'dress' },
      },
      {
        where: 'dress/summer_dress-02.JPG',
        id: 'dress/summer_dress-02',
        title: 'Summer dress 02',
        labels: { type: 'dress' },
      },
      { where: 'images/blue.webp', id: 'images/blue', title: 'Blue', labels: {} },
      { where: 'top.gif', id: 'top', title: 'Top', labels: {} },
      { where: 'Überwurf ä.avif', id: 'Überwurf ä', title: 'Überwurf ä', labels: {} },
    ]);
    expect(await readPictures(read)).toEqual({
      'dress/deep/down/007': 'two',
      'dress/summer_dress-02': 'one',
      'images/blue': 'three',
      top: 'four',
      'Überwurf ä': 'five',
    });
    await source.close();
    await source.close();
  });

  it('distinguishes files that differ only in their extension', async () => {
    const source = await openSource(
      await make({ 'a.jpg': '1', 'a.png': '2', 'b.jpg': '3', 'a.jpg.webp': '4' }),
    );
    const read = await readAll(source);
    expect(await readPictures(read)).toEqual({ 'a.jpg': '1', 'a.jpg.webp': '4', 'a.png': '2', b: '3' });
    expect(read.rejected).toEqual([]);
    await source.close();
  });

  it('rejects a file whose id is already used, and names both files', async () => {
    const composed = 'é.jpg';
    const decomposed = 'é.jpg'.normalize('NFD');
    const long = `${'x'.repeat(100)}/${'y'.repeat(101)}.jpg`;
    const source = await openSource(await make({ [composed]: '1', [decomposed]: '2', [long]: '3' }));
    expect(source.count).toBe(3);
    const { ids, reasons } = await readAll(source);
    expect(ids).toEqual(['é']);
    expect(reasons[long]).toMatch(/longer than 200/);
    expect(Object.values(reasons).find((reason) => reason.includes('already used by'))).toContain(decomposed);
    await source.close();
  });

  it('does not read a picture that is too large, and names it', async () => {
    const path = await make({ 'big.jpg': Buffer.alloc(PHOTO_LIMITS.bytes + 1), 'small.jpg': 'fine' });
    const source = await openSource(path);
    expect(await readPictures(await readAll(source))).toEqual({
      big: 'error: the picture big.jpg cannot be read: it has 12.0 MB, and at most 12.0 MB are read',
      small: 'fine',
    });
    await source.close();
  });

  it.each([{}, { 'notes.txt': 'text' }])('refuses one without pictures: %o', async (files) => {
    const opening = openSource(await make(files));
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(/no pictures in .*Expected files that end in \.jpg/);
  });
});

describe('the content of a file', () => {
  const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]);
  const heic = Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0mif1heic', 'latin1');
  const FILES: Files = {
    'Dresses/a.jpg': JPEG,
    'Dresses/b.jfif': JPEG,
    'Dresses/c.jpe': JPEG,
    'Dresses/d.jpg_large': JPEG,
    'Dresses/e.HEIC': heic,
    'Dresses/f': JPEG,
    'Dresses/g.tif': Buffer.from('II*\0\u0008\0\0\0', 'latin1'),
    'Dresses/h.jxl': Buffer.from([0xff, 0x0a, 0, 0]),
    'Dresses/i.heic': JPEG,
    'Dresses/j.tiff': 'text',
    'Dresses/notes.txt': 'text',
    'Dresses/empty': '',
  };

  it.each([
    { kind: 'folder', make: (files: Files) => Promise.resolve(folderOf(files)) },
    { kind: 'zip', make: (files: Files) => zipOf({ ...files, 'Shirts/z.png': 'x' }) },
  ])(
    'decides in a $kind what is a picture, and pictures that cannot be read are listed',
    async ({ make }) => {
      const source = await openSource(await make(FILES));
      const { ids, items, reasons, rejected } = await readAll(source);
      expect(source.count).toBe(items.length + rejected.length);
      expect(ids.filter((id) => id.startsWith('Dresses'))).toEqual(
        ['a', 'b', 'c', 'd', 'f', 'i'].map((name) => `Dresses/${name}`),
      );
      expect(items[0]?.item.labels).toEqual({ type: 'Dresses' });
      expect(reasons).toEqual({
        'Dresses/e.HEIC': expect.stringMatching(
          /HEIC picture, which cannot be read; export it as JPEG/,
        ) as string,
        'Dresses/g.tif': expect.stringMatching(/save it as JPEG/) as string,
        'Dresses/h.jxl': expect.stringMatching(
          /JXL picture, which cannot be read; save it as JPEG/,
        ) as string,
        'Dresses/j.tiff': expect.stringMatching(/name of a picture, but its content is none/) as string,
      });
      await source.close();
    },
  );

  it('is named when nothing else is there', async () => {
    await expect(openSource(folderOf({ 'e.heic': heic }))).rejects.toThrow(
      /no pictures in .*e\.heic cannot be read: .*HEIC/,
    );
  });
});

describe('a folder of pictures', () => {
  it('follows links to files, but not to folders', async () => {
    const folder = folderOf({ 'real/a.jpg': 'a' });
    symlinkSync(join(folder, 'real', 'a.jpg'), join(folder, 'link.jpg'));
    symlinkSync(folder, join(folder, 'circle'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.jpg'));
    expect(await readPictures(await readAll(await openSource(folder)))).toEqual({
      'real/a': 'a',
      link: 'a',
      dangling:
        'error: the picture dangling.jpg cannot be read: it cannot be opened (no such file or folder)',
    });
  });

  it('does not hang on a pipe with the name of a picture', async () => {
    const folder = folderOf({ 'a.jpg': 'a' });
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
    expect((await readAll(await openSource(folder))).ids).toEqual(['a']);
  });

  it('keeps the dots in the name of a folder', async () => {
    expect((await openSource(folderOf({ 'a.jpg': 'a' }, 'spring.2024'))).name).toBe('spring.2024');
  });
});

describe('a table among pictures', () => {
  const table = 'id,title,picture\nz4,Shirt,4.jpg\nz5,Dress,sub/5.jpg\n';
  const pictures = { '4.jpg': 'four', 'sub/5.jpg': 'five' };
  it.each<[string, Files]>([
    ['at the top', { ...pictures, 'items.csv': table }],
    ['in the only folder', { 'Shop/4.jpg': 'four', 'Shop/sub/5.jpg': 'five', 'Shop/items.csv': table }],
    ['under another name', { ...pictures, 'catalog-2026.csv': table, 'readme.txt': 'image of a shop' }],
    [
      'as JSON lines',
      { ...pictures, 'items.jsonl': '{"id":"z4","picture":"4.jpg"}\n{"id":"z5","picture":"sub/5.jpg"}\n' },
    ],
  ])('of a zip file is read: %s', async (_, files) => {
    const source = await openSource(await zipOf(files));
    const read = await readAll(source);
    expect(read.rejected).toEqual([]);
    expect(await readPictures(read)).toEqual({ z4: 'four', z5: 'five' });
    await source.close();
    expect((await readPictures(read)).z4).toMatch(/closed/);
  });

  it('of a folder is read too', async () => {
    const source = await openSource(folderOf({ ...pictures, 'catalog.csv': table }));
    expect(await readPictures(await readAll(source))).toEqual({ z4: 'four', z5: 'five' });
    await source.close();
  });

  it('names nothing outside of its zip file', async () => {
    const files = {
      'items.csv': 'id,picture\na,../../etc/passwd\nb,/etc/passwd\nc,4.jpg\n',
      '4.jpg': 'four',
    };
    const source = await openSource(await zipOf(files));
    const { ids, reasons } = await readAll(source);
    expect(ids).toEqual(['c']);
    expect(Object.values(reasons)).toEqual([
      'there is no picture ../../etc/passwd',
      expect.stringMatching(/^there is no picture \/etc\/passwd/),
    ]);
    await source.close();
  });

  it('is refused when there are several', async () => {
    const opening = openSource(folderOf({ ...pictures, 'a.csv': table, 'b.csv': table }));
    await expect(opening).rejects.toThrow(/several tables with pictures: a\.csv, b\.csv/);
  });
});

describe('the folder in which a zip file holds everything', () => {
  it('is no label', async () => {
    const source = await openSource(
      await zipOf({
        'Shop/Dresses/a.jpg': 'a',
        '__MACOSX/Shop/Dresses/._a.jpg': 'x',
        'Shop/Shirts/b.jpg': 'b',
        'Shop/.DS_Store': 'x',
      }),
    );
    const { items } = await readAll(source);
    expect(items.map(({ item }) => item.labels.type)).toEqual(['Dresses', 'Shirts']);
    await source.close();
  });
});

describe('the names in a zip file', () => {
  it.each([
    ['GBK', 'gbk', '连衣裙/红色.jpg'],
    ['Shift-JIS', 'shift_jis', 'ワンピース/赤い服.jpg'],
    ['Shift-JIS, kanji only', 'shift_jis', '夏服/表紙.jpg'],
    ['CP437', 'cp437', 'Röcke/Größe ä.jpg'],
    ['CP437, French', 'cp437', 'Vêtements/été.jpg'],
    ['Windows-1252', 'windows-1252', 'Mäntel/Überwurf.jpg'],
    ['UTF-8 without its flag', 'utf8', 'Röcke/服.jpg'],
  ])('are shown right in %s', async (_, charset, name) => {
    const source = await openSource(await zipWithName(iconv.encode(name, charset)));
    const { items } = await readAll(source);
    const [found] = items.filter(({ where }) => where !== 'top.jpg');
    expect([found?.where, found?.item.labels.type]).toEqual([name, name.split('/')[0]]);
    await source.close();
  });

  it('are not shown at all where nobody can tell their character set', async () => {
    const source = await openSource(
      await zipWithName(Buffer.concat([Buffer.from([0xff, 0xff, 0xb0]), Buffer.from('/x.jpg')])),
    );
    const { items } = await readAll(source);
    const [found] = items.filter(({ where }) => where !== 'top.jpg');
    expect(found?.item).toEqual({ id: 'unnamed-ffffb0/x', title: 'X', labels: {} });
    await source.close();
  });
});

describe('a zip of pictures', () => {
  it('treats a path that leads out of the zip file as a mere name', async () => {
    const zip = await openSource(patched(await zipOf({ 'xx/evil.jpg': 'harmless' }), 'xx/evil', '../evil'));
    expect(await readPictures(await readAll(zip))).toEqual({ '../evil': 'harmless' });
    await zip.close();
  });

  it('reads no more of an entry than its header announces', async () => {
    const file = await zipOf({ 'bomb.jpg': Buffer.alloc(100_000), 'fine.jpg': 'fine' });
    const bytes = readFileSync(file);
    // The uncompressed size, at offset 24 of the entry in the central directory.
    bytes.writeUInt32LE(50, bytes.indexOf('PK\u0001\u0002') + 24);
    writeFileSync(file, bytes);
    const zip = await openSource(file);
    const pictures = await readPictures(await readAll(zip));
    expect(pictures).toMatchObject({ fine: 'fine' });
    expect(pictures.bomb).toMatch(/cannot be read: .*too many bytes/);
    await zip.close();
  });

  it('reports a damaged or encrypted entry, and reads the others', async () => {
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * n * 31) % 251));
    const file = await zipOf({ 'damaged.jpg': noise, 'encrypted.jpg': 'secret', 'fine.jpg': 'fine' });
    const bytes = readFileSync(file);
    bytes.fill(0xff, 60, 200);
    const second = bytes.indexOf('PK\u0001\u0002', bytes.indexOf('PK\u0001\u0002') + 4);
    bytes.writeUInt16LE(bytes.readUInt16LE(second + 8) | 1, second + 8);
    writeFileSync(file, bytes);
    const zip = await openSource(file);
    const pictures = await readPictures(await readAll(zip));
    expect(pictures.damaged).toMatch(
      /the picture damaged\.jpg cannot be read: its data in the zip file is damaged/,
    );
    expect(pictures.encrypted).toMatch(/it is encrypted/);
    expect(pictures.fine).toBe('fine');
    await zip.close();
  });

  it('reads nothing after it has been closed', async () => {
    const zip = await openSource(await zipOf({ 'a.jpg': 'a' }));
    const read = await readAll(zip);
    await zip.close();
    expect((await readPictures(read)).a).toMatch(/closed/);
  });

  it.each([
    { what: 'something else', bytes: Buffer.from('this is no zip file') },
    { what: 'nothing', bytes: Buffer.alloc(0) },
  ])('refuses $what that is called .zip', async ({ bytes }) => {
    const file = freshPath('fake.zip');
    writeFileSync(file, bytes);
    await expect(openSource(file)).rejects.toThrow(
      /cannot be used: .*Expected a complete, unencrypted zip file/,
    );
  });

  it('refuses a truncated file, and one whose list of entries is damaged', async () => {
    const whole = readFileSync(await zipOf({ 'a.jpg': 'a'.repeat(1000), 'b.jpg': 'b'.repeat(1000) }));
    const cut = freshPath('cut.zip');
    writeFileSync(cut, whole.subarray(0, -30));
    await expect(openSource(cut)).rejects.toThrow(OperatorError);
    const damaged = freshPath('damaged.zip');
    whole.fill(0, whole.lastIndexOf('PK\u0001\u0002'), whole.lastIndexOf('PK\u0001\u0002') + 4);
    writeFileSync(damaged, whole);
    await expect(openSource(damaged)).rejects.toThrow(/cannot be used: .*signature/);
  });
});

describe.skipIf(!hasShared)('real photos (needs ../shared, which is absent)', () => {
  it('labels the validation photos by their folders', async () => {
    const { items, rejected } = await readAll(await openSource(sharedPath('photos-validation')));
    expect(items).toHaveLength(341);
    expect(rejected).toEqual([]);
    expect(new Set(items.map(({ item }) => item.labels.type))).toEqual(
      new Set([
        'dress',
        'hat',
        'longsleeve',
        'outwear',
        'pants',
        'shirt',
        'shoes',
        'shorts',
        'skirt',
        't-shirt',
      ]),
    );
  });
});

describe('openSource', () => {
  it('says what it expected when nothing is there', async () => {
    const opening = openSource(freshPath('nothing'));
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(/there is nothing there\. Expected a folder or \.zip of pictures/);
  });

  it.each([
    { file: 'items.xlsx', what: /it is a \.xlsx file\. Expected/ },
    { file: 'README', what: /it is a file without an extension\. Expected/ },
  ])('says what it expects instead of $file', async ({ file, what }) => {
    await expect(openSource(join(folderOf({ [file]: 'x' }), file))).rejects.toThrow(what);
  });

  it('accepts another name, and refuses an invalid one', async () => {
    const folder = folderOf({ 'a.jpg': 'a' });
    expect((await openSource(folder, { name: ' Frühling '.normalize('NFD') })).name).toBe('Frühling');
    await expect(openSource(folder, { name: ' ' })).rejects.toThrow(/1 to 100 characters/);
    await expect(openSource(folder, { name: 'x'.repeat(101) })).rejects.toThrow(/1 to 100 characters/);
  });

  it('refuses an empty folder', async () => {
    const folder = freshPath('empty');
    mkdirSync(folder);
    await expect(openSource(folder)).rejects.toThrow(/no pictures in/);
  });
});

/** A zip file of two pictures, of which one has these bytes as its name. */
async function zipWithName(name: Buffer): Promise<string> {
  const placeholder = 'x'.repeat(name.length);
  const file = await zipOf({ [placeholder]: Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'top.jpg': 'x' });
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(placeholder); at >= 0; at = bytes.indexOf(placeholder, at + 1))
    name.copy(bytes, at);
  // Without the flag for UTF-8, at offset 6 of the local header and 8 of the entry in the central directory.
  for (const [signature, offset] of [
    ['PK\u0003\u0004', 6],
    ['PK\u0001\u0002', 8],
  ] as const) {
    const at = bytes.indexOf(signature) + offset;
    bytes.writeUInt16LE(bytes.readUInt16LE(at) & ~0x800, at);
  }
  writeFileSync(file, bytes);
  return file;
}

function patched(file: string, from: string, to: string): string {
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  writeFileSync(file, bytes);
  return file;
}
