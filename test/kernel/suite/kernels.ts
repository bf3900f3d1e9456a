import {
  type DebianArch,
  KERNEL_SUITES,
  type KernelFlavour,
  type KernelSeries,
} from '../../../tools/machine/index.ts';

/** A kernel that the suite is run on. */
export interface SuiteKernel {
  readonly arch: DebianArch;
  readonly series: KernelSeries;
  readonly flavour: KernelFlavour;
}

const SERIES = Object.keys(KERNEL_SUITES) as KernelSeries[];
const FLAVOURS: readonly KernelFlavour[] = ['generic', 'cloud'];

/**
 * Kernels for arm64: one boot for each series, which differ in what matters here: pages of 4 and of 16 KiB,
 * addresses of 48 and of 52 bits, with and without symbols of data, CRCs and preemption.
 */
const ARM64: readonly SuiteKernel[] = [
  { arch: 'arm64', series: '6.1', flavour: 'generic' },
  { arch: 'arm64', series: '6.12', flavour: '16k' },
  { arch: 'arm64', series: '7.2', flavour: 'generic' },
];

/**
 * Whether the suite calls from the command line there: on one kernel of each CPU. What of a call depends on
 * the kernel is tried on all, without a process for each.
 */
export function callsFromCommandLine({ series, flavour }: SuiteKernel): boolean {
  return series === '7.2' && flavour === 'generic';
}

/** Every kernel that must pass the suite. */
export const SUITE_KERNELS: readonly SuiteKernel[] = [
  ...SERIES.flatMap(series => FLAVOURS.map(flavour => ({ arch: 'amd64', series, flavour }) as const)),
  ...ARM64,
];
