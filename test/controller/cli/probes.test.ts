import { expect, test } from 'vitest';
import { hostFactsCodec } from '../../../shared/messages/index.ts';
import { HOSTS, START_MS } from '../../kit/cast.ts';
import { factsOf } from '../../kit/host-statements.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { farcallAgainst } from './support/canned-answers.ts';

const HOUR_MS = 3_600_000;

test('an operator sees what is denied on hosts, how often, until when, and who was denied', async () => {
  const [host] = Object.values(HOSTS);
  const nowMs = Date.now();
  const probes = [
    {
      ...{ module: 'farcall_1b7061d94d28e595_1', requestId: '7k2m9x4qw8rt', function: 'alg_bind' },
      text: 'deny alg_bind with -EPERM while (current->cred->uid.val), for 7 days',
      ...{ sinceMs: nowMs - 5 * HOUR_MS, expiresAtMs: nowMs + HOUR_MS + 500 },
      ...{ hits: 12, missed: 1, abandoned: 0 },
      callers: [{ pid: 71, tgid: 71, uid: 1000, comm: 'exploit', atMs: nowMs - 2 * HOUR_MS }],
    },
    { module: 'farcall_2b7061d94d28e595_1', callers: [] },
  ];
  const answers = {
    async *listHosts() {
      yield {
        ...{ facts: hostFactsCodec.encode({ ...factsOf(host!), probes }), kid: 'k'.repeat(43) },
        ...{ labels: {}, firstSeenAtMs: START_MS, lastSeenAtMs: nowMs, droppedMessages: 0 },
        ...{ removalSigners: [], labelSigners: [], labelsNumber: 0 },
      };
    },
  };
  const terminal = testTerminal({ columns: 200 });
  const { stdout } = await farcallAgainst(answers, ['probes', '--callers'], terminal);
  expect(stdout).toMatch(/7k2m9x4qw8rt +12, 1 passed +5 h ago +in 60 min +deny alg_bind with -EPERM while/);
  expect(stdout).toContain('the module farcall_2b7061d94d28e595_1, which the host does not know');
  expect(stdout).toContain('alg_bind denied to exploit (process 71, user 1000) 2 h ago');
  const { stdout: json } = await farcallAgainst(answers, ['probes', '--json']);
  expect(JSON.parse(json)).toMatchObject(probes);
});
