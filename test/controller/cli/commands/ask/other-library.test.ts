import { expect, test } from 'vitest';
import { callRequestCodec } from '../../../../../shared/messages/index.ts';
import { type CannedAnswers, farcallAgainst, REQUEST, VIEWS } from '../../support/canned-answers.ts';

const PROGRAM = 'list_empty(NULL)';
const ARGS = [
  'request',
  PROGRAM,
  '--hosts',
  REQUEST.selector,
  '--reason',
  REQUEST.reason,
  '--no-plan',
  '--yes',
];

/** What a controller says that changes the library of a draft; `signed` counts what came back signed. */
function answersWith(change: (library: string | undefined) => string | undefined) {
  const seen = { drafted: undefined as string | undefined, signed: 0 };
  const answers: CannedAnswers = {
    async prepareRequest({ library, rollout, lifetimeMs, planId: _planId, effect = 'read', ...draft }) {
      seen.drafted = library;
      const changed = change(library);
      const request = callRequestCodec.encode({
        ...{ ...REQUEST, ...draft, effect, rollout },
        ...(changed !== undefined && { library: changed }),
        expiresAtMs: REQUEST.createdAtMs + lifetimeMs,
      });
      return { request, problems: [], lockedHosts: 0, locked: [] };
    },
    async createRequest({ request }) {
      seen.signed++;
      return { ...VIEWS.awaiting, request, rollout: undefined, state: 'pending' };
    },
  };
  return { answers, seen };
}

test('a request goes with what its program uses of the library of the command line', async () => {
  const { answers, seen } = answersWith(library => library);
  const { code, stderr } = await farcallAgainst(answers, ARGS);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(seen.drafted).toContain('static inline bool list_empty');
  expect(seen.signed).toBe(1);
});

test.each([
  ['other words', (library: string | undefined) => library?.replace('head->next == head', 'panic("x")')],
  ['none', () => undefined],
  ['more', (library: string | undefined) => `${library}/* more */\n`],
])('a request that the controller prepares with another library is not signed: %s', async (_what, change) => {
  const { answers, seen } = answersWith(change);
  const { code, stderr } = await farcallAgainst(answers, ARGS);
  expect(stderr).toContain('the controller prepared another request than was sent: its library differs');
  expect(code).not.toBe(0);
  expect(seen.signed).toBe(0);
});
