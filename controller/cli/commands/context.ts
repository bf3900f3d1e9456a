import { asciiJson } from '../../../shared/json/index.ts';
import { printable } from '../../views/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Identity, readIdentity } from '../identity.ts';
import { readIdentityFile, writeCurrentContext } from '../identity-file.ts';
import { renderTable } from '../output/table.ts';

/** Lists the contexts of the configuration; the one that counts has a star. */
export function contextList({ terminal, env }: CliContext, options: CommonOptions): ExitCode {
  const file = readIdentityFile({ configFile: options.config, env });
  const current = options.context ?? (env['FARCALL_CONTEXT'] || file.current);
  const list = [...file.contexts].map(([name, { controller, name: operator, keyFile }]) => ({
    ...{ context: name, isCurrent: name === current },
    ...{ controller: controller ?? null, name: operator ?? null, keyFile: keyFile ?? null },
  }));
  if (options.json) {
    terminal.print(asciiJson(list));
    return EXIT.ok;
  }
  const rows = list.map(({ context, isCurrent, controller, name, keyFile }) => [
    { text: isCurrent ? '*' : '' },
    { text: context || '(the only one)' },
    ...[controller, name, keyFile].map(text => ({ text: printable(text ?? '') })),
  ]);
  const headers = ['', 'CONTEXT', 'CONTROLLER', 'NAME', 'KEY FILE'];
  for (const line of renderTable({ headers, rows, flexible: [4, 2], width: terminal.columns }))
    terminal.print(line);
  return EXIT.ok;
}

/** Has another context count from now on. */
export function contextUse({ terminal, env }: CliContext, name: string, options: CommonOptions): ExitCode {
  const file = readIdentityFile({ configFile: options.config, env });
  writeCurrentContext(file, name);
  if (options.json) terminal.print(asciiJson({ context: name, file: file.path }));
  else terminal.print(`Context ${name} counts from now on (${file.path}).`);
  const overriding = env['FARCALL_CONTEXT'];
  if (overriding && overriding !== name)
    terminal.warn(`Here FARCALL_CONTEXT still says ${printable(overriding)}: unset it.`);
  return EXIT.ok;
}

const SHOWN: readonly (readonly [label: string, member: keyof Identity])[] = [
  ['context', 'contextName'],
  ['controller', 'controller'],
  ['name', 'name'],
  ['key', 'keyFile'],
  ['ca', 'caFile'],
  ['roots', 'rootsFile'],
];

/** Shows who one is, and where the controller is, once configuration and environment are put together. */
export function contextShow(
  { terminal, env }: CliContext,
  name: string | undefined,
  options: CommonOptions,
): ExitCode {
  const sources = { configFile: options.config, contextName: name ?? options.context, env };
  const identity = readIdentity(sources);
  if (options.json) {
    terminal.print(asciiJson({ ...identity, file: readIdentityFile(sources).path }));
    return EXIT.ok;
  }
  for (const [label, member] of SHOWN)
    if (identity[member] !== undefined) terminal.print(`${label.padEnd(11)}${printable(identity[member])}`);
  return EXIT.ok;
}
