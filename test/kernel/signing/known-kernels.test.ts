import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Btf, type CompilerInput, recordBuild } from '../../../agent/compiler/index.ts';
import { openSymbols } from '../../../agent/kernel/index.ts';
import { type DerivedModule, deriveModule, knownKernels } from '../../../controller/module-signing/index.ts';
import { type BuildFacts, buildFactsCodec } from '../../../shared/messages/index.ts';
import { ensureKernelFixtures } from '../../../tools/machine/index.ts';

const BUILD = '0badc0de';
const PROGRAM = 'struct task_struct *t = find_task(1); _printk("%s\\n", t->comm); t->pid + PIDTYPE_MAX';
const KASLR = 0x2a0_0000n;

describe('facts of a host against a kernel that is known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-kernels-'));
  let facts: BuildFacts;

  beforeAll(async () => {
    const { vmlinuxBtf, kallsyms } = await ensureKernelFixtures('6.12');
    copyFileSync(vmlinuxBtf, join(folder, `${BUILD}.btf`));
    copyFileSync(kallsyms, join(folder, `${BUILD}.kallsyms`));
    const files = { proc: dirname(kallsyms), sys: '/nowhere', dev: '/nowhere', modules: '/nowhere' };
    const input: CompilerInput = {
      arch: 'x86_64',
      btf: new Btf(readFileSync(vmlinuxBtf)),
      symbols: openSymbols(undefined, files).table,
      abi: { vermagic: 'any', moduleLayoutCrc: 1, kcfiInitHash: undefined },
    };
    ({ facts } = recordBuild(input, PROGRAM, 'farcall_test'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const kernels = (onlyKnown = false) => knownKernels({ folder, onlyKnown });
  const derived = (from: BuildFacts): DerivedModule =>
    deriveModule({ program: PROGRAM, moduleName: 'farcall_test', facts: buildFactsCodec.encode(from) });
  const moved = (change: (name: string, address: bigint) => bigint): BuildFacts => ({
    ...facts,
    symbols: facts.symbols.map(look => ({
      ...look,
      found: look.found.map(each => {
        const address = BigInt(`0x${each.address}`);
        return {
          ...each,
          address: (address < 1n << 32n ? address : change(look.name, address)).toString(16),
        };
      }),
    })),
  });

  test('facts of a host against a kernel that is known agree with it, also where KASLR moved it', () => {
    kernels().check(BUILD, derived(facts).kernelFacts);
    kernels(true).check(BUILD, derived(moved((_name, address) => address + KASLR)).kernelFacts);
  });

  test('facts of a host against a kernel that is known with one function at another place are refused', () => {
    const lie = moved((name, address) => (name === '_printk' ? address + 16n : address));
    expect(() => kernels().check(BUILD, derived(lie).kernelFacts)).toThrow(
      /'symbol _printk' is .*in the known kernel/,
    );
  });

  test('facts of a host against a kernel that is known with another layout are refused', () => {
    const { kernelFacts } = derived(facts);
    const inside = [...kernelFacts.keys()].find(name => name.startsWith('inside '))!;
    const lie = new Map(kernelFacts).set(inside, '0'.repeat(32));
    expect(() => kernels().check(BUILD, lie)).toThrow(/'inside \d+' is 0+ in the kernel/);
  });

  test('facts of a kernel that is not known are let pass, or refused where only known ones count', () => {
    kernels().check('ffff', derived(facts).kernelFacts);
    expect(() => kernels(true).check('ffff', derived(facts).kernelFacts)).toThrow(/known kernels only/);
    expect(() => kernels(true).check('', derived(facts).kernelFacts)).toThrow(/known kernels only/);
  });
});
