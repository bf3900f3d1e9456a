import { KERNEL_SUITES, type KernelFlavour, type KernelSeries } from '../machine/index.ts';

/** A kernel that the suite is run on. */
export interface SuiteKernel {
  readonly series: KernelSeries;
  readonly flavour: KernelFlavour;
}

const FLAVOURS: readonly KernelFlavour[] = ['generic', 'cloud'];

/** Every kernel that must pass the suite. */
export const SUITE_KERNELS: readonly SuiteKernel[] = (Object.keys(KERNEL_SUITES) as KernelSeries[]).flatMap(
  series => FLAVOURS.map(flavour => ({ series, flavour })),
);
