import { describe, expect, it } from 'vitest';
import { createChat } from '../../src/chat/chat.ts';
import { InputError } from '../../src/errors.ts';
import { createBench, textOf } from './bench.ts';

const { conversation } = await createBench();
const chat = createChat({ conversation });

describe('the web chat', () => {
  it('answers a command with and without its slash, in any case', async () => {
    const help = await chat.say('/help');
    expect(await chat.say(' HELP ')).toEqual(help);
    expect(textOf(help)).toContain('/privacy');
  });

  it('offers nothing that is for moderators, and refuses it when it is typed', async () => {
    expect(textOf(await chat.say('/help'))).not.toMatch(/\/(mode|reindex)/);
    expect(textOf(await chat.say('/reindex'))).toBe('Only moderators can do this.');
  });

  it('says what runs', async () => {
    expect(textOf(await chat.say('status'))).toContain('44,441 items, 80 types');
  });

  it('says what it understands when it does not', async () => {
    expect(textOf(await chat.say('/reindexx'))).toContain('/help, /status');
    expect(textOf(await chat.say('do you have help for red shoes'))).toContain('send a photo');
    expect(textOf(await chat.say('hello'))).toContain('send a photo');
  });

  it('refuses nothing and too much', async () => {
    await expect(chat.say('   ')).rejects.toThrow(InputError);
    await expect(chat.say('x'.repeat(2001))).rejects.toThrow(/1 to 2000 characters, got 2001/);
  });
});
