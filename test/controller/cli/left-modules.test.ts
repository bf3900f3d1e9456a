import { expect, test } from 'vitest';
import { hostFactsCodec } from '../../../shared/messages/index.ts';
import { HOSTS, START_MS } from '../../kit/cast.ts';
import { factsOf } from '../../kit/host-statements.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { farcallAgainst } from './support/canned-answers.ts';

const HOUR_MS = 3_600_000;

test('an operator sees in the list of hosts which of them carry modules of dead calls, and since when', async () => {
  const [host] = Object.values(HOSTS);
  const leftModules = [
    { name: 'farcall_1b7061d94d28e595_1', sinceMs: Date.now() - 5 * HOUR_MS },
    { name: 'farcall_2b7061d94d28e595_1', sinceMs: Date.now() - HOUR_MS },
  ];
  const view = (left: object) => ({
    ...{ facts: hostFactsCodec.encode({ ...factsOf(host!), ...left }), kid: 'k'.repeat(43) },
    ...{ labels: {}, firstSeenAtMs: START_MS, lastSeenAtMs: Date.now(), droppedMessages: 0 },
    ...{ removalSigners: [], labelSigners: [], labelsNumber: 0 },
  });
  const answers = {
    async *listHosts() {
      yield view({ leftModules });
      yield view({});
    },
  };
  const terminal = testTerminal({ columns: 200 });
  const { stdout } = await farcallAgainst(answers, ['hosts'], terminal);
  expect(stdout).toContain('yes, 2 of ours left 5 h ago');
  expect(stdout.match(/of ours left/g)).toHaveLength(1);
  const { stdout: json } = await farcallAgainst(answers, ['hosts', '--json']);
  expect(JSON.parse(json)[0].leftModules).toEqual(leftModules);
});
