import { describe, expect, it } from 'vitest';
import { renderPlan } from '../../../../controller/cli/output/plan-text.ts';
import { wrap } from '../../../../controller/cli/output/wrap.ts';
import { groupPlan, planToJson, readPlan, wouldRunEverywhere } from '../../../../controller/views/index.ts';
import { type PlanReply, planCodec, planReplyCodec } from '../../../../shared/messages/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import { planKernel, planView } from '../support/canned-plan.ts';

const FLEET = [
  planKernel('6.1.0-18-amd64', 4200, ['web-1']),
  planKernel('6.12.48+deb13-amd64', 500, ['web-2']),
  planKernel('5.10.0-30-amd64', 288, ['db-1']),
  planKernel('6.6.0-custom', 12, ['old-1']),
];
const LACKS = {
  code: 'SYMBOL_UNKNOWN',
  outcome: 'not-applicable',
  message:
    "line 1, column 1: this kernel has no function '_printk'; did you mean 'printk'?\n    _printk(\"hello\\n\")\n    ^",
} as const;
const NOTHING: Partial<PlanReply> = {
  steps: [],
  callees: [],
  answers: [],
  indirectCalls: [],
  ending: undefined,
  module: undefined,
  effect: undefined,
};

describe('a plan for people', () => {
  it('a plan for 5,000 hosts has one line for each kernel, and each answer once', async () => {
    const signing = { anchor: 'fleet-2026', enforcing: 312, trusting: 300, distrusting: 12, silent: 0 };
    const says = { 'web-1': {}, 'web-2': {}, 'db-1': { ...NOTHING, error: LACKS } };
    const view = await planView(FLEET, says, { signing });
    const read = readPlan(view);
    // Hosts have new keys in each run, and the digest covers what they signed.
    const text = renderPlan(read, 80).map(line =>
      line.replace(/^ {2}plan {3}sha256:[0-9a-f]{64}$/, '  plan   sha256:…'),
    );
    expect(Math.max(...text.map(line => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatchInlineSnapshot(`
      [
        "Plan 7k2m9x4qw8rt for 5000 hosts; 3 of 4 asked hosts answered; nothing was run",
        "  hosts  env=prod,!canary",
        "  made   2026-09-21 14:13:20 UTC by alice",
        "  plan   sha256:…",
        "  trust  312 hosts enforce signatures: 300 trust fleet-2026, 12 trust no key of",
        "         ours",
        "",
        "4700 hosts: would load it as a module",
        "  6.1.0-18-amd64 x86_64: 4200 hosts, asked web-1",
        "  6.12.48+deb13-amd64 x86_64: 500 hosts, asked web-2",
        "  effect call",
        "  callee int _printk(const char *fmt, ...)",
        "  1:1    call _printk((const char *)"hello\\n")",
        "  ends   returned ?",
        "  module 4212 bytes",
        "         sha256:7777777777777777777777777777777777777777777777777777777777777777",
        "",
        "288 hosts: would not run it: not-applicable",
        "  5.10.0-30-amd64 x86_64: 288 hosts, asked db-1",
        "  error  line 1, column 1: this kernel has no function '_printk'; did you mean",
        "         'printk'?",
        "",
        "12 hosts: no answer in time (--wait 1m waits longer)",
        "  6.6.0-custom x86_64: 12 hosts, asked old-1",
      ]
    `);
    expect(wouldRunEverywhere(read)).toBe(false);
  });

  it('a program would run everywhere if every kernel answers and none refuses', async () => {
    const read = readPlan(await planView(FLEET.slice(0, 2), { 'web-1': {}, 'web-2': {} }));
    expect(groupPlan(read)).toHaveLength(1);
    expect(wouldRunEverywhere(read)).toBe(true);
  });

  it('kernels that answer a question of the program otherwise are apart, each with its answer', async () => {
    const question = '__has_parameters(thaw_super, 2)';
    const asked = (answer: number) => ({ answers: [{ question, answer, line: 1, column: 1 }] });
    const view = await planView(FLEET, { 'web-1': asked(1), 'web-2': asked(0), 'db-1': asked(1) });
    const lines = renderPlan(readPlan(view), 80);
    expect(lines.filter(line => line.startsWith('  asks '))).toEqual([
      `  asks   ${question}: yes`,
      `  asks   ${question}: no`,
    ]);
  });

  it('hosts with the same kernel and different answers are shown separately', async () => {
    const kernels = [planKernel('6.1.0', 2, ['web-1', 'web-2'])];
    const refusals = [
      { code: 'POLICY_REFUSED', message: "this host's policy, effects: a call is not allowed" },
    ] as const;
    const read = readPlan(await planView(kernels, { 'web-1': {}, 'web-2': { refusals: [...refusals] } }));
    const text = renderPlan(read, 80).join('\n');
    expect(text).toContain('2 hosts: hosts with the same kernel gave different answers');
    expect(text).toContain('web-2 would not run it:');
    expect(text).toContain('refused this host');
  });

  it('if a release has several builds, the plan names the build', async () => {
    const kernels = [planKernel('6.1.0', 3, ['a'], '#1 SMP'), planKernel('6.1.0', 2, ['b'], '#2 SMP')];
    const text = renderPlan(readPlan(await planView(kernels, { a: {}, b: {} })), 80).join('\n');
    expect(text).toContain('6.1.0 x86_64 (#2 SMP): 2 hosts, asked b');
  });

  it('a plan never contains characters that a terminal interprets', async () => {
    const steps = [{ kind: 'call', line: 1, column: 1, text: 'f("\u2066\u202e")' }] as const;
    const view = await planView([planKernel('6.1\u001b[0m', 1, ['a'])], { a: { steps: [...steps] } });
    const text = renderPlan(readPlan(view), 80).join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u001b\u2066\u202e]/);
    expect(text).toContain('\\u{2066}\\u{202e}');
  });

  it('a plan can be printed as JSON', async () => {
    const view = await planView(FLEET, { 'web-1': {}, 'db-1': { ...NOTHING, error: LACKS } });
    expect(JSON.parse(JSON.stringify(planToJson(readPlan(view))))).toMatchObject({
      id: '7k2m9x4qw8rt',
      digest: Buffer.from(sha256(view.plan)).toString('hex'),
      expectedHosts: 5000,
      answers: [{ host: 'web-1' }, { host: 'db-1', error: { code: 'SYMBOL_UNKNOWN' } }],
      groups: [
        { hosts: 4200, answers: [{ hosts: ['web-1'], wouldRun: true }] },
        { hosts: 288, answers: [{ hosts: ['db-1'], wouldRun: false }] },
        { hosts: 512, answers: [] },
      ],
    });
  });
});

describe('reading a plan', () => {
  it('a plan with another digest than the request names is refused', async () => {
    const view = await planView(FLEET, {});
    expect(readPlan(view, sha256(view.plan)).plan.expectedHosts).toBe(5000);
    expect(() => readPlan(view, sha256(Buffer.from('x')))).toThrow('a different plan from the one');
  });

  it('a plan with answers to another query is refused', async () => {
    const view = await planView(FLEET, { 'web-1': {} }, { queryFor: Buffer.from('another query') });
    expect(() => readPlan(view)).toThrow('an answer of web-1 to another question');
    const stranger = await planView(FLEET, { 'web-9': {} });
    expect(() => readPlan(stranger)).toThrow('an answer of web-9');
  });

  it('a reply in a plan names its host', async () => {
    const view = await planView(FLEET, { 'web-1': {} });
    const [signed] = planCodec.decode(view.plan).replies;
    expect(planReplyCodec.decode(signed!.reply).host).toBe('web-1');
  });
});

describe('wrapping text', () => {
  it.each([
    ['short', 20, 2, ['short']],
    ['one two three four five six', 22, 2, ['one two three four', '  five six']],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 22, 2, ['aaaaaaaaaaaaaaaaaaaaaa', '  aaaaaaaa']],
    [
      'wide '.repeat(20).trim(),
      Number.POSITIVE_INFINITY,
      2,
      [expect.stringMatching(/^.{75,80}$/), expect.any(String)],
    ],
  ])('the text %j is wrapped at %d columns', (text, columns, hang, lines) => {
    expect(wrap(text, { columns, hang })).toEqual(lines);
  });
});
