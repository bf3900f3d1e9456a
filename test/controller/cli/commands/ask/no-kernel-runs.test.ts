import { expect, test } from 'vitest';
import { isWorthAsking } from '../../../../../controller/cli/commands/ask/no-kernel-runs.ts';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import type { OperatorIdentity } from '../../../../../controller/cli/session/index.ts';
import { readPlan } from '../../../../../controller/views/index.ts';
import { systemClock } from '../../../../../shared/clock/index.ts';
import { callRequestCodec, type LockedHost, type PlanReply } from '../../../../../shared/messages/index.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';
import { type CannedAnswers, farcallAgainst, REQUEST, VIEWS } from '../../support/canned-answers.ts';
import { planKernel, planView } from '../../support/canned-plan.ts';

const PROGRAM = 'g()';
const refused: Partial<PlanReply> = {
  refusals: [{ code: 'POLICY_REFUSED', message: 'the policy denies g' }],
} as Partial<PlanReply>;
const missing: Partial<PlanReply> = {
  error: { outcome: 'not-applicable', code: 'SYMBOL_UNKNOWN', message: 'no such name' },
  ...{ steps: [], callees: [], ending: undefined, module: undefined, effect: undefined },
} as Partial<PlanReply>;

/** A controller that prepares the request, and says what speaks against it. */
function controller(problems: { kernel: string; message: string }[], locked: LockedHost[] = []) {
  const locks = { locked, lockedHosts: locked.length === 0 ? 0 : locked.length + 3 };
  let made = 0;
  const answers: CannedAnswers = {
    async prepareRequest({ program, selector, reason }) {
      const request = { ...REQUEST, rollout: undefined, program, selector, reason };
      return { request: callRequestCodec.encode(request), problems, ...locks };
    },
    createRequest: async ({ request }) => {
      made += 1;
      return { ...VIEWS.awaiting, request, rollout: undefined, state: 'pending' };
    },
  };
  return { answers, made: () => made };
}

const args = ['request', PROGRAM, '--hosts', '*', '--reason', 'r'];

test('a program that compiles on no known kernel is asked about, without a plan too', async () => {
  const { answers, made } = controller([{ kernel: '6.1 x86_64', message: "no 'g'\nline 1" }]);
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return 'n';
  };
  const terminal = testTerminal({ canAsk: true, ask });
  const { code, stderr } = await farcallAgainst(answers, [...args, '--no-plan'], terminal);
  expect({ code, made: made() }).toEqual({ code: EXIT.declined, made: 0 });
  expect(questions).toEqual([
    expect.stringMatching(/^Make the request nevertheless at site \S+\? \[y\/N\] $/),
  ]);
  expect(stderr).toBe("No kernel that is known would run this:\n  6.1 x86_64: no 'g'\nNo request was made.");
});

test('a request that no known kernel would run is made after a yes, and with --yes', async () => {
  for (const [extra, answer] of [
    [[], 'y'],
    [['--yes'], 'n'],
  ] as const) {
    const { answers, made } = controller([{ kernel: '6.1', message: 'no' }]);
    const terminal = testTerminal({ canAsk: true, ask: async () => answer });
    const { code } = await farcallAgainst(answers, [...args, '--no-plan', ...extra], terminal);
    expect({ code, made: made() }).toEqual({ code: EXIT.ok, made: 1 });
  }
});

test('a script without --yes makes no request that no known kernel would run', async () => {
  const { answers, made } = controller([{ kernel: '6.1', message: 'no' }]);
  const { code, stderr } = await farcallAgainst(answers, [...args, '--no-plan']);
  expect({ code, made: made() }).toEqual({ code: EXIT.usage, made: 0 });
  expect(stderr).toContain('--yes goes on without a question');
});

test.each([
  ['one host would run it', { 'web-1': refused, 'web-2': {} }, []],
  ['no host answered', {}, []],
  [
    'every host would refuse it',
    { 'web-1': refused, 'web-2': missing },
    ['web-1: the policy denies g', 'web-2: no such name'],
  ],
] as const)('a plan by which %s decides whether the request is asked about', async (_case, says, reasons) => {
  const kernels = ['web-1', 'web-2'].map(host => planKernel(`6.1-${host}`, 1, [host]));
  const plan = readPlan(await planView(kernels, says));
  const asked = testTerminal({ canAsk: true, ask: async () => 'n' });
  const context = { terminal: asked, clock: systemClock, env: {} };
  const identity = { site: REQUEST.site, controller: 'ctl:1', contextName: undefined } as OperatorIdentity;
  const isMade = await isWorthAsking(context, { identity }, { plan, problems: [] });
  expect(isMade).toBe(reasons.length === 0);
  expect(asked.stderr.slice(1)).toEqual(reasons.map(reason => `  ${reason}`));
});

test('who asks is told which hosts the request leaves out because they are locked', async () => {
  const { answers, made } = controller([], [{ host: 'web-1', reason: 'stolen \u001b[2J' }]);
  const { code, stderr } = await farcallAgainst(answers, [...args, '--no-plan'], testTerminal());
  expect({ code, made: made() }).toEqual({ code: EXIT.ok, made: 1 });
  expect(stderr).toBe(
    '4 hosts match and are left out, because of a lock: web-1 (stolen \\u{1b}[2J), and 3 more',
  );
});
