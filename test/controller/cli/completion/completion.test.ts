import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bashReply, readBashLine } from '../../../../controller/cli/completion/index.ts';
import { EXIT } from '../../../../controller/cli/core/index.ts';
import { START_MS } from '../../../kit/cast.ts';
import { type CannedAnswers, farcallAgainst } from '../support/canned-answers.ts';

/** COMP_WORDBREAKS as bash has it. */
const WORD_BREAKS = ' \t\n"\'><=;|&(:';

let calls = 0;
const summary = (id: string, state: 'pending' | 'finished', reason: string) => ({
  ...{
    id,
    digest: new Uint8Array(32),
    state,
    requester: 'alice',
    selector: '*',
    effect: 'call' as const,
    reason,
    outcomes: [],
  },
  ...{
    createdAtMs: START_MS,
    expiresAtMs: START_MS + 1000,
    expectedHosts: 1,
    rolloutState: 'waiting' as const,
  },
});
const ANSWERS: CannedAnswers = {
  async listRequests({ states = [] }) {
    calls += 1;
    const all = [summary('done1', 'finished', 'old'), summary('open1', 'pending', 'x\u001b[2J\ty')];
    return { requests: all.filter(({ state }) => states.length === 0 || states.includes(state)) };
  },
  async listEmergencies() {
    calls += 1;
    const emergency = { begunAtMs: START_MS, dueAtMs: START_MS, reviewers: 2, reviews: [] };
    return { emergencies: [{ request: summary('emer1', 'finished', 'fire'), approvers: [], emergency }] };
  },
  async listFunctions({ pattern }) {
    calls += 1;
    const names = ['wake_up_process', 'wake_up_state'].filter(name =>
      name.startsWith(pattern.replace('*', '')),
    );
    const groups = names.map(name => ({
      name,
      prototype: `int ${name}(void)`,
      module: '',
      kernels: [],
      note: '',
    }));
    return { groups, truncated: false, similar: [], kernels: [] };
  },
};

async function complete(shell: string, ...words: string[]): Promise<string[]> {
  calls = 0;
  const { code, stdout, stderr } = await farcallAgainst(ANSWERS, [
    '__complete',
    shell,
    '--json',
    '--',
    ...words,
  ]);
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' });
  expect(calls).toBeLessThanOrEqual(1);
  return JSON.parse(stdout);
}

describe('completion', () => {
  it('open requests come first, with printable descriptions', async () => {
    expect(await complete('fish', 'report', '')).toEqual([
      ':end',
      'open1\tpending, alice: x\\u{1b}[2J ⇥ y',
      'done1\tfinished, alice: old',
    ]);
  });

  it.each([
    ['approve', ['open1']],
    ['abort', ['open1']],
    ['promote', []],
    ['retry', ['done1']],
    ['review', ['emer1']],
    ['timeline', ['open1', 'done1']],
  ])('for farcall %s only requests are offered to which it can be done', async (command, ids) => {
    const lines = await complete('fish', command, '');
    expect(lines.slice(1).map(line => line.split('\t')[0])).toEqual(ids);
  });

  it('function names are completed, at the end of a program too', async () => {
    expect(await complete('zsh', 'functions', 'wake_up_p')).toEqual([
      ':end',
      'wake_up_process\tint wake_up_process(void)',
    ]);
    expect(await complete('bash', "farcall plan 'f(1); wake_up_s", WORD_BREAKS)).toEqual([
      ':end',
      'f(1); wake_up_state',
    ]);
    expect(await complete('zsh', 'functions', 'w')).toEqual([':end']);
    expect(calls).toBe(0);
  });

  it.each([
    [
      ['request', '--hosts', 'env=prod', '--re'],
      [':end', '--reason\tthe reason, for the approvers'],
    ],
    [
      ['completion', 'f'],
      [':end', 'fish'],
    ],
    [['approve', 'open1', '--yes', '--y'], [':end']],
    [
      ['request', '--wave', '1', '--wave', '1'],
      [':end', '1\thosts', '10%\thosts'],
    ],
    [
      ['report', 'x', '--group-by=outcome,er'],
      [':end', '--group-by=outcome,errno', '--group-by=outcome,error'],
    ],
    [
      ['requests', '--state', 'finished,pend'],
      [':end', 'finished,pending'],
    ],
    [['trust', 'sign', ''], [':files']],
    [['nonsense', ''], [':end']],
  ])('the words %j are completed from the command line itself', async (words, lines) => {
    expect(await complete('fish', ...words)).toEqual(lines);
  });

  it('if the controller refuses, completion offers nothing and prints no error', async () => {
    const refusing: CannedAnswers = { listRequests: () => Promise.reject(new Error('no')) };
    const { code, stdout, stderr } = await farcallAgainst(refusing, [
      '__complete',
      'zsh',
      '--',
      'approve',
      '',
    ]);
    expect({ code, stdout, stderr }).toEqual({ code: EXIT.ok, stdout: ':end\n', stderr: '' });
  });
});

describe('a command line of bash', () => {
  it.each([
    ['farcall hosts env=pr', ['hosts', 'env=pr'], 'env=prod', 'prod'],
    ["farcall hosts 'env=pr", ['hosts', 'env=pr'], 'env=prod', 'env=prod'],
    ['farcall hosts "a|$b', ['hosts', 'a|$b'], 'a|$bc', 'a|\\$bc'],
    ['farcall hosts a\\ b', ['hosts', 'a b'], 'a b(c)', 'a\\ b\\(c\\)'],
    ["farcall x 'it", ['x', 'it'], "it's", undefined],
    ['farcall  approve ', ['approve', ''], 'open1', 'open1'],
  ])('the line %j is split and answered as bash expects', (line, words, value, reply) => {
    const read = readBashLine(line, WORD_BREAKS);
    expect(read.words).toEqual(words);
    expect(bashReply(value, read)).toBe(reply);
  });

  it('any text can be split into words, of which bash keeps at most the last one', () => {
    fc.assert(
      fc.property(fc.string(), line => {
        const read = readBashLine(`farcall ${line}`, WORD_BREAKS);
        expect(read.words.length).toBeGreaterThan(0);
        expect(read.kept).toBeLessThanOrEqual(read.words.at(-1)?.length ?? 0);
      }),
    );
  });
});
