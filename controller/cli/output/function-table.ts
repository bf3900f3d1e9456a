import type { FunctionGroup, FunctionList, KnownKernel } from '../../../shared/messages/index.ts';
import { grouped, printable } from '../../views/index.ts';
import { wrap } from './wrap.ts';

/** So many kernels are named by their numbers; of more it is said how many. */
const NUMBERED_LIMIT = 4;

/**
 * The functions of a list as lines, each with the kernels that have it so, and below them which kernels those are. Prototypes are
 * wrapped, never cut: what an operator calls he must see whole.
 */
export function renderFunctions({ groups, kernels, truncated }: FunctionList, columns: number): string[] {
  const known = kernels.filter(({ known: isKnown }) => isKnown);
  const numbers = new Map(known.map((kernel, index) => [keyOf(kernel), index + 1]));
  const rows = groups.map(group => ({ where: whereOf(group, numbers), what: whatOf(group) }));
  const hang = Math.max('IN'.length, ...rows.map(({ where }) => where.length)) + 2;
  const lines = rows.flatMap(({ where, what }) => wrap(`${where.padEnd(hang)}${what}`, { columns, hang }));
  const more = truncated ? ['', `There are more: the first ${groups.length} are shown (--limit).`] : [];
  return [`${'IN'.padEnd(hang)}FUNCTION`, ...lines, ...more, '', ...kernelLines(kernels, numbers, columns)];
}

/** `all`, or the numbers of the kernels that have it. */
function whereOf({ kernels }: FunctionGroup, numbers: ReadonlyMap<string, number>): string {
  if (kernels.length === numbers.size) return 'all';
  const own = kernels.map(kernel => numbers.get(keyOf(kernel)) ?? 0).sort((one, other) => one - other);
  return own.length <= NUMBERED_LIMIT ? own.join(' ') : `${own.length} of ${numbers.size}`;
}

/** `int f(int a)`, and what keeps a program from calling it. */
function whatOf({ name, prototype, module, note }: FunctionGroup): string {
  const holder = module === '' ? '' : `  [${module}]`;
  const why = note === '' ? '' : `  (${note})`;
  return printable(`${prototype || name}${holder}${why}`);
}

function kernelLines(
  kernels: readonly KnownKernel[],
  numbers: ReadonlyMap<string, number>,
  columns: number,
): string[] {
  const hang = String(numbers.size).length + 4;
  const lines = kernels.flatMap(kernel => {
    const number = String(numbers.get(keyOf(kernel)) ?? '-').padStart(hang - 2);
    return wrap(`${number}  ${kernelText(kernel, kernels)}`, { columns, hang });
  });
  return ['Kernels:', ...lines];
}

function kernelText(kernel: KnownKernel, all: readonly KnownKernel[]): string {
  const { release, version, arch, hosts, known, sourceHost, problem = '' } = kernel;
  const short = shortName(kernel);
  const isOnly = all.filter(other => shortName(other) === short).length === 1;
  const name = isOnly ? short : `${release} ${version} ${arch}`;
  const count = `${grouped(hosts)} host${hosts === 1 ? '' : 's'}`;
  const word = known ? `by the word of ${sourceHost ?? 'a host'}` : `not known yet: ${problem}`;
  return printable(`${name}, ${count}, ${word}`);
}

function shortName({ release, arch }: KnownKernel): string {
  return `${release} ${arch}`;
}

function keyOf({ release, version, arch }: Pick<KnownKernel, 'release' | 'version' | 'arch'>): string {
  return JSON.stringify([release, version, arch]);
}
