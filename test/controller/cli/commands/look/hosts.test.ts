import { expect, test } from 'vitest';
import { type HostView, hostFactsCodec } from '../../../../../shared/messages/index.ts';
import { parseSelector, selectorMatches } from '../../../../../shared/targets/index.ts';
import { hostOf, START_MS } from '../../../../kit/cast.ts';
import { factsOf } from '../../../../kit/host-statements.ts';
import { type CannedAnswers, farcallAgainst } from '../../support/canned-answers.ts';

const labels = { env: 'prod', role: 'web' };
const web: HostView = {
  ...{ facts: hostFactsCodec.encode(factsOf(hostOf('web-1'))), kid: 'k', labels, droppedMessages: 0 },
  ...{ firstSeenAtMs: START_MS, lastSeenAtMs: START_MS },
  ...{ removalSigners: [], labelSigners: [], labelsNumber: 0 },
};

/** A controller that knows one host. */
const ANSWERS: CannedAnswers = {
  async *listHosts({ selector }) {
    const lookUp = (name: string) => ({ ...labels, host: 'web-1' })[name];
    if (selectorMatches(parseSelector(selector), lookUp)) yield web;
  },
};

test.each([
  ['env=lab', "no host matches 'env=lab'; the labels are env=prod, host=web-1, role=web."],
  [
    'web-1',
    "no host matches 'web-1'; no host has the label web-1, and facts are called .*; web-1 is a host: write @web-1; the labels are .*",
  ],
  [
    'role=web,env=lab',
    "no host matches 'role=web,env=lab'; near misses: web-1 fails env=lab \\(env is prod\\); the labels are .*",
  ],
  [
    'env=',
    "no host matches 'env='; 'env=' matches hosts whose env is empty, and 'env' every host that has it; the labels are .*",
  ],
  ['role=web,env=', ".*'env=' matches hosts whose env is empty.*"],
])('farcall hosts %s, which matches no host, gives the hint that a request gives', async (selector, hint) => {
  const { code, stdout, stderr } = await farcallAgainst(ANSWERS, ['hosts', selector]);
  expect(code).toBe(0);
  expect(stdout.split('\n').length).toBe(2);
  expect(stderr).toMatch(new RegExp(`^${hint}$`));
});

test('farcall hosts says if no host has said hello at all', async () => {
  const { stderr } = await farcallAgainst({ async *listHosts() {} }, ['hosts', 'env=lab']);
  expect(stderr).toBe('No host has said hello to this controller yet.');
});
