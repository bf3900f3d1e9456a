import { expect, test } from 'vitest';
import type { HostView } from '../../../shared/messages/index.ts';
import { START_MS } from '../../kit/cast.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { farcallAgainst } from './support/canned-answers.ts';
import { hostViewOf } from './support/host-view.ts';

const answers = {
  async *listHosts() {
    yield hostViewOf('fit');
    yield hostViewOf('full', {}, { unfit: ['the disk is full', 'no modules load'] });
    yield hostViewOf('silent', { lastSeenAtMs: Date.now() - 3_600_000 });
    yield hostViewOf('held', { hold: { why: 'exists-twice', sinceMs: START_MS } } as Partial<HostView>);
    yield hostViewOf('slow', { clockOffsetMs: -300_000 });
  },
};

test('an operator sees which hosts could run no call now, with each reason, and no others', async () => {
  const terminal = testTerminal({ columns: 200 });
  const { stdout, stderr } = await farcallAgainst(answers, ['hosts', '--unfit'], terminal);
  expect(stdout.trim().split('\n')).toEqual([
    'full: the disk is full',
    'full: no modules load',
    'silent: it is silent: look whether its agent runs and reaches the broker',
    'held: held: exists twice',
    'slow: its clock is 5 min behind',
  ]);
  expect(stderr).toContain('4 of 5 hosts could run no call now.');
});

test('an operator reads that nothing is known against any host where all could run calls', async () => {
  const fit = {
    async *listHosts() {
      yield hostViewOf('fit');
    },
  };
  const { stdout, stderr } = await farcallAgainst(fit, ['hosts', '--unfit']);
  expect([stdout, stderr]).toEqual(['', 'Nothing is known against any of 1 host.']);
});

test('programs get the hosts that could run no call as JSON, each with its reasons', async () => {
  const { stdout } = await farcallAgainst(answers, ['hosts', '--unfit', '--json']);
  expect(JSON.parse(stdout).slice(0, 1)).toEqual([
    { host: 'full', reasons: ['the disk is full', 'no modules load'] },
  ]);
});
