import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../shared/errors/index.ts';
import { commandsIn, problemWith, wordsOf } from './commands.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUNBOOK = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');

const helps = new Map<string, string>();

/** What a program says of one of its commands. */
function helpOf(program: string, verb: string): string {
  const known = helps.get(`${program} ${verb}`);
  if (known !== undefined) return known;
  const help = execFileSync(join(ROOT, 'deploy/bin', program), [verb, '--help'], { encoding: 'utf8' });
  helps.set(`${program} ${verb}`, help);
  return help;
}

describe('docs/runbook.md', () => {
  const commands = commandsIn(RUNBOOK);

  it('the runbook names commands for each kind of machine', () =>
    expect(commands.length).toBeGreaterThan(40));

  const ofOperators = commands.filter(command => command.startsWith('farcall '));
  it.each(ofOperators)('the command line accepts: %s', async command => {
    expect(await problemWith(wordsOf(command))).toBeUndefined();
  });

  const ofHosts = commands.filter(command => /^farcall-(agent|controller) /.test(command));
  it.each(ofHosts)('the help of the program has the options of: %s', command => {
    const [name = '', verb = '', ...rest] = wordsOf(command);
    const help = helpOf(name, verb);
    expect(help).toContain(`${name} ${verb}`);
    for (const option of rest.filter(word => word.startsWith('--'))) expect(help).toContain(`${option} `);
  });

  it('docs/runbook.md would find a command that is not there, an option that is none, and one that is missing', async () => {
    expect(await problemWith(['farcall', 'stop', 'ID'])).toContain('unknown command');
    expect(await problemWith(['farcall', 'report', 'ID', '--force'])).toContain('unknown option');
    expect(await problemWith(['farcall', 'abort', 'ID'])).toContain("option '--reason <text>' not specified");
  });

  it('docs/runbook.md names error codes that there are', () => {
    const named = [...RUNBOOK.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code!);
    const known = [...Object.keys(ERROR_CODES), 'FARCALL_CONTROLLER'];
    expect(named.filter(code => !known.includes(code))).toEqual([]);
  });

  it('docs/runbook.md has a section for each line of its contents', () => {
    const anchors = [...RUNBOOK.matchAll(/^- \[(.*)\]\(#(.*)\)$/gm)];
    const titles = [...RUNBOOK.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(anchors.map(([, title]) => title)).toEqual(titles);
    for (const [, title = '', anchor] of anchors)
      expect(anchor).toBe(
        title
          .toLowerCase()
          .replace(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      );
  });
});
