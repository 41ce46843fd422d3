import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/util/errors.ts';
import { type ListedSource, readSourceFile, sourceFileJsonSchema } from '../../src/sources/source-file.ts';

const root = new URL('../../', import.meta.url);

async function read(
  content: unknown,
  variables: Readonly<Record<string, string>> = {},
): Promise<ListedSource[] | undefined> {
  const path = join(await mkdtemp(join(tmpdir(), 'source-file-')), 'inventory.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readSourceFile({ path, isRequired: true, variable: (name) => variables[name] });
}

describe('the source file', () => {
  it('lists the sources with their settings', async () => {
    const sources = [
      {
        name: 'Shop',
        url: 'https://shop.example/feed',
        hideOutOfStock: true,
        headers: { 'X-Token': 'TOKEN' },
      },
      { name: 'folder', path: 'wares', maxItems: 7 },
    ];
    const [shop, folder] = (await read({ $schema: './x.json', sources }, { TOKEN: 'secret' }))!;
    expect(shop).toEqual({
      name: 'Shop',
      location: 'https://shop.example/feed',
      settings: { hideOutOfStock: true, headers: { 'X-Token': 'secret' } },
    });
    expect(folder).toMatchObject({ name: 'folder', settings: { maxItems: 7 } });
    expect(folder?.location).toMatch(/^\/.*\/wares$/);
  });

  it('names every invalid entry, its place and what was expected', async () => {
    const sources = [
      { name: 'a', path: 'x', url: 'https://shop.example' },
      { name: ' b ', path: 'x' },
      { name: 'c', url: 'ftp://jo:secret@shop.example' },
      { name: 'd', path: 'x', maxItems: 0, hideOutOfstock: true },
      { name: 'e', path: 'x', headers: { a: 'B' } },
      { name: 'e', url: 'https://shop.example', format: 'xls', headers: { 'a b': 'lower' } },
      { path: 'x', hideOutOfStock: 'yes' },
    ];
    const failing = read({ sources });
    await expect(failing).rejects.toThrow(OperatorError);
    const message = await failing.catch((error: unknown) => (error as Error).message);
    for (const part of [
      /sources\[0\]: expected either "path" or "url"/,
      /sources\[1\]\.name: expected 1 to 100 characters/,
      /sources\[2\]\.url: expected an http or https address/,
      /sources\[3\]\.maxItems: expected at least 1, got 0/,
      /sources\[3\]: .*"hideOutOfstock"/,
      /sources\[4\]: expected "headers" only beside "url"/,
      /sources\[5\]\.format: expected one of .*xml.*, got "xls"/,
      /sources\[5\]\.headers\.a b: expected the name of a header/,
      /sources\[6\]\.name: expected a text, got nothing/,
      /sources\[6\]\.hideOutOfStock: expected true or false, got a text/,
      /Nothing was changed/,
    ])
      expect(message).toMatch(part);
    expect(message).not.toContain('secret');
    await expect(
      read({ sources: [sources[4], sources[4]].map((it) => ({ ...it, headers: undefined })) }),
    ).rejects.toThrow(/sources\[1\]\.name: "e" is there twice/);
  });

  it('names the variable that is not set, and never a value', async () => {
    const sources = [{ name: 'shop', url: 'https://shop.example', headers: { Authorization: 'SHOP_TOKEN' } }];
    await expect(read({ sources })).rejects.toThrow(
      /sources\[0\]\.headers\.Authorization: source "shop" needs the environment variable SHOP_TOKEN/,
    );
  });

  it('reports a file that is not JSON, and a missing file only if the file is required', async () => {
    await expect(read('{"sources": [')).rejects.toThrow(/is not JSON: /);
    const path = join(tmpdir(), 'no-such-file.json');
    const variable = (): undefined => undefined;
    expect(await readSourceFile({ path, isRequired: false, variable })).toBeUndefined();
    await expect(readSourceFile({ path, isRequired: true, variable })).rejects.toThrow(/cannot be read/);
  });

  it('has a schema for editors that matches the code (to update it: npx vitest run test/sources/source-file.test.ts -u)', async () => {
    const schema = `${JSON.stringify(sourceFileJsonSchema(), undefined, 2)}\n`;
    await expect(schema).toMatchFileSnapshot('../../assets/inventory.schema.json');
  });

  it('has an example that is valid', async () => {
    const text = await readFile(new URL('inventory.example.json', root), 'utf8');
    const { $schema } = JSON.parse(text) as { $schema: string };
    expect(new URL($schema, root)).toEqual(new URL('assets/inventory.schema.json', root));
    const sources = await read(text, { SHOP_AUTHORIZATION: 'Bearer x' });
    expect(sources?.length).toBeGreaterThan(1);
  });
});
