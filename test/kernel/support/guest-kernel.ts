import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Btf, Compiler, type PermittedFunctions, permittedFunctions } from '../../../agent/compiler/index.ts';
import { moduleTypes } from '../../../agent/host-kernel/index.ts';
import { openSymbols } from '../../../agent/kernel/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { exportKernelFacts, type Machine } from '../../../tools/machine/index.ts';
import { type CompiledStep, compileStep, digestOfStep } from './compile-step.ts';
import type { KernelThere } from './guest-orders.ts';
import type { GuestStep, Need, ProgramStep } from './programs-in-guest.ts';

/** How `uname -m` names the CPUs. */
const UNAME = { amd64: 'x86_64', arm64: 'aarch64' } as const;

/** The kernel of a guest as it was at one moment, for compiling outside of it. */
export interface GuestKernel extends Disposable {
  readonly pageKib: number;
  /** Throws what the compiler throws. */
  compile(step: ProgramStep, moduleName: string): CompiledStep;
  /** As {@link digestOfStep} says. */
  digestOf(step: ProgramStep): string;
  /** Whether it has what a program needs; undefined where only the guest can tell. */
  has(need: Need): boolean | undefined;
  /** Names as the kernel lists them. */
  readonly names: ReadonlySet<string>;
}

/**
 * Copies what the kernel of a guest says of itself: symbols as they are now, types of it and of the modules
 * that `steps` name; `there` is what the agent there reads of it.
 */
export async function openGuestKernel(
  machine: Machine,
  there: KernelThere,
  steps: readonly GuestStep[],
): Promise<GuestKernel> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-guest-'));
  const files = { proc: folder, sys: folder, dev: '/nowhere', modules: '/nowhere' };
  const kallsyms = await machine.readFile('/proc/kallsyms');
  writeFileSync(join(folder, 'kallsyms'), kallsyms);
  writeFileSync(join(folder, 'modules'), await machine.readFile('/proc/modules'));
  mkdirSync(join(folder, 'kernel', 'btf'), { recursive: true });
  for (const module of modulesNamed(steps).filter(each => there.typesOf.includes(each)))
    writeFileSync(join(folder, 'kernel', 'btf', module), await machine.readFile(`/sys/kernel/btf/${module}`));
  const { vmlinuxBtf } = await exportKernelFacts(machine);
  const btf = new Btf(readFileSync(vmlinuxBtf));
  const symbols = openSymbols(undefined, files);
  const input = { arch: UNAME[machine.kernel.arch], btf, moduleBtf: moduleTypes(btf, files) };
  const compiler = new Compiler({ ...input, symbols: symbols.table, abi: there.abi });
  // As for a person who is root: pointers may hold any function, and must hold one.
  const mayCall = { module: () => true, function: () => true };
  const permitted = permittedFunctions({ ...input, textSymbols: symbols.text, mayCall });
  return guestKernel(compiler, there, { folder, kallsyms, permitted });
}

function guestKernel(
  compiler: Compiler,
  there: KernelThere,
  {
    folder,
    kallsyms,
    permitted,
  }: { readonly folder: string; readonly kallsyms: Buffer; readonly permitted: PermittedFunctions },
): GuestKernel {
  // Not through the reader that is under test.
  const names = new Set([...kallsyms.toString('latin1').matchAll(/^\S+ \S (\S+)/gm)].map(match => match[1]!));
  return {
    pageKib: there.pageKib,
    names,
    compile: (step, moduleName) => compileStep(compiler, step, moduleName, permitted),
    digestOf: step => digestOfStep(compiler, step),
    has(need) {
      if ('symbol' in need) return names.has(need.symbol);
      if ('typesOf' in need) return there.typesOf.includes(need.typesOf);
      if ('member' in need) return hasMember(compiler, need.member);
      return undefined;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Modules whose functions or types the steps use. */
function modulesNamed(steps: readonly GuestStep[]): string[] {
  const texts = steps.flatMap(step => {
    if (typeof step === 'string') return [step];
    if (!('program' in step)) return [];
    const needed = step.needs?.flatMap(need => ('typesOf' in need ? [`@${need.typesOf}`] : [])) ?? [];
    return [step.program, ...Object.keys(step.declare ?? {}), ...needed];
  });
  return [...new Set(texts.flatMap(text => text.match(/(?<=@)\w+/g) ?? []))];
}

function hasMember(compiler: Compiler, path: string): boolean {
  const [struct, member] = path.split('.');
  try {
    compiler.compile(`offsetof(struct ${struct}, ${member})`, 'farcall_test_need');
    return true;
  } catch (error) {
    if (error instanceof FarcallError && /has no (member|'struct)/.test(error.message)) return false;
    throw error;
  }
}
