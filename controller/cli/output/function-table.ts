import type { FunctionGroup, FunctionList, KnownKernel } from '../../../shared/messages/index.ts';
import { grouped, printable } from '../../views/index.ts';
import { wrap } from './wrap.ts';

/** A function of more kernels than this shows how many they are, instead of their numbers. */
const NUMBERED_LIMIT = 4;

/**
 * The functions of a list as lines, each with the kernels that have it with this prototype, and a legend of
 * the kernels below. Prototypes are wrapped and never truncated, because operators must see all of what they
 * call.
 */
export function renderFunctions({ groups, kernels, truncated }: FunctionList, columns: number): string[] {
  const known = kernels.filter(({ known: isKnown }) => isKnown);
  const numbers = new Map(known.map((kernel, index) => [keyOf(kernel), index + 1]));
  const areAllKnown = known.length === kernels.length;
  const rows = groups.map(group => ({
    kernelsText: kernelsTextOf(group, numbers, areAllKnown),
    functionText: functionTextOf(group),
  }));
  const hang = Math.max('IN'.length, ...rows.map(row => row.kernelsText.length)) + 2;
  const lines = rows.flatMap(({ kernelsText, functionText }) =>
    wrap(`${kernelsText.padEnd(hang)}${functionText}`, { columns, hang }),
  );
  const more = truncated ? ['', `These are the first ${groups.length}; --limit shows more.`] : [];
  return [`${'IN'.padEnd(hang)}FUNCTION`, ...lines, ...more, '', ...kernelLines(kernels, numbers, columns)];
}

/** `all` where all kernels are known and have the function, or the numbers of those that have it. */
function kernelsTextOf(
  { kernels }: FunctionGroup,
  numbers: ReadonlyMap<string, number>,
  areAllKnown: boolean,
): string {
  if (areAllKnown && kernels.length === numbers.size) return 'all';
  const own = kernels.map(kernel => numbers.get(keyOf(kernel)) ?? 0).sort((one, other) => one - other);
  return own.length <= NUMBERED_LIMIT ? own.join(' ') : `${own.length} of ${numbers.size}`;
}

/** `int f(int a)`, its module, and the reason if no program can call it. */
function functionTextOf({ name, prototype, module, note }: FunctionGroup): string {
  const moduleText = module === '' ? '' : `  [${module}]`;
  const reason = note === '' ? '' : `  (${note})`;
  return printable(`${prototype || name}${moduleText}${reason}`);
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
  const source = known ? `as reported by ${sourceHost ?? 'a host'}` : `not known yet: ${problem}`;
  return printable(`${name}, ${count}, ${source}`);
}

function shortName({ release, arch }: KnownKernel): string {
  return `${release} ${arch}`;
}

function keyOf({ release, version, arch }: Pick<KnownKernel, 'release' | 'version' | 'arch'>): string {
  return JSON.stringify([release, version, arch]);
}
