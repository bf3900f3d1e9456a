/** Virtual machines with stock Debian kernels, for the tests, the demo and the benchmarks. */

export type { DebianArch } from './archive.ts';
export { type BootOptions, bootMachine } from './boot.ts';
export { cacheDirectory, ensureDirectory } from './cache.ts';
export type { GuestProcess, ProcessEnd } from './channel.ts';
export { CODE_CACHES, type CodeCache, codeCache } from './code-cache.ts';
export type { MachineConsole } from './console.ts';
export { ensureKernelFixtures, exportKernelFacts, type KernelFixtures } from './fixtures.ts';
export { ensureKernelHeaders, type KernelHeaders } from './headers.ts';
export {
  ensureKernel,
  KERNEL_SUITES,
  type Kernel,
  type KernelFlavour,
  type KernelOptions,
  type KernelSeries,
} from './kernels.ts';
export type { Command, Machine, MachineEnd, RunOptions, RunResult, StartOptions } from './machine.ts';
export { FORWARDABLE_PORTS, type Forward, HOST_ADDRESS } from './relays.ts';
export { type SharedMachineOptions, sharedMachine } from './shared.ts';
export { runTool } from './tool.ts';
export type { Firmware } from './uefi-variables.ts';
