import { describe, expect, it } from 'vitest';
import { openSource } from '../../src/sources/open-source.ts';
import { hasShared, sharedPath } from '../shared-data.ts';
import { type Files, folderOf, readAll, readPictures, zipOf } from './fixtures.ts';

const HEADER =
  'id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName\n';

const SMALL: Files = {
  'styles.csv':
    `${HEADER}15970,Men,Apparel,Topwear,Shirts,Navy Blue,Fall,2011,Casual,Turtle Check Men Navy Blue Shirt\n` +
    '39401,Men,Apparel,Bottomwear,Jeans,Blue,Summer,2012,Casual,No picture\n' +
    '6394,Men,Apparel,Topwear,Shirts,Blue,Summer,2011,Casual,Inkfruit Mens, Chain Reaction T-shirt\n' +
    '15970,Women,Apparel,Topwear,Tops,Red,Fall,2011,Casual,The same id again\n' +
    ',Women,Apparel,Topwear,Tops,Red,Fall,2011,Casual,No id\n' +
    '2,Women,Apparel,Topwear,Tops,NA,,2011,NA,\n',
  'images/15970.jpg': 'picture 15970',
  'images/6394.jpg': 'picture 6394',
  'images/2.jpg': 'picture 2',
  'images/777.jpg': 'picture 777',
  'images/777.png': 'another',
  'images/Thumbs.db': 'litter',
};

const details = (id: number, more: object = {}): string =>
  JSON.stringify({
    notification: {},
    data: {
      id,
      price: 1299,
      productDisplayName: `Title ${id}`,
      gender: 'Women',
      baseColour: 'Black',
      season: 'Winter',
      usage: 'Formal',
      articleType: { id: 1, typeName: 'Dresses' },
      masterCategory: { id: 2, typeName: 'Apparel' },
      subCategory: { id: 3, typeName: 'Dress' },
      ...more,
    },
  });

const LARGE: Files = {
  'styles/1.json': details(1),
  'styles/2.json': details(2, { articleType: null, price: 'free', usage: '', baseColour: 'NA' }),
  'styles/3.json': details(3),
  'styles/4.json': 'not JSON',
  'images/1.jpg': 'picture 1',
  'images/2.jpg': 'picture 2',
  'images/4.jpg': 'picture 4',
  'images/5.jpg': 'picture 5',
};

const below = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));

describe.each([
  { kind: 'folder', make: (files: Files) => Promise.resolve(folderOf(files)) },
  { kind: 'zip', make: (files: Files) => zipOf(files) },
])('the published data set as a $kind', ({ kind, make }) => {
  it.each([
    { where: 'at the top', files: SMALL },
    { where: 'below other folders', files: below('archive/fashion', SMALL) },
    { where: 'with a copy of itself further down', files: { ...SMALL, ...below('myntradataset', SMALL) } },
  ])('is read in its small layout, $where', async ({ files }) => {
    const source = await openSource(await make(files));
    expect(source).toMatchObject({ name: 'stuff', description: `data set, ${kind}`, count: 8 });
    const read = await readAll(source);
    expect(read.items.map(({ item }) => item)).toEqual([
      {
        id: '15970',
        title: 'Turtle Check Men Navy Blue Shirt',
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
      {
        id: '6394',
        title: 'Inkfruit Mens, Chain Reaction T-shirt',
        labels: {
          type: 'Shirts',
          colour: 'Blue',
          gender: 'Men',
          category: 'Apparel',
          subcategory: 'Topwear',
          season: 'Summer',
          usage: 'Casual',
        },
      },
      {
        id: '2',
        title: 'Item 2',
        labels: { type: 'Tops', gender: 'Women', category: 'Apparel', subcategory: 'Topwear' },
      },
      { id: '777', title: 'Item 777', labels: {} },
    ]);
    expect(await readPictures(read)).toEqual({
      15970: 'picture 15970',
      6394: 'picture 6394',
      2: 'picture 2',
      777: 'picture 777',
    });
    expect(Object.entries(read.reasons)).toEqual([
      ['styles.csv line 3', 'there is no picture images/39401.jpg'],
      ['styles.csv line 5', 'the id "15970" is already used by styles.csv line 2; the first one is kept'],
      ['styles.csv line 6', 'it has no id'],
      [
        expect.stringMatching(/images\/777\.png$/),
        expect.stringMatching(/"777" is already used by .*images\/777\.jpg/),
      ],
    ]);
    await source.close();
  });

  it.each([
    { where: 'at the top', files: LARGE },
    { where: 'below another folder', files: below('fashion-dataset', LARGE) },
  ])('is read in its large layout, $where', async ({ files }) => {
    const source = await openSource(await make(files));
    expect(source.count).toBe(5);
    const read = await readAll(source);
    expect(read.items.map(({ item }) => item)).toEqual([
      {
        id: '1',
        title: 'Title 1',
        price: '1299 INR',
        labels: {
          type: 'Dresses',
          colour: 'Black',
          gender: 'Women',
          category: 'Apparel',
          subcategory: 'Dress',
          season: 'Winter',
          usage: 'Formal',
        },
      },
      {
        id: '2',
        title: 'Title 2',
        labels: { gender: 'Women', category: 'Apparel', subcategory: 'Dress', season: 'Winter' },
      },
      { id: '5', title: 'Item 5', labels: {} },
    ]);
    expect(await readPictures(read)).toEqual({ 1: 'picture 1', 2: 'picture 2', 5: 'picture 5' });
    expect(Object.values(read.reasons)).toEqual([
      'there is no picture images/3.jpg',
      expect.stringMatching(
        /not a JSON file of the data set.* remove it to import its picture without labels/,
      ),
    ]);
    await source.close();
  });

  it('prefers the JSON file to the row of the same item, and falls back on the row', async () => {
    const source = await openSource(
      await make({
        ...LARGE,
        'styles.csv':
          `${HEADER}1,Men,A,B,Shirts,Red,Fall,2011,Casual,From the table\n` +
          '4,Men,A,B,Shirts,Red,Fall,2011,Casual,From the table\n',
      }),
    );
    const { items, rejected } = await readAll(source);
    expect(items.map(({ item }) => [item.id, item.title, item.labels.type, item.price])).toEqual([
      ['1', 'Title 1', 'Dresses', '1299 INR'],
      ['4', 'From the table', 'Shirts', undefined],
      ['2', 'Title 2', undefined, undefined],
      ['5', 'Item 5', undefined, undefined],
    ]);
    expect(rejected.length + items.length).toBe(source.count);
    await source.close();
  });

  it('refuses a styles.csv without an id column', async () => {
    const files = { 'styles.csv': 'a,b\n1,2\n', 'images/1.jpg': 'picture' };
    await expect(openSource(await make(files))).rejects.toThrow(
      /styles\.csv has no id column\. Its columns are "a", "b"; expected one of them to be called id/,
    );
  });
});

describe.skipIf(!hasShared)('the real data set (needs ../shared, which is absent)', () => {
  it('gives 44,441 items, labels where there are any, and the reason for each of the others', async () => {
    const source = await openSource(sharedPath('data', 'fashion-product-images-small.zip'));
    expect(source.count).toBe(44_446);
    const { items, rejected, ids } = await readAll(source);
    expect(items).toHaveLength(44_441);
    expect(new Set(ids).size).toBe(44_441);
    // 35,594 rows, five of them without a picture.
    expect(items.filter(({ item }) => item.labels.type !== undefined)).toHaveLength(35_589);
    expect(rejected.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
      'styles.csv line 5339: there is no picture images/39403.jpg',
      'styles.csv line 13049: there is no picture images/39410.jpg',
      'styles.csv line 25900: there is no picture images/39401.jpg',
      'styles.csv line 29185: there is no picture images/39425.jpg',
      'styles.csv line 32082: there is no picture images/12347.jpg',
    ]);
    for (const place of [0, 20_000, 44_440]) {
      const picture = await items[place]?.read();
      expect(Buffer.from(picture?.subarray(0, 3) ?? []).toString('hex')).toBe('ffd8ff');
    }
    await source.close();
  });
});
