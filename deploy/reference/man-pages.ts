import type { Command } from 'commander';
import { controllerProgram } from '../../controller/program.ts';
import { AGENT_HELP, farcallProgram, leavesOf } from './command-line.ts';

/** A page of the manual. */
export interface ManPage {
  /** The program that it belongs to. */
  readonly program: 'farcall' | 'farcall-agent' | 'farcall-controller';
  /** Its file, such as farcall-host-enrol.1. */
  readonly file: string;
  /** In the macros of man(7). */
  readonly text: string;
}

/** The pages of all three programs: one for each program and each command, from what `--help` prints. */
export function manPages(): ManPage[] {
  return [
    ...pagesOf('farcall', farcallProgram(), '1'),
    ...pagesOf('farcall-controller', controllerProgram(), '8'),
    ...agentPages(),
  ];
}

function pagesOf(program: ManPage['program'], root: Command, section: string): ManPage[] {
  const leaves = leavesOf(root);
  const overview = {
    ...{ program, file: `${program}.${section}` },
    text: manPage(program, section, root.description(), [
      ...helpSections(root),
      ['Commands', leaves.map(({ path }) => `${path.replaceAll(' ', '-')}(${section})`).join('\n')],
    ]),
  };
  const commands = leaves.map(({ path, command }) => {
    const name = path.replaceAll(' ', '-');
    const text = manPage(name, section, command.summary() || command.description(), helpSections(command));
    return { program, file: `${name}.${section}`, text };
  });
  return [overview, ...commands];
}

/** The help of a command, cut at its headings: lines at the margin that end with a colon. */
function helpSections(command: Command): [heading: string, text: string][] {
  const parts: string[] = [];
  const output = command.configureOutput();
  command.configureOutput({ ...output, writeOut: text => void parts.push(text) });
  command.outputHelp();
  command.configureOutput(output);
  return sectionsIn(parts.join(''));
}

function sectionsIn(help: string): [heading: string, text: string][] {
  const sections: [heading: string, lines: string[]][] = [['Description', []]];
  for (const line of help.split('\n')) {
    const [, heading, rest = ''] = /^(Usage|[A-Z][A-Za-z ]*(?=:$)):(?: (.*))?$/.exec(line) ?? [];
    if (heading === undefined) sections.at(-1)![1].push(line);
    else if (heading === 'Usage') sections.unshift(['Synopsis', [rest]]);
    else sections.push([heading, rest === '' ? [] : [rest]]);
  }
  return sections
    .map(([heading, lines]): [string, string] => [heading, lines.join('\n').replace(/^\n+|\s+$/g, '')])
    .filter(([, text]) => text !== '');
}

function agentPages(): ManPage[] {
  const program = 'farcall-agent';
  const pages = AGENT_HELP.map(help => {
    const [usage = '', ...rest] = help.trimEnd().split('\n');
    const words = usage.split(' ').filter(word => /^[a-z][a-z-]*$/.test(word));
    const name = words.join('-');
    const body = rest.join('\n').trim();
    const summary = /^[^.:]*/.exec(body)?.[0].replaceAll('\n', ' ') ?? '';
    const sections: [string, string][] = [['Synopsis', usage], ...sectionsIn(body)];
    return { program, file: `${name}.8`, text: manPage(name, '8', summary, sections) } as const;
  });
  const commands = pages.map(({ file }) => `${file.slice(0, -2)}(8)`).join('\n');
  const overview = manPage(program, '8', 'the agent of a host in a farcall site', [['Commands', commands]]);
  return [{ program, file: `${program}.8`, text: overview }, ...pages];
}

function manPage(
  name: string,
  section: string,
  summary: string,
  sections: readonly (readonly [heading: string, text: string])[],
): string {
  return [
    `.TH ${name.toUpperCase()} ${section} "" farcall farcall`,
    '.SH NAME',
    `${escaped(name)} \\- ${escaped(summary.replace(/\.$/, ''))}`,
    ...sections.flatMap(([heading, text]) => [
      `.SH ${heading.toUpperCase()}`,
      '.nf',
      ...text.split('\n').map(escaped),
      '.fi',
    ]),
    '',
  ].join('\n');
}

/** `line` as text of roff: a backslash, a hyphen and a dot or quote at the beginning are not its own. */
function escaped(line: string): string {
  return line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
