import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CONTROLLER_SOURCES } from '../../../controller/cli/completion/controller-sources.ts';
import { LOCAL_SOURCES } from '../../../controller/cli/completion/local-sources.ts';
import { isFromController } from '../../../controller/cli/completion/remembered-names.ts';
import { valueKindAt } from '../../../controller/cli/core/command-tree.ts';
import { EXIT, subcommandsOf } from '../../../controller/cli/core/index.ts';
import { TOPICS } from '../../../controller/cli/help/index.ts';
import { buildProgram } from '../../../controller/cli/program.ts';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { agentVersion } from '../../../shared/version/index.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';

async function farcall(args: readonly string[], columns = 100) {
  const terminal = testTerminal({ columns });
  const code = await runCli(args, { terminal, clock: systemClock, env: { HOME: '/nowhere' } });
  return { code, stdout: terminal.text(), stderr: terminal.stderr.join('\n') };
}

const context = { terminal: testTerminal(), clock: systemClock, env: {} };
const program = buildProgram(context, () => {});
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
const all = subcommandsOf(program).map(command => [pathOf(command), command] as const);
const leaves = all.filter(([, command]) => command.commands.length === 0);
const visible = leaves.filter(([path]) => path !== '__complete');

/** No line is wider than the window, unless one word of it is too long for any line. */
function expectFit(text: string, columns: number): void {
  const lines = text.split('\n').filter(line => line.split(/ +/).every(word => word.length < columns / 2));
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
}

describe('every command', () => {
  it('there are more than 35 commands to test', () => {
    expect(leaves.length).toBeGreaterThan(35);
  });

  it.each(leaves)('farcall %s has the option --json', (_path, command) => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });

  it.each(leaves)(
    'every argument and option value of farcall %s has a completion source',
    (_path, command) => {
      const kinds = [
        ...command.options.map(valueKindAt).filter(kind => kind !== ''),
        ...command.registeredArguments.map(argument => argument.name()).filter(name => name !== 'words'),
      ];
      const sourcesOf = (kind: string) => (isFromController(kind) ? CONTROLLER_SOURCES : LOCAL_SOURCES);
      expect(kinds.filter(kind => !Object.hasOwn(sourcesOf(kind), kind))).toEqual([]);
    },
  );

  it.each(visible)('the help of farcall %s has examples and exit codes, and fits a window', async path => {
    const { code, stdout } = await farcall([...path.split(' '), '--help']);
    expect(code).toBe(EXIT.ok);
    const examples = stdout.split('\nExamples:\n')[1]?.split('\n\n')[0] ?? '';
    const lines = examples.split('\n').filter(line => line.startsWith('  farcall '));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(`  farcall ${path}`);
    expect(stdout).toMatch(/\nExit codes:\n +0 {2}/);
    expect(await farcall(['help', ...path.split(' ')])).toEqual({ code: EXIT.ok, stdout, stderr: '' });
    for (const columns of [80, 100])
      expectFit((await farcall([...path.split(' '), '--help'], columns)).stdout, columns);
  });

  it('an option that may be repeated is not shown with an empty list as its default', async () => {
    const { stdout } = await farcall(['request', '--help']);
    expect(stdout).toContain('may be repeated');
    expect(stdout).not.toContain('[])');
  });

  it.each(leaves)('the help of farcall %s marks each option that is required', async (path, command) => {
    const { stdout } = await farcall([...path.split(' '), '--help'], 100);
    const marked = stdout
      .replaceAll(/\n {20,}/g, ' ')
      .split('\n')
      .filter(line => line.endsWith('(required)'));
    const required = command.options.filter(({ mandatory }) => mandatory);
    expect(marked.map(line => /--[a-z-]+/.exec(line)?.[0])).toEqual(required.map(({ long }) => long));
  });

  it('farcall plan --help says what its exit code 3 means for a plan', async () => {
    const { stdout } = await farcall(['plan', '--help']);
    expect(stdout).toContain('\n    3  a kernel did not answer, or would not run the program\n');
  });

  it.each(['approve', 'watch', 'report', 'timeline', 'pause --reason x'])(
    'farcall %s refuses a text that cannot be a request id, before it reads any configuration',
    async command => {
      expect(await farcall([...command.split(' '), 'NO!'])).toMatchObject({
        code: EXIT.usage,
        stderr: expect.stringContaining("'NO!' is not a request id"),
      });
    },
  );

  it.each(all.filter(([path]) => path !== '__complete'))(
    'farcall %s has a one-line summary and a description that is a sentence',
    (_path, command) => {
      expect(command.summary()).toMatch(/^.{5,60}$/);
      expect(command.description()).toMatch(/^[A-Z].*\.$/);
    },
  );
});

describe('farcall --help', () => {
  it('the first page of help lists every command and every topic, grouped by what people do', async () => {
    const { stdout } = await farcall(['--help'], 80);
    for (const heading of ['Ask', 'Decide', 'Run', 'Look', 'Set up', 'Topics', 'Environment variables'])
      expect(stdout).toContain(`\n${heading}:\n`);
    for (const [, command] of visible.filter(([path]) => !path.includes(' ')))
      expect(stdout).toMatch(new RegExp(`^ {2}${command.name()} `, 'm'));
    for (const topic of Object.keys(TOPICS)) expect(stdout).toMatch(new RegExp(`^ {2}help ${topic} `, 'm'));
    await expect(stdout).toMatchFileSnapshot('./golden/help-80.txt');
  });

  it.each(Object.keys(TOPICS))('farcall help %s prints a page, and the same page as JSON', async topic => {
    const { code, stdout } = await farcall(['help', topic]);
    expect(code).toBe(EXIT.ok);
    expect(stdout.split('\n').length).toBeGreaterThan(12);
    for (const columns of [60, 80, 100]) expectFit((await farcall(['help', topic], columns)).stdout, columns);
    expect(JSON.parse((await farcall(['help', topic, '--json'])).stdout)).toEqual({
      topic,
      text: stdout.trimEnd(),
    });
  });
});

describe('errors under --json', () => {
  it.each([
    [['requests', '--json', '--state', 'nonsense'], 'CONFIG_INVALID', '--state:'],
    [['requests', '--json', '--stat', 'x'], 'USAGE', "unknown option '--stat'"],
    [['aprove', '--json'], 'USAGE', "unknown command 'aprove'"],
    [['watch', 'NO!', '--json'], 'CONFIG_INVALID', 'is not a request id'],
  ])('the error of farcall %j is one line of JSON on stderr', async (args, code, message) => {
    const { stdout, stderr, code: exit } = await farcall(args);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: EXIT.usage });
    expect(JSON.parse(stderr)).toEqual({
      error: { code, message: expect.stringContaining(message), hints: expect.any(Array), exit: EXIT.usage },
    });
  });
});

it('farcall --version prints the version', async () => {
  expect(await farcall(['--version'])).toEqual({
    code: EXIT.ok,
    stdout: `farcall ${agentVersion()}\n`,
    stderr: '',
  });
});

describe('a misspelled command line', () => {
  it.each([
    [['aprove', 'x'], 'Did you mean approve?'],
    [['trust', 'publsh', 'x'], 'Did you mean publish?'],
    [['approve', 'x', '--digset', 'y'], 'Did you mean --digest?'],
    [['request', 'f()', '--hosts', '*', '--reason', 'r', '--lat-joiners'], 'Did you mean --late-joiners?'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish.'],
    [['help', 'wave'], 'Did you mean waves?'],
  ])('farcall %j is a usage error that says: %s', async (args, message) => {
    const { code, stdout, stderr } = await farcall(args);
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
    expect(stderr).toContain(message);
  });
});
