import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../controller/cli/completion/place.ts';
import { SOURCES } from '../../../controller/cli/completion/sources.ts';
import { EXIT } from '../../../controller/cli/exit-codes.ts';
import { TOPICS } from '../../../controller/cli/help/index.ts';
import { buildProgram, commandsBelow } from '../../../controller/cli/program.ts';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { systemClock } from '../../../shared/clock/index.ts';
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
const all = commandsBelow(program).map(command => [pathOf(command), command] as const);
const leaves = all.filter(([, command]) => command.commands.length === 0);
const visible = leaves.filter(([path]) => path !== '__complete');

describe('every command', () => {
  it('is looked at', () => {
    expect(leaves.length).toBeGreaterThan(35);
  });

  it.each(leaves)('%s prints JSON for programs', (_path, command) => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });

  it.each(leaves)('%s takes nothing that completion does not know', (_path, command) => {
    const kinds = [
      ...command.options.map(kindOf).filter(kind => kind !== ''),
      ...command.registeredArguments.map(argument => argument.name()).filter(name => name !== 'words'),
    ];
    expect(kinds.filter(kind => !Object.hasOwn(SOURCES, kind))).toEqual([]);
  });

  it.each(visible)('%s teaches with examples and exit codes, as wide as a window', async path => {
    const { code, stdout } = await farcall([...path.split(' '), '--help']);
    expect(code).toBe(EXIT.ok);
    const examples = stdout.split('\nExamples:\n')[1]?.split('\n\n')[0] ?? '';
    const lines = examples.split('\n').filter(line => line.startsWith('  farcall '));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(`  farcall ${path}`);
    expect(stdout).toMatch(/\nExit codes:\n +0 {2}/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(await farcall(['help', ...path.split(' ')])).toEqual({ code: EXIT.ok, stdout, stderr: '' });
  });

  it.each(all.filter(([path]) => path !== '__complete'))('%s has a line in the list', (_path, command) => {
    expect(command.summary()).toMatch(/^.{5,60}$/);
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
  });
});

describe('the first page', () => {
  it('names every command and topic once, by what people do', async () => {
    const { stdout } = await farcall(['--help'], 80);
    for (const heading of ['Ask', 'Decide', 'Run', 'Look', 'Set up', 'Topics', 'Environment variables'])
      expect(stdout).toContain(`\n${heading}:\n`);
    for (const [, command] of visible.filter(([path]) => !path.includes(' ')))
      expect(stdout).toMatch(new RegExp(`^ {2}${command.name()} `, 'm'));
    for (const topic of Object.keys(TOPICS)) expect(stdout).toMatch(new RegExp(`^ {2}help ${topic} `, 'm'));
    await expect(stdout).toMatchFileSnapshot('./golden/help-80.txt');
  });

  it.each(Object.keys(TOPICS))('farcall help %s is a page', async topic => {
    const { code, stdout } = await farcall(['help', topic]);
    expect(code).toBe(EXIT.ok);
    expect(stdout.split('\n').length).toBeGreaterThan(12);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(JSON.parse((await farcall(['help', topic, '--json'])).stdout)).toEqual({
      topic,
      text: stdout.trimEnd(),
    });
  });
});

describe('what is misspelled', () => {
  it.each([
    [['aprove', 'x'], 'Did you mean approve?'],
    [['trust', 'publsh', 'x'], 'Did you mean publish?'],
    [['approve', 'x', '--digset', 'y'], 'Did you mean --digest?'],
    [['request', 'f()', '--hosts', '*', '--reason', 'r', '--lat-joiners'], 'Did you mean --late-joiners?'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish.'],
    [['help', 'wave'], 'Did you mean waves?'],
  ])('%j: %s', async (args, message) => {
    const { code, stdout, stderr } = await farcall(args);
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' });
    expect(stderr).toContain(message);
  });
});
