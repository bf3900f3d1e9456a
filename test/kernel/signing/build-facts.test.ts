import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Btf, Compiler, type CompilerInput, inputOf, recordBuild } from '../../../agent/compiler/index.ts';
import { openSymbols } from '../../../agent/kernel/index.ts';
import { buildFactsCodec } from '../../../shared/messages/index.ts';
import { ensureKernelFixtures, type KernelSeries } from '../../../tools/machine/index.ts';

/** One of each kind, and those that look at the most. */
const PROGRAMS = [
  '_printk("Hello, world %d\\n", 1234)',
  'nr_processes()',
  'struct task_struct *t = find_task(1); t->comm[0] = 105; t->pid',
  'for_each_task (t) if (t->__state & 2) report(t->pid, t->comm); _printk("done\\n")',
  'extern struct uts_namespace init_uts_ns; init_uts_ns.name.nodename[0]',
  'struct net_device *d = dev_get_by_name(&init_net, "lo"); d->mtu = 1500; d->ifindex',
  'per_cpu(runqueues, 0).nr_running + PIDTYPE_MAX',
];

async function kernelInput(series: KernelSeries): Promise<CompilerInput> {
  const { vmlinuxBtf, kallsyms, kernel } = await ensureKernelFixtures(series);
  const files = { proc: dirname(kallsyms), sys: '/nowhere', dev: '/nowhere', modules: '/nowhere' };
  const vermagic = `${kernel.release} SMP preempt mod_unload modversions `;
  return {
    arch: 'x86_64',
    btf: new Btf(readFileSync(vmlinuxBtf)),
    symbols: openSymbols(undefined, files).table,
    abi: { vermagic, moduleLayoutCrc: 0x1234_5678, kcfiInitHash: undefined },
  };
}

describe.each(['6.1', '6.12', '7.2'] as const)(
  'modules for %s, compiled again from what was looked at',
  series => {
    test('modules compiled from facts have the same bytes, and say the same of what they looked at', async () => {
      const input = await kernelInput(series);
      let compiled = 0;
      for (const program of PROGRAMS) {
        const plain = compileOrCode(new Compiler(input), program);
        if (typeof plain === 'string') continue;
        compiled++;
        const first = recordBuild(input, program, 'farcall_test');
        expect(Buffer.from(first.call.image).equals(plain)).toBe(true);
        const bytes = buildFactsCodec.encode(first.facts);
        expect(bytes.length).toBeLessThan(128 << 10);
        const again = recordBuild(inputOf(buildFactsCodec.decode(bytes)), program, 'farcall_test');
        expect(Buffer.from(again.call.image).equals(plain)).toBe(true);
        const numbered = { ...again.facts, types: { ...again.facts.types, ids: first.facts.types.ids } };
        expect(Buffer.from(buildFactsCodec.encode(numbered)).equals(bytes)).toBe(true);
      }
      expect(compiled).toBeGreaterThanOrEqual(5);
    });

    test('modules compiled from facts have the same bytes whenever they are compiled, and whatever was compiled before', async () => {
      const input = await kernelInput(series);
      const warm = new Compiler(input);
      for (const program of [...PROGRAMS, ...PROGRAMS].reverse()) compileOrCode(warm, program);
      for (const program of PROGRAMS)
        expect(compileOrCode(warm, program)).toEqual(compileOrCode(new Compiler(input), program));
    });
  },
);

function compileOrCode(compiler: Compiler, program: string): Buffer | string {
  try {
    return Buffer.from(compiler.compile(program, 'farcall_test').image);
  } catch (error) {
    return (error as { code: string }).code;
  }
}
