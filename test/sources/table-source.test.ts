import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { openSource } from '../../src/sources/open-source.ts';
import { type Files, folderOf, readAll, type ReadSource, readPictures } from './fixtures.ts';

const PICTURES: Files = { 'pics/a.jpg': 'picture a', 'pics/b.jpg': 'picture b', 'pics/c.jpg': 'picture c' };

async function readTable(
  name: string,
  content: string | Uint8Array,
  files: Files = PICTURES,
): Promise<ReadSource> {
  const source = await openSource(join(folderOf({ ...files, [name]: content }), name));
  const read = await readAll(source);
  await source.close();
  expect(read.items.length + read.rejected.length).toBe(source.count);
  return read;
}

describe('a CSV file', () => {
  it('becomes items with all known fields', async () => {
    const folder = folderOf({
      ...PICTURES,
      'shop.csv':
        'SKU,Name,Image Path,URL,Price,articleType,Base-Color,Gender,master_category,SubCategory,Season,usage,Remark\n' +
        'a1,"Shirt, blue",pics/a.jpg,https://shop.example/a1,12.50 EUR,Shirts,Navy Blue,Men,Apparel,Topwear,Fall,Casual,x\n' +
        'b1,  Skirt  ,pics\\b.jpg,javascript:alert(1),,NA,nan,-,,,,,\n',
    });
    const source = await openSource(join(folder, 'shop.csv'));
    expect(source).toMatchObject({ name: 'shop', description: 'table, CSV', count: 2 });
    const read = await readAll(source);
    await source.close();
    expect(read.items.map(({ where, item }) => ({ where, item }))).toEqual([
      {
        where: 'shop.csv line 2',
        item: {
          id: 'a1',
          title: 'Shirt, blue',
          link: 'https://shop.example/a1',
          price: '12.50 EUR',
          labels: {
            type: 'Shirts',
            colour: 'Navy Blue',
            gender: 'Men',
            category: 'Apparel',
            subcategory: 'Topwear',
            season: 'Fall',
            usage: 'Casual',
          },
        },
      },
      { where: 'shop.csv line 3', item: { id: 'b1', title: 'Skirt', labels: {} } },
    ]);
    expect(await readPictures(read)).toEqual({ a1: 'picture a', b1: 'picture b' });
  });

  it.each([
    { name: 'commas', content: 'id,image\na,pics/a.jpg\nb,pics/b.jpg' },
    { name: 'semicolons', content: 'id;image\na;pics/a.jpg\nb;pics/b.jpg\n' },
    { name: 'tabs', content: 'id\timage\na\tpics/a.jpg\nb\tpics/b.jpg\n' },
    { name: 'Windows line ends', content: 'id,image\r\na,pics/a.jpg\r\n\r\nb,pics/b.jpg\r\n' },
    { name: 'old Macintosh line ends', content: 'id,image\ra,pics/a.jpg\rb,pics/b.jpg' },
    { name: 'empty rows', content: 'id,image\n,\na,pics/a.jpg\n\n,,\nb,pics/b.jpg\n' },
    { name: 'quotes everywhere', content: '"id","image"\n"a","pics/a.jpg"\n"b", "pics/b.jpg"\n' },
    { name: 'a byte order mark', content: '\ufeffid,image\na,pics/a.jpg\nb,pics/b.jpg\n' },
  ])('is read with $name', async ({ content }) => {
    const read = await readTable('items.csv', content);
    expect(await readPictures(read)).toEqual({ a: 'picture a', b: 'picture b' });
    expect(read.rejected).toEqual([]);
  });

  it.each([
    { name: 'UTF-8', bytes: Buffer.from('id,title,image\nü,Größe 服,pics/a.jpg\n'), title: 'Größe 服' },
    {
      name: 'UTF-16, as spreadsheets save it',
      bytes: Buffer.from('\ufeffid\ttitle\timage\nü\tGröße 服\tpics/a.jpg\n', 'utf16le'),
      title: 'Größe 服',
    },
    {
      name: 'Windows-1252',
      bytes: Buffer.from('id,title,image\nü,Größe,pics/a.jpg\n', 'latin1'),
      title: 'Größe',
    },
    {
      name: 'UTF-8 with a broken byte',
      bytes: Buffer.concat([
        Buffer.from('id,title,image\nü,Größe '),
        Buffer.from([0xff]),
        Buffer.from(',pics/a.jpg\n'),
      ]),
      title: 'Größe \ufffd',
    },
  ])('is read in $name', async ({ bytes, title }) => {
    const { items } = await readTable('items.csv', bytes);
    expect(items.map(({ item }) => item)).toEqual([{ id: 'ü', title, labels: {} }]);
  });

  it('keeps rows whose last column, the title, has unquoted commas', async () => {
    const { items, rejected } = await readTable(
      'items.csv',
      'id,image,title\na,pics/a.jpg,Shirt, blue, with dots\nb,pics/b.jpg,Plain,,\n',
    );
    expect(items.map(({ item }) => item.title)).toEqual(['Shirt, blue, with dots', 'Plain']);
    expect(rejected).toEqual([]);
  });

  it('keeps values with unusual quotes', async () => {
    const { items, rejected } = await readTable(
      'items.csv',
      'id,title,image\na,5" heel,pics/a.jpg\nb,"Levi\'s" jeans,pics/b.jpg\nc,"never closed,pics/c.jpg\n',
    );
    expect(items.map(({ item }) => item.title)).toEqual(['5" heel', '"Levi\'s" jeans', '"never closed']);
    expect(rejected).toEqual([]);
  });

  it('rejects invalid rows with their place and a reason, and keeps the others', async () => {
    const { ids, reasons } = await readTable(
      'items.csv',
      [
        'id,image,title,price',
        'a,pics/a.jpg,First,1',
        ',pics/b.jpg,No id,1',
        'a,pics/b.jpg,Again,1',
        'd,,No picture,1',
        'e,pics/missing.jpg,Missing picture,1',
        'f,https://shop.example/f.jpg,On the web,1',
        'g,pics/b.jpg,Shirt, blue, striped,1',
        `${'h'.repeat(201)},pics/b.jpg,Long id,1`,
        'i,pics,A folder,1',
        'b,pics/b.jpg,Last,1',
      ].join('\n'),
    );
    expect(ids).toEqual(['a', 'b']);
    expect(reasons).toEqual({
      'items.csv line 3': 'it has no id',
      'items.csv line 4': 'the id "a" is already used by items.csv line 2; the first one is kept',
      'items.csv line 5': 'it names no picture',
      'items.csv line 6': 'there is no picture pics/missing.jpg',
      'items.csv line 7': expect.stringContaining('web address') as string,
      'items.csv line 8': expect.stringMatching(/6 fields where the header has 4/) as string,
      'items.csv line 9': expect.stringContaining('longer than 200') as string,
      'items.csv line 10': 'there is no picture pics',
    });
  });

  it('assigns an id to the first valid row that has it', async () => {
    const { items, reasons } = await readTable(
      'items.csv',
      'id,image,title\na,,First\na,pics/a.jpg,Second\n',
    );
    expect(items.map(({ item }) => item.title)).toEqual(['Second']);
    expect(Object.keys(reasons)).toEqual(['items.csv line 2']);
  });

  it('derives ids from the pictures when there is no id column', async () => {
    expect((await readTable('items.csv', 'photo\npics/a.jpg\npics/b.jpg\n')).ids).toEqual([
      'pics/a',
      'pics/b',
    ]);
  });

  it('truncates titles that are too long, and replaces missing ones', async () => {
    const { items } = await readTable(
      'items.csv',
      `id,image,title\na,pics/a.jpg,${'👗'.repeat(400)}\nb,pics/b.jpg,\n`,
    );
    expect(items[0]?.item.title).toMatch(/^(👗){249}…$/u);
    expect(items[1]?.item.title).toBe('Item b');
  });

  it('lists the columns found and those expected when there is no picture column', async () => {
    const opening = readTable('items.csv', 'id,title,Motiv\na,A,pics/a.jpg\n');
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(
      /no picture column\. Its columns are "id", "title", "Motiv"; expected one of them to be called picture, image, photo, file, filename, image_path/,
    );
  });

  it.each(['', 'id,image\n', '\n\n'])('refuses one without rows (case %#)', async (content) => {
    await expect(readTable('items.csv', content)).rejects.toThrow(/has no rows\. Expected a header/);
  });
});

describe('a JSON-lines file', () => {
  it('becomes items, with labels as members or within `labels`', async () => {
    const folder = folderOf({
      ...PICTURES,
      'shop.jsonl':
        `${JSON.stringify({ id: 17, title: 'Hemd', labels: { type: 'Shirts', colour: 'Blue' }, file: 'pics/a.jpg' })}\n\n` +
        `${JSON.stringify({ ID: 'b', Name: 'Rock', articleType: 'Skirts', image: 'pics/b.jpg', price: 20, link: null })}\n`,
    });
    const source = await openSource(join(folder, 'shop.jsonl'));
    expect(source).toMatchObject({ name: 'shop', description: 'table, JSON lines', count: 2 });
    const read = await readAll(source);
    await source.close();
    expect(read.items.map(({ where, item }) => ({ where, ...item }))).toEqual([
      { where: 'shop.jsonl line 1', id: '17', title: 'Hemd', labels: { type: 'Shirts', colour: 'Blue' } },
      { where: 'shop.jsonl line 3', id: 'b', title: 'Rock', labels: { type: 'Skirts' }, price: '20' },
    ]);
    expect(await readPictures(read)).toEqual({ 17: 'picture a', b: 'picture b' });
  });

  it('rejects lines that are not objects', async () => {
    const { ids, reasons } = await readTable(
      'items.ndjson',
      '{"id":"a","file":"pics/a.jpg"}\n{"id":\n[1]\nnull\n{"file":"pics/b.jpg"}\n{"id":"c","file":{"path":"x"}}\n',
    );
    expect(ids).toEqual(['a']);
    expect(reasons).toEqual({
      'items.ndjson line 2': 'it is not a JSON object',
      'items.ndjson line 3': 'it is not a JSON object',
      'items.ndjson line 4': 'it is not a JSON object',
      'items.ndjson line 5': 'it has no id',
      'items.ndjson line 6': 'it names no picture',
    });
  });

  it.each([
    ['', /has no rows\. Expected a JSON object on a line/],
    ['{"id":"a"}\n', /no picture column\. Its columns are "id"/],
    ['not json\n', /no picture column\. Its columns are \(none\)/],
  ])('refuses %j', async (content, message) => {
    await expect(readTable('items.jsonl', content)).rejects.toThrow(message);
  });

  it('is found in a folder when it is called items.jsonl', async () => {
    const folder = folderOf({ ...PICTURES, 'items.jsonl': '{"id":"a","file":"pics/a.jpg"}\n' }, 'demo');
    const source = await openSource(folder);
    expect(source).toMatchObject({ name: 'demo', description: 'table, JSON lines', count: 1 });
    await source.close();
  });
});
