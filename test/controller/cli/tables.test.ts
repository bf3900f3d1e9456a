import { beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../../controller/cli/core/index.ts';
import { widthOf } from '../../../controller/cli/output/truncate.ts';
import {
  type AuditEntryView,
  callRequestCodec,
  type HostFacts,
  type HostView,
  hostFactsCodec,
  type RequestSummary,
  type RequestView,
} from '../../../shared/messages/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { START_MS } from '../../kit/cast.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';
import { type CannedAnswers, farcallAgainst, REQUEST, VIEWS } from './support/canned-answers.ts';
import { planKernel, planView } from './support/canned-plan.ts';

/** Text that could falsify a table: escapes, a bidirectional override, wide characters. */
const NASTY = '手順 17: wake\u001b[31m \u202eevil 🚀';

/** So long ago that a slow machine changes nothing. */
const AGO_MS = 5 * 3_600_000;

const SUMMARY: RequestSummary = {
  digest: sha256(Buffer.from('a request')),
  ...{ id: '7k2m9x4qw8rt', state: 'dispatched', requester: 'alice', selector: 'env=prod,kernel~6.1' },
  ...{ effect: 'call', reason: NASTY, createdAtMs: Date.now() - AGO_MS, expiresAtMs: Date.now() },
  ...{ expectedHosts: 5000, rolloutState: 'running', outcomes: [{ outcome: 'returned', hosts: 310 }] },
};
const SUMMARIES: RequestSummary[] = [
  SUMMARY,
  {
    ...{
      ...SUMMARY,
      id: 'qqfe1sa2hse0',
      state: 'finished',
      reason: 'the sysctl that we need',
      expectedHosts: 3,
    },
    outcomes: [
      { outcome: 'returned', hosts: 2 },
      { outcome: 'load-error', hosts: 1 },
    ],
  },
];

const FACTS: HostFacts = {
  ...{ protocol: 1, host: 'web-1', labels: {}, agentVersion: '0.1.0', kernelRelease: '6.12.48+deb13-amd64' },
  ...{
    arch: 'x86_64',
    vermagic: '6.12 SMP',
    modulesDisabled: false,
    sigEnforce: false,
    lockdown: '',
    taint: 0,
  },
  ...{ publicKey: '{}', bootId: '5a3b7c1e-0000-4000-8000-000000000000', observedAtMs: START_MS },
};

const hostView = (facts: Partial<HostFacts>, labels: Record<string, string>): HostView => ({
  ...{ facts: hostFactsCodec.encode({ ...FACTS, labels, ...facts }), kid: 'k'.repeat(43), labels },
  ...{ firstSeenAtMs: START_MS, lastSeenAtMs: Date.now() - AGO_MS, droppedMessages: 0 },
  ...{ removalSigners: [], labelSigners: [], labelsNumber: 0 },
});

const HOSTS = [
  hostView({}, { env: 'prod', role: 'web' }),
  hostView(
    { host: 'db-1', sigEnforce: true, kernelRelease: '6.1.0-18-amd64-with-a-long-name' },
    { env: 'prod', role: 'db' },
  ),
  hostView(
    { host: 'a-host-with-a-long-name', modulesDisabled: true, labels: { env: 'lab' } },
    { env: 'prod', rack: 'r17', row: 'north', site: 'frankfurt-2' },
  ),
];

const ENTRIES: readonly (readonly [kind: string, actor: string, detail: object])[] = [
  ['request-created', 'alice', { hosts: 5000 }],
  ['approval-added', 'bob', {}],
  ['wave-started', 'controller', { wave: 1 }],
  ['host-answered', 'web-1', { outcome: 'returned' }],
  ['host-answered', 'web-2', { outcome: 'load-error' }],
  ['rollout-paused', 'carol', { wave: 1, reason: NASTY.repeat(4) }],
  ['request-finished', 'controller', { returned: 1, 'load-error': 1 }],
];

/** A request of few hosts, with a program that tries to look like another. */
const SMALL: RequestView = {
  ...VIEWS.awaiting,
  request: callRequestCodec.encode({
    ...{ ...REQUEST, rollout: undefined, reason: NASTY, selector: 'env = prod , !canary|x' },
    ...{
      program: 'if (1)\n\treboot();\u202e // 手\n',
      expiresAtMs: 4_102_444_800_000,
      expectedHosts: 4,
      expectedHostsDigest: sha256(Buffer.from('x')),
    },
  }),
  ...{ state: 'pending', approvers: ['bob'], expectedHosts: 4, outcomes: [], rollout: undefined },
  kernels: [
    { kernelRelease: '6.12.48+deb13-amd64', arch: 'x86_64', hosts: 3, examples: ['web-1', 'web-2', 'web-3'] },
    { kernelRelease: '6.1.0-18-arm64', arch: 'aarch64', hosts: 1, examples: ['arm-1'] },
  ],
};

const PLAN = await planView(
  [planKernel('6.1.0-18-amd64', 4200, ['web-1']), planKernel('6.6.0-custom', 12, ['old-1'])],
  { 'web-1': { notes: [NASTY.replaceAll('\u001b', '').repeat(6)] } },
);

const ANSWERS: CannedAnswers = {
  listRequests: async () => ({ requests: SUMMARIES }),
  listEnrolments: async () => ({ enrolments: [] }),
  async *listHosts() {
    yield* HOSTS;
  },
  getRequest: async () => SMALL,
  async *listAudit() {
    for (const [index, [kind, actor, detail]] of ENTRIES.entries()) {
      const atMs = START_MS + index * 61_000;
      const entry: AuditEntryView = {
        seq: index + 1,
        atMs,
        kind,
        actor,
        detail: JSON.stringify(detail),
        hash: sha256(Buffer.from(kind)),
      };
      yield entry;
    }
  },
  async *planCall() {
    yield { asked: 2, answered: 1, plan: PLAN };
  },
};

const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['requests', ['requests']],
  ['hosts', ['hosts']],
  ['timeline', ['timeline', REQUEST.id]],
  ['approve', ['approve', REQUEST.id]],
  ['plan', ['plan', '_printk("hello\\n")', '--hosts', 'env=prod,!canary']],
];

/** The environment of somebody else than alice, who made the requests. */
const as = (name: string) => ({ FARCALL_NAME: name });

describe.each([40, 60, 80, 160])('at %i columns', columns => {
  it.each(COMMANDS)(
    'the output of farcall %s fits the terminal, and control characters in it are visible',
    async (name, args) => {
      const terminal = testTerminal({ columns, canAsk: true, ask: async () => 'n' });
      const { stdout, stderr } = await farcallAgainst(
        ANSWERS,
        args,
        terminal,
        as(name === 'approve' ? 'bob' : 'alice'),
      );
      // Times and digests differ in each run.
      const text = stdout
        .replace(/ 20\d\d-\d\d-\d\d \d\d:\d\d(?= {2}alice)/g, ' 2026-09-21 14:13')
        .replace(/ UTC\s+\((expired|in\s[^)]*)\)$/m, ' UTC (…)')
        .replace(/^( {2}plan +sha256:)[0-9a-f]+(?:\n +[0-9a-f]+)*$/m, '$1…');
      expect(stderr.replace(/^Not approved\.$/, '')).toBe('');
      // A digest stays one word, so that it can be copied.
      for (const line of stdout.split('\n').filter(each => !/^ +sha256:\S+$/.test(each)))
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202e]/);
      await expect(text).toMatchFileSnapshot(`./golden/${name}-${columns}.txt`);
    },
  );
});

describe('a confirmation', () => {
  const many: RequestView = { ...SMALL, expectedHosts: 5000 };
  let operator: string;
  beforeEach(() => {
    operator = 'bob';
  });
  const asked = async (view: RequestView, answer: string, ...args: string[]) => {
    const questions: string[] = [];
    const ask = async (question: string): Promise<string> => {
      questions.push(question);
      return answer;
    };
    const act = async () => VIEWS.running;
    const answers = {
      ...{ getRequest: async () => view, submitApproval: act, abortRequest: act, submitAction: act },
    };
    const { code, stderr } = await farcallAgainst(
      answers,
      args,
      testTerminal({ canAsk: true, ask }),
      as(operator),
    );
    return { code, stderr, questions };
  };
  const { id } = REQUEST;

  it('for few hosts the operator confirms with a yes', async () => {
    const { questions } = await asked(SMALL, 'n', 'approve', id);
    expect(questions).toEqual([
      expect.stringMatching(/^Approve exactly this, sha256:[0-9a-f]{64} at site LabQ9sd0vFpR\? \[y\/N\] $/),
    ]);
  });

  it.each(['y', 'yes', '4999', '5000 hosts', ''])(
    'for many hosts the answer %j is no confirmation',
    async answer => {
      const { code, questions } = await asked(many, answer, 'approve', id);
      expect(code).toBe(EXIT.declined);
      expect(questions[0]).toContain('This is about 5,000 hosts. Type that number to go on: ');
    },
  );

  it.each(['5000', ' 5,000 '])('for many hosts the operator confirms with their number: %j', async answer => {
    expect(await asked(many, answer, 'approve', id)).toMatchObject({ code: EXIT.ok, stderr: '' });
  });

  it('a confirmation uses the signed number of hosts if the controller reports fewer', async () => {
    const signed = callRequestCodec.encode({ ...REQUEST, expectedHosts: 5000 });
    const { questions } = await asked({ ...SMALL, request: signed }, 'y', 'approve', id);
    expect(questions[0]).toContain('5,000 hosts');
  });

  it.each([
    ['alice', 'alice asked for request 7k2m9x4qw8rt; an approval of it must come from somebody else'],
    [
      'mallory',
      'mallory cannot approve request 7k2m9x4qw8rt: version 3 of the trust bundle does not have mallory',
    ],
    ['carol', 'carol may not approve request 7k2m9x4qw8rt: only hosts with env=test'],
  ])('no confirmation is asked of %s, whose approval would not count', async (name, reason) => {
    operator = name;
    const limited = [{ name: 'carol', reason: 'only hosts with env=test' }];
    const { code, stderr, questions } = await asked({ ...SMALL, limited }, 'y', 'approve', id);
    expect([code, questions]).toEqual([EXIT.refused, []]);
    expect(stderr).toContain(reason);
  });

  it('a confirmation is asked of an approver who rejects what they may not approve', async () => {
    operator = 'carol';
    const limited = [{ name: 'carol', reason: 'only hosts with env=test' }];
    const { questions } = await asked({ ...SMALL, limited }, 'n', 'reject', id, '--reason', 'no');
    expect(questions).toHaveLength(1);
  });

  it('a confirmation counts the hosts of all waves up to the next manual one', async () => {
    const { questions } = await asked(VIEWS.awaiting, '4995', 'promote', id, '--reason', 'r');
    expect(questions).toEqual([
      'Promote at site LabQ9sd0vFpR?\nThis is about 4,995 hosts. Type that number to go on: ',
    ]);
  });

  it('an abort never asks for the number of hosts', async () => {
    const { questions } = await asked(many, 'n', 'abort', id, '--reason', 'r');
    expect(questions).toEqual([
      expect.stringMatching(/^Abort sha256:[0-9a-f]{64} at site LabQ9sd0vFpR\? \[y\/N\] $/),
    ]);
  });
});
