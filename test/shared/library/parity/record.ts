import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordKernel } from '../../../../agent/compiler/build-facts/index.ts';
import { Btf, Compiler } from '../../../../agent/compiler/index.ts';
import { HOST_FILES, openSymbols } from '../../../../agent/kernel/index.ts';
import { ensureKernelFixtures } from '../../../../tools/machine/index.ts';
import { compileWithLibrary } from '../../../agent/compiler/identifiers/compile-with-library.ts';
import { keepKernel } from '../../../agent/compiler/identifiers/recorded-kernels.ts';
import { PARITY_KERNEL, PARITY_KERNELS } from './page.ts';
import { families } from './questions.ts';

/**
 * Writes the recording again, from a whole kernel: `node test/shared/library/parity/record.ts`. To be run
 * when lines or the library ask for more than it has. A kernel that is not in the cache is booted once.
 */
const fixtures = await ensureKernelFixtures('6.12');
const recorded = recordKernel({
  arch: 'x86_64',
  btf: new Btf(readFileSync(fixtures.vmlinuxBtf)),
  symbols: openSymbols(undefined, { ...HOST_FILES, proc: dirname(fixtures.kallsyms) }).table,
  abi: { vermagic: `${fixtures.kernel.release} SMP `, moduleLayoutCrc: undefined, kcfiInitHash: undefined },
});
const compiler = new Compiler(recorded.input);
for (const { questions } of families())
  for (const { line, program } of questions) if (line) compileWithLibrary(compiler, program);
keepKernel(PARITY_KERNEL, recorded, PARITY_KERNELS);
