import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledModule } from '../../../agent/compiler/index.ts';
import { openHostKernel } from '../../../agent/host-kernel/index.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import type { GuestStep, How, Need, ProgramStep } from './programs-in-guest.ts';

// Runs inside of a guest: takes each step of a JSON list on standard input, programs through the very code
// that the agent uses, and prints what came of each as JSON.

const kernel = openHostKernel();
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: kernel.facts().arch, directory });

const pageKib = Number(/^KernelPageSize: +(\d+) kB$/m.exec(readFileSync('/proc/self/smaps', 'utf8'))![1]);

const HOW: Readonly<Record<How, (call: CompiledModule) => Promise<unknown>>> = {
  async module(call) {
    const { late: _, ...report } = await loader.load(call, { timeoutMs: DEADLINES.commandMs });
    return report;
  },
};

async function main(): Promise<void> {
  const steps: GuestStep[] = JSON.parse(readFileSync(0, 'utf8'));
  const results: unknown[] = [];
  for (const [index, step] of steps.entries()) {
    if (typeof step === 'string') results.push(await runProgram({ program: step }, index));
    else results.push('command' in step ? runCommand(step.command) : await runProgram(step, index));
  }
  loader.close();
  rmSync(directory, { recursive: true, force: true });
  process.stdout.write(JSON.stringify({ notes: kernel.notes, results }));
}

async function runProgram(step: ProgramStep, index: number): Promise<unknown> {
  const lacking = step.needs?.find(need => !isMet(need));
  if (lacking) return { outcome: 'lacks', message: Object.entries(lacking)[0]!.join(' '), kernelLog: [] };
  const child = step.program.includes('$CHILD') ? spawn('sleep', ['1000'], { stdio: 'ignore' }) : undefined;
  try {
    const program = step.program
      .replaceAll('$CHILD', String(child?.pid))
      .replaceAll('$PAGE_KIB', String(pageKib));
    const { call, declared } = compile({ ...step, program }, `farcall_test_${process.pid}_${index}`);
    const report = await HOW[step.how ?? 'module'](call);
    return { ...(report as object), ...(declared.length > 0 ? { declared } : {}) };
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    if (lacksData(error)) return { outcome: 'lacks', message: 'symbols of data', kernelLog: [] };
    return { outcome: 'error', code: error.code, message: error.message, kernelLog: [] };
  } finally {
    child?.kill('SIGKILL');
  }
}

function isMet(need: Need): boolean {
  if ('symbol' in need) return allSymbols().has(need.symbol);
  if ('typesOf' in need) return existsSync(`/sys/kernel/btf/${need.typesOf}`);
  if ('module' in need) return spawnSync('modprobe', ['-n', need.module]).status === 0;
  const [struct, member] = need.member.split('.');
  return compiles(`offsetof(struct ${struct}, ${member})`);
}

/**
 * Whether a program was refused for a variable that this kernel has and does not tell of: without
 * CONFIG_KALLSYMS_ALL only functions have symbols.
 */
function lacksData({ code, message }: FarcallError): boolean {
  return (
    code === 'SYMBOL_UNKNOWN' &&
    message.includes('this kernel has no symbol') &&
    !allSymbols().has('init_task')
  );
}

let symbols: ReadonlySet<string> | undefined;

/** Names as the kernel itself lists them: not through the reader that is under test. */
function allSymbols(): ReadonlySet<string> {
  symbols ??= new Set(
    [...readFileSync('/proc/kallsyms', 'latin1').matchAll(/^\S+ \S (\S+)/gm)].map(match => match[1]!),
  );
  return symbols;
}

function compiles(program: string): boolean {
  try {
    kernel.compiler.compile(program, 'farcall_test_need');
    return true;
  } catch (error) {
    if (error instanceof FarcallError && /has no (member|'struct)/.test(error.message)) return false;
    throw error;
  }
}

/** Compiles, with those declarations that the compiler asks for. */
function compile(
  { program, declare = {} }: ProgramStep,
  moduleName: string,
): { readonly call: CompiledModule; readonly declared: readonly string[] } {
  const declared: string[] = [];
  for (let text = program; ; ) {
    try {
      return { call: kernel.compiler.compile(text, moduleName), declared };
    } catch (error) {
      const name = error instanceof FarcallError ? nameToDeclare(error, Object.keys(declare)) : undefined;
      if (name === undefined || declared.includes(name)) throw error;
      declared.push(name);
      text = `${declare[name]} ${text.replaceAll(name, name.replace(/@.*/, ''))}`;
    }
  }
}

function nameToDeclare({ message }: FarcallError, names: readonly string[]): string | undefined {
  if (!/declare (it|the right one)/.test(message)) return undefined;
  return names.find(
    name => message.includes(`'${name}'`) || message.includes(`'${name.replace(/@.*/, '')}'`),
  );
}

function runCommand([program, ...args]: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
  return { outcome: `exited with ${status}`, output: `${stdout}${stderr}`, kernelLog: [] };
}

void main();
