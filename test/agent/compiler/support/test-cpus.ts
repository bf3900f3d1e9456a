import { spawnSync } from 'node:child_process';

/** A CPU that we make code for, and how this machine builds and runs programs for it. */
export interface TestCpu {
  /** As `uname -m` says it. */
  readonly arch: string;
  /** What the names of its gcc, nm and objcopy start with. */
  readonly tools: string;
  /** What starts its programs here; nothing where this machine has the CPU itself. */
  readonly emulator: readonly string[];
  readonly gccFlags: readonly string[];
}

/** All of them. Tests that run programs skip those for which this machine lacks something. */
export const TEST_CPUS: readonly TestCpu[] = [
  { arch: 'x86_64', tools: '', emulator: [], gccFlags: ['-fcf-protection'] },
  {
    arch: 'aarch64',
    ...(process.arch === 'arm64'
      ? { tools: '', emulator: [] }
      : { tools: 'aarch64-linux-gnu-', emulator: ['qemu-aarch64'] }),
    gccFlags: [],
  },
];

const NATIVE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Whether programs for the CPU run here. */
export function canRun({ arch, emulator }: TestCpu): boolean {
  if (emulator.length === 0) return NATIVE[process.arch] === arch;
  return spawnSync(emulator[0]!, ['--version']).status === 0;
}

/** Whether C programs for the CPU can be built and run here. */
export function canBuild(cpu: TestCpu): boolean {
  return canRun(cpu) && spawnSync(`${cpu.tools}gcc`, ['--version']).status === 0;
}

/**
 * The first that C programs can be built for here, for tests of what is the same on every CPU; else
 * undefined.
 */
export const ANY_CPU: TestCpu | undefined = TEST_CPUS.find(canBuild);
