import type { DebianArch, KernelSeries } from '../../../tools/machine/index.ts';

/** A kernel on which probes are tried. */
export interface ProbedKernel {
  readonly arch: DebianArch;
  readonly series: KernelSeries;
}

// One kernel alone, while something is looked into: FARCALL_WATCH_KERNELS='amd64 6.1'.
const only = process.env['FARCALL_WATCH_KERNELS']?.split(',');
/** One for each way in which kernels handle probes. */
export const PROBED_KERNELS: readonly ProbedKernel[] = (
  [
    ...(['5.10', '6.1', '6.12', '7.2'] as const).map(series => ({ arch: 'amd64', series }) as const),
    { arch: 'arm64', series: '7.2' },
  ] as const
).filter(({ arch, series }) => only?.includes(`${arch} ${series}`) ?? true);
