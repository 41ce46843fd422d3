import { describe, expect, it } from 'vitest';
import { createCommands } from '../../commands/index.ts';
import { createChat } from '../../src/chat/chat.ts';
import { InputError } from '../../src/errors.ts';

const commands = createCommands({
  status: () => ({
    model: { name: 'net', version: '1', head: 'pca' },
    embedder: {
      engine: 'onnx',
      device: 'cpu',
      skipped: [{ engine: 'onnx on cuda', reason: 'no library' }],
      waiting: { interactive: 1, bulk: 2 },
    },
    index: { size: 44_441, types: 80, createdAt: new Date(0) },
    uptimeSeconds: 3_725,
  }),
});
const chat = createChat({ commands });

describe('the chat', () => {
  it('answers a command with and without its slash, in any case', async () => {
    const help = await chat.say('/help');
    expect(await chat.say(' HELP ')).toEqual(help);
    expect(JSON.stringify(help)).toContain('/privacy');
  });

  it('describes every command in the help', async () => {
    const help = JSON.stringify(await chat.say('/help'));
    for (const { name, description } of commands) expect(help).toContain(`/${name}: ${description}`);
  });

  it('says what runs, on what, and why not on something better', async () => {
    const status = JSON.stringify(await chat.say('/status'));
    for (const fact of ['onnx on cpu', 'onnx on cuda: no library', '44,441 items, 80 types', '1 h 2 min']) {
      expect(status).toContain(fact);
    }
  });

  it('says what it understands when it does not', async () => {
    expect(JSON.stringify(await chat.say('/reindexx'))).toContain('/help, /status');
    expect(JSON.stringify(await chat.say('do you have help for red shoes'))).toContain('send a photo');
  });

  it('refuses nothing and too much', async () => {
    await expect(chat.say('   ')).rejects.toThrow(InputError);
    await expect(chat.say('x'.repeat(2001))).rejects.toThrow(/1 to 2000 characters, got 2001/);
  });
});

describe('the list of commands', () => {
  it('has names that every platform takes, and descriptions that fit', () => {
    for (const { name, description } of commands) {
      expect(name).toMatch(/^[a-z]{1,32}$/);
      expect(description.length).toBeLessThanOrEqual(100);
    }
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });
});
