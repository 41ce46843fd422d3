import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from '../../src/util/logger.ts';

async function written(isTTY: boolean): Promise<string> {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const logger = createLogger('info', { stream });
  logger.info({ items: 1200, token: 'secret' }, 'ready');
  logger.debug('not shown');
  await new Promise((resolve) => setTimeout(resolve, 50));
  stream.end();
  return (await stream.toArray()).join('');
}

it('writes JSON lines where nobody reads along, without members that may hold a secret', async () => {
  const lines = (await written(false)).trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, items: 1200, msg: 'ready' });
  expect(lines[0]).not.toContain('secret');
});

it('writes readable lines on a terminal, as careful with secrets', async () => {
  const text = await written(true);
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\].*INFO.*ready.*1200/);
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(text).not.toContain('secret');
});
