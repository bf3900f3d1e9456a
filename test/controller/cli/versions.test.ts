import { expect, test } from 'vitest';
import type { HostView } from '../../../shared/messages/index.ts';
import { compareVersions, minorDistance } from '../../../shared/version/index.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { type CannedAnswers, farcallAgainst, WELL } from './support/canned-answers.ts';
import { hostViewOf } from './support/host-view.ts';

const view = (host: string, agentVersion: string): HostView =>
  hostViewOf(host, { lastSeenAtMs: Date.now() - 5 * 3_600_000 }, { agentVersion });

const ANSWERS: CannedAnswers = {
  getStatus: async () => ({ ...WELL, nowMs: Date.now(), version: '0.10.2' }),
  async *listHosts() {
    for (const name of ['web-4', 'web-1', 'web-2', 'web-3']) yield view(name, '0.9.7');
    yield view('db-1', '0.10.2');
    yield view('db-2', '0.10.3');
    yield view('old-1', '0.8.12');
    yield view('new-1', '1.0.0');
  },
};

test('an operator sees which versions the hosts run, the newest first, and which are too far from the controller', async () => {
  const { stdout } = await farcallAgainst(ANSWERS, ['versions'], testTerminal({ columns: 100 }));
  const [here, ...table] = stdout.trim().split('\n');
  expect(here).toMatch(/^farcall \d+\.\d+\.\d+ here, 0\.10\.2 at controller ctl-1$/);
  expect(table.map(line => line.split(/ {2,}/))).toEqual([
    ['AGENT', 'HOSTS', 'SEEN', 'IS', 'SUCH AS'],
    ['1.0.0', '1', '5 h ago', 'newer, not supported', 'new-1'],
    ['0.10.3', '1', '5 h ago', 'newer', 'db-2'],
    ['0.10.2', '1', '5 h ago', 'as the controller', 'db-1'],
    ['0.9.7', '4', '5 h ago', 'older', 'web-1, web-2, web-3, …'],
    ['0.8.12', '1', '5 h ago', 'older, not supported', 'old-1'],
  ]);
});

test('programs get the versions as JSON, with all hosts', async () => {
  const { stdout } = await farcallAgainst(ANSWERS, ['versions', '--json']);
  const { controller, agents } = JSON.parse(stdout);
  expect(controller).toBe('0.10.2');
  expect(agents[3]).toMatchObject({ version: '0.9.7', hosts: ['web-1', 'web-2', 'web-3', 'web-4'] });
});

test('versions are compared by their numbers, and a release candidate as its release', () => {
  expect(['0.10.0', '0.9.9', '1.0', '0.9.10'].toSorted(compareVersions)).toEqual([
    '0.9.9',
    '0.9.10',
    '0.10.0',
    '1.0',
  ]);
  expect(compareVersions('0.9.1-rc1', '0.9.1')).toBe(0);
  expect([minorDistance('0.9.1', '0.10.7'), minorDistance('0.9', '0.12')]).toEqual([1, 3]);
  expect(minorDistance('1.0.0', '0.9.0')).toBe(Number.POSITIVE_INFINITY);
});
