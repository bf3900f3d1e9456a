import { expect, test } from 'vitest';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import { FarcallError } from '../../../../../shared/errors/index.ts';
import { callRequestCodec, type RequestView } from '../../../../../shared/messages/index.ts';
import { START_MS } from '../../../../kit/cast.ts';
import {
  answersAbout,
  type CannedAnswers,
  farcallAgainst,
  REQUEST,
  VIEWS,
} from '../../support/canned-answers.ts';

const IDS = ['7k2m9x4qw8rt', '7k2maaaaaaaa', 'qqfe1sa2hse0'];

const viewOf = (id: string): RequestView => ({
  ...VIEWS.done,
  request: callRequestCodec.encode({ ...REQUEST, id, reason: `why ${id}` }),
});

const ANSWERS: CannedAnswers = {
  ...answersAbout(VIEWS.done),
  async getRequest({ id }) {
    if (IDS.includes(id)) return viewOf(id);
    throw new FarcallError('NOT_FOUND', `there is no request ${id}`);
  },
  listRequests: async () => ({
    requests: IDS.map(id => ({
      ...{
        id,
        digest: new Uint8Array(32),
        state: 'finished',
        requester: 'alice',
        selector: '*',
        effect: 'call',
      },
      ...{
        reason: `why ${id}`,
        createdAtMs: START_MS,
        expiresAtMs: START_MS,
        expectedHosts: 1,
        outcomes: [],
        rolloutState: 'waiting' as const,
      },
    })),
  }),
};

test.each(['7k2m9x4qw8rt', '7K2M9X4QW8RT', '7k2m9', '7K2M9'])('a request is found by %s', async typed => {
  const { stdout } = await farcallAgainst(ANSWERS, ['report', typed]);
  expect(stdout).toMatch(/^7k2m9x4qw8rt finished/);
});

test('letters with which several requests begin choose none of them, and each is listed', async () => {
  const { code, stdout, stderr } = await farcallAgainst(ANSWERS, ['report', '7k2m']);
  expect({ code, stdout }).toEqual({ code: EXIT.refused, stdout: '' });
  expect(stderr).toBe(
    'farcall: 2 requests begin with 7k2m:\n  7k2m9x4qw8rt  why 7k2m9x4qw8rt\n  7k2maaaaaaaa  why 7k2maaaaaaaa [CONFLICT]',
  );
});

test('letters with which no request begins are refused', async () => {
  const { code, stderr } = await farcallAgainst(ANSWERS, ['report', 'zzzz']);
  expect(code).toBe(EXIT.refused);
  expect(stderr).toContain('no request has the id zzzz');
});

test('a controller that answers with another request than the one that was typed is not believed', async () => {
  const lying = { ...ANSWERS, getRequest: async () => viewOf('qqfe1sa2hse0') };
  const { code, stderr } = await farcallAgainst(lying, ['report', '7k2m9x4qw8rt']);
  expect(code).toBe(EXIT.usage);
  expect(stderr).toContain('the controller sent request qqfe1sa2hse0 instead of 7k2m9x4qw8rt');
});
