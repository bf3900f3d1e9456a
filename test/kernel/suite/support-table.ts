import { AREAS, type Area } from './areas.ts';
import type { SuiteKernel } from './kernels.ts';

/** What one kernel was found to do. */
export interface KernelSupport extends SuiteKernel {
  readonly areas: Readonly<Record<Area, AreaSupport>>;
}

/** What came of the cases of one area. */
export interface AreaSupport {
  passed: number;
  failed: number;
  /** Names that this kernel has no types of, so that a program must declare them. */
  declared: string[];
  /** What the kernel lacks, for the cases that make no sense on it. */
  lacks: string[];
}

const BEGIN =
  '<!-- support table: written by test/kernel/write-support-table.ts from what the tests measured -->';
const END = '<!-- end of support table -->';

/** The CPUs in the order of their tables, and what people call them. */
const CPUS = { amd64: 'x86-64', arm64: 'AArch64' } as const;

/** The tables of docs/guide/kernels.md, one for each CPU. */
export function supportTables(kernels: readonly KernelSupport[]): string {
  return Object.entries(CPUS)
    .map(([arch, name]) =>
      supportTable(
        name,
        kernels.filter(kernel => kernel.arch === arch),
      ),
    )
    .join('\n\n');
}

/** A line for each kernel, a column for each area. */
function supportTable(cpu: string, kernels: readonly KernelSupport[]): string {
  const areas = Object.keys(AREAS) as Area[];
  const head = [cpu, ...areas.map(area => AREAS[area])];
  const rows = kernels.map(({ series, flavour, areas: found }) => [
    `${series} ${flavour}`,
    ...areas.map(area => cellOf(found[area])),
  ]);
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** Most names that a cell lists. */
const MOST_NAMES = 4;

/**
 * No counts: the table changes when a kernel does something else, not with every test that is added. A member
 * that is elsewhere in another kernel is no lack: there is a case for each of its places.
 */
function cellOf({ passed, failed, declared, lacks }: AreaSupport): string {
  if (failed > 0) return 'FAILS';
  if (passed === 0) return `no: lacks ${unique(lacks)}`;
  const missing = lacks.filter(name => !name.startsWith('member '));
  const but = missing.length > 0 ? `; lacks ${unique(missing)}` : '';
  const extern = declared.length > 0 ? `; \`extern\` for ${unique(declared)}` : '';
  return `yes${extern}${but}`;
}

function unique(names: readonly string[]): string {
  const distinct = [...new Set(names)].sort();
  if (distinct.length > MOST_NAMES) return 'some functions';
  return distinct.map(name => name.replace('typesOf', 'types of').replace(/@.*/, '')).join(', ');
}

/** `page` with the table of `kernels` between its markers. Throws if the markers are missing. */
export function withSupportTable(page: string, kernels: readonly KernelSupport[]): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/guide/kernels.md lacks the lines '${BEGIN}' and '${END}'`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${supportTables(kernels)}\n\n${page.slice(to)}`;
}
