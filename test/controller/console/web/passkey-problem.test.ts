import { expect, test } from 'vitest';
import { ANSWER_LIMIT_MS, problemOf } from '../../../../controller/console/web/signed/passkey-problem.ts';

const named = (name: string): Error => Object.assign(new Error('from the browser'), { name });

test('a person who cancelled the passkey is told so, and of nothing to report', () => {
  const problem = problemOf(named('NotAllowedError'), 3000);
  expect(problem).toMatchObject({ message: 'You cancelled. Nothing was signed.', tone: 'held' });
  expect(problem).not.toHaveProperty('code');
});

test('a question of the browser that nobody answered is told apart from one that was cancelled', () => {
  expect(problemOf(named('NotAllowedError'), ANSWER_LIMIT_MS).message).toContain('Nobody answered');
});

test.each([
  ['SecurityError', 'does not allow the passkey at this address'],
  ['InvalidStateError', 'already has a passkey'],
  ['UnknownError', 'from the browser'],
])('the browser’s %s is said in words, as a problem', (name, words) => {
  const { message, tone } = problemOf(named(name), 0);
  expect(message).toContain(words);
  expect(tone).toBe('bad');
});
