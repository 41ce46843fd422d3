import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { openSource } from '../../src/sources/open-source.ts';
import type { Source } from '../../src/sources/source.ts';
import { folderOf, readAll, readPictures } from './fixtures.ts';

async function open(name: string, content: string, columns?: Record<string, string>): Promise<Source> {
  const folder = folderOf({ 'a.jpg': 'picture a', 'b.jpg': 'picture b', [name]: content });
  return openSource(join(folder, name), { settings: { columns } });
}

describe('the headers of a table', () => {
  it.each([
    ['German', 'Artikelnummer;Bezeichnung;Bild;Preis (EUR);Farbe;Größe;Verfügbarkeit;Kategorie', 'auf Lager'],
    [
      'French',
      'Référence;Nom du produit;Image principale;Prix TTC;Couleur;Taille;Disponibilité;Catégorie',
      'en stock',
    ],
    ['Spanish', 'Código;Nombre;Imagen;Precio;Color;Talla;Disponibilidad;Categoría', 'disponible'],
    [
      'Italian',
      'Codice articolo;Nome prodotto;Immagine;Prezzo;Colore;Taglia;Disponibilità;Categoria',
      'disponibile',
    ],
    [
      'Portuguese',
      'Código do produto;Título;Imagem;Preço;Cor;Tamanho;Disponibilidade;Categoria',
      'em estoque',
    ],
    ['Polish', 'Kod produktu;Nazwa;Zdjęcie;Cena;Kolor;Rozmiar;Dostępność;Kategoria', 'dostępny'],
    ['Dutch', 'Artikelnummer;Naam;Afbeelding;Prijs;Kleur;Maat;Beschikbaarheid;Categorie', 'op voorraad'],
    ['Japanese', '商品コード;商品名;画像;価格;色;サイズ;在庫状況;カテゴリ', '在庫あり'],
  ])('are known in %s', async (_, header, stock) => {
    const source = await open(
      'items.csv',
      `${header}\nx1;Something;a.jpg;12,50 EUR;Blue;M;${stock};Dresses\n`,
    );
    const read = await readAll(source);
    await source.close();
    expect(read.rejected).toEqual([]);
    expect(read.items[0]?.item).toEqual({
      id: 'x1',
      title: 'Something',
      price: '12.50 EUR',
      labels: { colour: 'Blue', category: 'Dresses' },
      availability: 'in stock',
    });
    expect(source.columns?.used.map(({ field }) => field)).toContain('size');
    expect(source.columns?.ignored).toEqual([]);
  });

  it('may be written in any case, with accents or without, and with hints in brackets', async () => {
    const source = await open(
      'items.csv',
      'ARTIKEL-NR.,BEZEICHNUNG,bild url,Preis (EUR)\nx1,A,a.jpg,"12,50"\n',
    );
    const { items } = await readAll(source);
    await source.close();
    expect(items[0]?.item).toMatchObject({ id: 'x1', title: 'A', price: '12.50 EUR' });
  });
});

describe('columns chosen by hand', () => {
  const content = 'Nr,Name,Ansicht,Foto\nx1,A,a.jpg,b.jpg\n';

  it('take precedence over the names that are known', async () => {
    const source = await open('items.csv', content, { picture: 'Ansicht', id: 'nr' });
    expect(await readPictures(await readAll(source))).toEqual({ x1: 'picture a' });
    expect(source.columns).toEqual({
      used: [
        { field: 'id', column: 'Nr' },
        { field: 'title', column: 'Name' },
        { field: 'picture', column: 'Ansicht' },
      ],
      ignored: ['Foto'],
      rivals: [{ field: 'picture', used: 'Ansicht', ignored: 'Foto' }],
    });
    await source.close();
  });

  it('lead to the header below other rows', async () => {
    const source = await open('items.csv', `Price list,,,\n${content}`, { picture: 'Ansicht', id: 'Nr' });
    expect((await readAll(source)).ids).toEqual(['x1']);
    await source.close();
  });

  it('also name members of a feed', async () => {
    const source = await open('items.json', '[{"nummer":"x1","ansicht":"a.jpg"}]', {
      id: 'nummer',
      picture: 'ansicht',
    });
    expect(await readPictures(await readAll(source))).toEqual({ x1: 'picture a' });
    await source.close();
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ picture: 'Bild' }, /no column "Bild" for picture\. The columns are "Nr", "Name", "Ansicht", "Foto"/],
    [
      { picture: 'Ansicht', title: 'ansicht' },
      /column "Ansicht" is given for both title and picture|given for both/,
    ],
    [{ bild: 'Foto' }, /no field "bild" that a column can be given for\. The fields are id/],
  ])('are refused when they cannot be meant: %j', async (columns, message) => {
    const opening = open('items.csv', content, columns);
    await expect(opening).rejects.toThrow(OperatorError);
    await expect(opening).rejects.toThrow(message);
  });

  it('are refused in a feed that never has such a member', async () => {
    await expect(open('items.json', '[{"id":"a","image":"a.jpg"}]', { title: 'heading' })).rejects.toThrow(
      /no column "heading"/,
    );
  });
});

describe('two columns for one thing', () => {
  it('are told: which is read, and which is not', async () => {
    const source = await open('items.csv', 'id,image,price,Preis,Gewicht\na,a.jpg,5 EUR,6 EUR,1 kg\n');
    expect(source.columns?.rivals).toEqual([{ field: 'price', used: 'price', ignored: 'Preis' }]);
    expect(source.columns?.ignored).toEqual(['Preis', 'Gewicht']);
    await source.close();
  });
});
