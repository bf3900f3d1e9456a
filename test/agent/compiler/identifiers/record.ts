import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordKernel } from '../../../../agent/compiler/build-facts/index.ts';
import { Btf, Compiler } from '../../../../agent/compiler/index.ts';
import { HOST_FILES, openSymbols } from '../../../../agent/kernel/index.ts';
import {
  ensureKernelFixtures,
  type KernelOptions,
  type KernelSeries,
} from '../../../../tools/machine/index.ts';
import { compileWithLibrary } from './compile-with-library.ts';
import { IDENTIFIERS } from './identifiers.ts';
import { keepKernel } from './recorded-kernels.ts';
import { WARNED_PROGRAMS, WRONG_PROGRAMS } from './wrong-programs.ts';

/**
 * Writes the recordings again, from whole kernels: `node test/agent/compiler/identifiers/record.ts`. To be
 * run when programs or the library ask for more than the recordings have. A kernel that is not in the cache
 * is booted once.
 */
const KERNELS: readonly (readonly [name: string, series: KernelSeries, options: KernelOptions])[] = [
  ['5.10-amd64', '5.10', {}],
  ['6.1-amd64', '6.1', {}],
  ['6.1-arm64', '6.1', { arch: 'arm64' }],
  ['6.12-amd64', '6.12', {}],
  ['6.12-arm64', '6.12', { arch: 'arm64' }],
  ['7.2-amd64', '7.2', {}],
  ['7.2-arm64', '7.2', { arch: 'arm64' }],
];

const PROGRAMS = [
  ...IDENTIFIERS.map(({ program }) => program),
  ...[...WRONG_PROGRAMS, ...WARNED_PROGRAMS].map(([program]) => program),
];

for (const [name, series, options] of KERNELS) {
  const fixtures = await ensureKernelFixtures(series, options);
  const recorded = recordKernel({
    arch: options.arch === 'arm64' ? 'aarch64' : 'x86_64',
    btf: new Btf(readFileSync(fixtures.vmlinuxBtf)),
    symbols: openSymbols(undefined, { ...HOST_FILES, proc: dirname(fixtures.kallsyms) }).table,
    abi: { vermagic: `${fixtures.kernel.release} SMP `, moduleLayoutCrc: undefined, kcfiInitHash: undefined },
  });
  const compiler = new Compiler(recorded.input);
  for (const program of PROGRAMS) compileWithLibrary(compiler, program);
  keepKernel(name, recorded);
}
