import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CompletionInput, ShellCandidate } from '../../../../controller/cli/completion/candidate.ts';
import { answerShell } from '../../../../controller/cli/completion/index.ts';
import { rememberedNames } from '../../../../controller/cli/completion/remembered-names.ts';
import { commandTree } from '../../../../controller/cli/core/index.ts';
import { buildProgram } from '../../../../controller/cli/program.ts';
import { testTerminal } from '../../../kit/terminal-kit.ts';

let folder: string;
let nowMs: number;
let asked: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farcall-names-'));
  [nowMs, asked] = [1_000_000, 0];
});

afterEach(() => rmSync(folder, { recursive: true }));

const clock = { nowMs: () => nowMs };
const file = () => join(folder, 'farcall/names.json');

/** The names for a value; the controller has another name each time that it is asked. */
async function names(
  kind: string,
  { env = {}, ...rest }: Partial<CompletionInput> & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string[]> {
  const context = { clock, env: { XDG_CACHE_HOME: folder, HOME: folder, ...env } };
  const input = { typed: '', command: 'watch', operator: {}, ...rest, context };
  const ask = async (): Promise<readonly ShellCandidate[]> => [{ value: `name${++asked}` }];
  const found = await rememberedNames(kind, input, ask);
  return found === 'files' ? [] : found.map(({ value }) => value);
}

describe('the names that a controller gave', () => {
  it('they are remembered for five seconds, and no longer', async () => {
    expect(await names('id')).toEqual(['name1']);
    nowMs += 4999;
    expect(await names('id')).toEqual(['name1']);
    nowMs += 1;
    expect(await names('id')).toEqual(['name2']);
    // A clock that was put back makes nothing young again.
    nowMs -= 60_000;
    expect(await names('id')).toEqual(['name3']);
  });

  it('another command, value, operator, context or configuration is another question', async () => {
    await names('id');
    expect(await names('id', { typed: 'f' })).toEqual(['name1']);
    expect(await names('id', { command: 'approve' })).toEqual(['name2']);
    expect(await names('host')).toEqual(['name3']);
    expect(await names('host', { typed: 'w' })).toEqual(['name4']);
    expect(await names('id', { env: { FARCALL_NAME: 'bob' } })).toEqual(['name5']);
    expect(await names('id', { operator: { context: 'lab' } })).toEqual(['name6']);
    mkdirSync(join(folder, '.config/farcall'), { recursive: true });
    writeFileSync(join(folder, '.config/farcall/config.json'), '{}');
    expect(await names('id')).toEqual(['name7']);
  });

  it('their file and its folder are open to their person alone', async () => {
    await names('id');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'farcall')).mode & 0o777).toBe(0o700);
  });

  it('a file that others can read or write does not count', async () => {
    await names('id');
    for (const mode of [0o620, 0o602, 0o604]) {
      chmodSync(file(), mode);
      const before = asked;
      await names('id');
      expect(asked).toBe(before + 1);
    }
  });

  it.each(['', '[', '{}', '[{"key":1}]', 'null'])(
    'a file with the text %j counts as none, and the controller is asked',
    async text => {
      await names('id');
      writeFileSync(file(), text);
      expect(await names('id')).toEqual(['name2']);
      expect(await names('id')).toEqual(['name2']);
    },
  );

  it('without a folder for caches the controller is asked each time, and nothing is written', async () => {
    const env = { XDG_CACHE_HOME: '', HOME: '' };
    expect([...(await names('id', { env })), ...(await names('id', { env }))]).toEqual(['name1', 'name2']);
    expect(existsSync(file())).toBe(false);
  });
});

it('the commands that a release has in a file give the same answers as the commands themselves', async () => {
  const context = { clock, env: {} };
  const program = commandTree(buildProgram({ ...context, terminal: testTerminal() }, () => undefined));
  const fromFile = JSON.parse(JSON.stringify(program));
  for (const words of [[''], ['trust', ''], ['request', '--'], ['request', '--effect', ''], ['help', '']]) {
    const [one, other] = [
      await answerShell(program, context, 'zsh', words),
      await answerShell(fromFile, context, 'zsh', words),
    ];
    expect(one.length).toBeGreaterThan(2);
    expect(other).toEqual(one);
  }
});
