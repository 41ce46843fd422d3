import { describe, expect, it } from 'vitest';
import { createTypedCommands } from '../../../src/adapters/web/typed-commands.ts';
import { InputError } from '../../../src/util/errors.ts';
import { createBench, textOf } from '../../chat/chat-fixture.ts';

const { conversation, audit } = await createBench();
const chat = createTypedCommands({ conversation });

describe('the web chat', () => {
  it('answers a command with and without its slash, in any case', async () => {
    const help = await chat.say('/help');
    expect(await chat.say(' HELP ')).toEqual(help);
    expect(textOf(help)).toContain('/privacy');
  });

  it('offers nothing that is for moderators, and refuses it when it is typed', async () => {
    expect(textOf(await chat.say('/help'))).not.toMatch(/\/(mode|reindex)/);
    expect(textOf(await chat.say('/mode auto'))).toBe('Only moderators can do this.');
  });

  it('tells who asks for a reindex what the person at this machine can do', async () => {
    const refused = textOf(await chat.say('/reindex'));
    expect(refused).toMatch(/^Only moderators can do this/);
    expect(refused).toContain('button at the top of this page');
    expect(refused).toContain('npm run inventory -- reindex');
    expect(audit.entries.at(-1)).toMatchObject({ door: 'web', action: 'reindex', outcome: 'refused' });
  });

  it('says what /find needs when it is typed alone', async () => {
    expect(textOf(await chat.say('/find'))).toMatch(/^I look for items by a picture: send a photo /);
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
