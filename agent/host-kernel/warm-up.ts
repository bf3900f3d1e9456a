import type { Memory } from '../compiler/index.ts';
import type { HostKernel } from './host-kernel.ts';

/**
 * The programs that are compiled for practice: some of everything that programs contain. All kernels that
 * farcall has seen have every name in them; if a kernel lacks one, that program is left out.
 */
const PRACTICE: readonly string[] = [
  'int_sqrt(16)',
  'struct task_struct *t = find_task(1); require(t->pid == 1); wake_up_process(t)',
  'char text[16] = ""; int n = 0; for (int i = 0; i < 3; i++) n += i > 1 ? 2 * i : (i & 1); report(n, snprintf(text, sizeof text, "%d", n));',
  'int n = 0; for (int i = 0; i < 9; i++) n += i; report(n); n',
];

/** What programs read for practice: the memory of this kernel is none of their business. */
const NOTHING: Memory = { copy: () => false, refresh: () => undefined };

/** Rounds until V8 has compiled what is hot: more gain nothing (measured with `npm run bench -- calls`). */
const ROUNDS = 60;

/** The pause between two programs, so that an order in the meantime waits for one program at most. */
const PAUSE_MS = 10;

/**
 * Compiles programs for practice, one at a time, so that V8 has already optimised the compiler when the first
 * order arrives: orders are rare, and each has a new program. What only reads is interpreted too, without
 * memory to read. Nothing is loaded. Returns at once; the rest runs in the background.
 */
export function warmUp({ compiler }: Pick<HostKernel, 'compiler'>): void {
  const programs = PRACTICE.filter(program => compiles(compiler, program));
  let left = ROUNDS * programs.length;
  const next = (): void => {
    if (left-- <= 0) return;
    compiles(compiler, programs[left % programs.length]!);
    setTimeout(next, PAUSE_MS).unref();
  };
  setTimeout(next, PAUSE_MS).unref();
}

function compiles(compiler: HostKernel['compiler'], program: string): boolean {
  try {
    const call = compiler.compileWithoutModule(program, 'farcall_practice');
    if (call.image) return true;
    using run = call.interpret(NOTHING);
    run.resume();
    return true;
  } catch {
    return false;
  }
}
