import { expect, it } from 'vitest';
import { codeOf, reasonOf } from '../../src/util/reason-of.ts';

function failure(message: string, code: unknown): Error {
  return Object.assign(new Error(message), { code });
}

it('gives only the code of a system error, because its message names hosts and paths', () => {
  expect(reasonOf(failure('connect ECONNREFUSED 10.0.0.1:6379', 'ECONNREFUSED'))).toBe('ECONNREFUSED');
});

it('gives the message of any other error, and the text of what is no error', () => {
  expect(reasonOf(failure('password authentication failed', '28P01'))).toBe('password authentication failed');
  expect(reasonOf(new Error('it is encrypted'))).toBe('it is encrypted');
  expect(reasonOf('broken')).toBe('broken');
});

it('finds no code where there is none, or where it is a number', () => {
  expect(codeOf(new Error('x'))).toBeUndefined();
  expect(codeOf(failure('x', 42))).toBeUndefined();
  expect(codeOf({ code: 'ENOENT' })).toBeUndefined();
  expect(codeOf(failure('x', 'UND_ERR_SOCKET'))).toBe('UND_ERR_SOCKET');
});
