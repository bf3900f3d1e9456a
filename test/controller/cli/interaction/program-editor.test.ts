import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../../../controller/cli/core/index.ts';
import { callRequestCodec } from '../../../../shared/messages/index.ts';
import { testTerminal } from '../../../kit/terminal-kit.ts';
import { type CannedAnswers, farcallAgainst, REQUEST, VIEWS } from '../support/canned-answers.ts';
import { planKernel, planView } from '../support/canned-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-editor-'));
const kept: string[] = [];
afterEach(() => {
  for (const file of kept.splice(0)) rmSync(dirname(file), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * An editor that saves what it was shown as seen-1.c, seen-2.c and so on, and writes these programs one after
 * the other.
 */
function editor(...programs: string[]): { readonly VISUAL: string; readonly seen: (time: number) => string } {
  const state = mkdtempSync(join(folder, 'state-'));
  for (const [index, program] of programs.entries())
    writeFileSync(join(state, `write-${index + 1}`), program);
  const script = join(state, 'editor.sh');
  // It keeps the comments after the program, as a person would.
  writeFileSync(
    script,
    `n=$(( $(ls ${state} | grep -c seen) + 1 )); cp "$1" ${state}/seen-$n.c; stat -c %a "$1" > ${state}/mode
     { cat ${state}/write-$n; sed -n '/>8/,$p' ${state}/seen-$n.c; } > "$1"\n`,
  );
  return { VISUAL: `sh ${script}`, seen: time => readFileSync(join(state, `seen-${time}.c`), 'utf8') };
}

const programs: string[] = [];
const ANSWERS: CannedAnswers = {
  async *planCall({ program, library, selector, effect }) {
    programs.push(program);
    const error = {
      code: 'SYMBOL_UNKNOWN',
      outcome: 'not-applicable',
      message: "line 1, column 1: no 'f'\n    f()\n    ^",
    } as const;
    const lacks = { error, steps: [], callees: [], ending: undefined, module: undefined, effect: undefined };
    const says = program.startsWith('f()') ? lacks : {};
    const kernels = [planKernel('6.1.0-18-amd64', 2, ['web-1'])];
    yield {
      asked: 1,
      answered: 1,
      plan: await planView(
        kernels,
        { 'web-1': says },
        { program, library, selector, effect: effect as 'call' },
      ),
    };
  },
  async prepareRequest({ program, library, selector, reason }) {
    const request = callRequestCodec.encode({
      ...{
        ...REQUEST,
        rollout: undefined,
        program,
        library,
        selector,
        reason: reason === 'twist' ? 'other' : reason,
      },
      createdAtMs: REQUEST.createdAtMs,
    });
    return { request, problems: [], lockedHosts: 0, locked: [] };
  },
  createRequest: async ({ request }) => ({
    ...{ ...VIEWS.awaiting, request, rollout: undefined, state: 'pending' },
  }),
};

async function farcall(args: readonly string[], env: { readonly VISUAL: string }, ...answers: string[]) {
  programs.length = 0;
  const terminal = testTerminal({ canAsk: true, ask: async () => answers.shift() ?? '' });
  const result = await farcallAgainst(ANSWERS, args, terminal, { VISUAL: env.VISUAL });
  const file = /--file (\S+)/.exec(result.stderr)?.[1];
  if (file) kept.push(file);
  return { ...result, file, programs: [...programs] };
}

const request = (reason = 'r'): string[] => ['request', '--hosts', '*', '--reason', reason];

describe('a program from an editor', () => {
  it('a program from an editor is sent without the comments', async () => {
    const env = editor('wake_up(1)\n');
    expect(await farcall(['plan', '--hosts', '*'], env)).toMatchObject({
      code: EXIT.ok,
      programs: ['wake_up(1)\n'],
      file: undefined,
    });
    expect(env.seen(1)).toMatch(/^\n\n\/\/ -+ >8 -+\n\/\/ The program ends at the line above/);
  });

  it('if the program from the editor is empty, nothing is sent', async () => {
    expect(await farcall(request(), editor(' \n'))).toMatchObject({
      ...{ code: EXIT.declined, programs: [], stderr: 'The program is empty. Nothing was sent.' },
    });
  });

  it('a program that compiles on no kernel can be edited again, with its problems shown', async () => {
    const env = editor('f()\n', 'g()\n');
    expect(await farcall(['plan', '--hosts', '*'], env, 'y')).toMatchObject({
      code: EXIT.ok,
      programs: ['f()\n', 'g()\n'],
    });
    expect(env.seen(2)).toMatch(
      /^f\(\)\n\n\/\/ -+ >8 -+\n\/\/ Problems so far:\n\/\/\n\/\/ line 1, column 1: no 'f'\n/,
    );
  });

  it('if the request fails, the program from the editor is kept for --file', async () => {
    const { code, file, stderr } = await farcall(request('twist'), editor('g()\n'));
    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain('its reason');
    expect(readFileSync(file ?? '', 'utf8')).toBe('g()\n');
    expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file ?? '')).mode & 0o777).toBe(0o700);
  });

  it('if the editor fails, the error names the file with the text', async () => {
    const { code, stderr } = await farcall(request(), { VISUAL: 'false' });
    expect(code).toBe(EXIT.usage);
    expect(stderr).toMatch(
      /the editor 'false' \(from VISUAL or EDITOR\) failed; your text is in \/\S+program\.c/,
    );
    const file = /in (\S+program\.c)/.exec(stderr)?.[1];
    if (file) kept.push(file);
  });
});

it.each([
  ['reason', { reason: 'other' }],
  ['selector', { selector: 'env=lab' }],
  ['lateJoiners', { lateJoiners: true }],
  ['rollout', { rollout: REQUEST.rollout }],
  ['program', { program: 'evil(); g()' }],
  ['policy', { policy: 'emergency' }],
  ['effect', { effect: 'read' }],
  ['timeoutMs', { timeoutMs: 60_000 }],
  ['fuel', { fuel: 60_000 }],
  ['lifetimeMs', { expiresAtMs: REQUEST.expiresAtMs + 1 }],
  ['requester', { requester: 'mallory' }],
] as const)(
  'a request that the controller prepares with another %s than was sent is not signed',
  async (member, changed) => {
    const made = { ...REQUEST, rollout: undefined, program: 'g()', selector: '*', reason: 'r', ...changed };
    const answers: CannedAnswers = {
      prepareRequest: async () => ({
        request: callRequestCodec.encode(made),
        problems: [],
        lockedHosts: 0,
        locked: [],
      }),
    };
    const { code, stderr } = await farcallAgainst(answers, [
      'request',
      'g()',
      '--no-plan',
      '--hosts',
      '*',
      ...['--reason', 'r', '--effect', 'call'],
    ]);
    expect(code).toBe(EXIT.refused);
    expect(stderr).toContain(`another request than was sent: its ${member} differs. It was not signed`);
  },
);
