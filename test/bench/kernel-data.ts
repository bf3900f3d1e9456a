import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Btf, Compiler } from '../../agent/compiler/index.ts';
import { HOST_FILES, openSymbols } from '../../agent/kernel/index.ts';
import { libraryHeaders } from '../../shared/assets/index.ts';
import { Library, withLibrary } from '../../shared/library/index.ts';
import { ensureKernelFixtures } from '../../tools/machine/index.ts';
import { type Figure, figure } from './figure.ts';
import { timeMs } from './statistics.ts';

const ONE_CALL = '_printk("Hello, world %d\\n", 1234)';

/** Some fifty lines of the kind that people write: look, decide, act. */
const FIFTY_LINES = [
  'extern struct task_struct init_task;',
  'long sum = 0;',
  ...Array.from({ length: 15 }, (_, n) => [
    `for (int i${n} = 0; i${n} < ${n + 3}; i${n}++) {`,
    `  if (init_task.pid == ${n}) sum += i${n} * ${n + 1}; else sum -= init_task.prio;`,
    '}',
  ]).flat(),
  'report(sum, init_task.comm);',
  'if (sum > 100) _printk("sum %ld\\n", sum);',
  'sum',
].join('\n');

const IMAGES = [
  ['a one-call program', ONE_CALL],
  ['a program that reports', 'for_each_task (t) report(t->pid, t->comm);'],
] as const;

/** Programs that use the library. */
const WITH_LIBRARY = [
  [
    'ten functions of the library',
    `struct task_struct *t = find_task(1);
report(IS_ERR(t), task_state(t), thread_group_leader(t), list_empty(&t->children), refcount_read(&t->usage),
       strlen(t->comm), strcmp(t->comm, "init"), find_netdev(&init_net, "lo"), READ_ONCE(t->pid), find_module("x"));`,
  ],
  ['a text by a format', 'for_each_task (t) report(text_of("%d %s %pS", t->pid, t->comm, t->stack));'],
] as const;

const library = new Library(libraryHeaders());

/**
 * Reading what a real kernel (6.12) says, and compiling against it; outside of any kernel, in this process.
 */
export async function kernelData(): Promise<Figure[]> {
  const fixtures = await ensureKernelFixtures('6.12');
  const blob = readFileSync(fixtures.vmlinuxBtf);
  const files = { ...HOST_FILES, proc: dirname(fixtures.kallsyms) };
  const symbols = openSymbols(undefined, files).table;
  const abi = { vermagic: '6.12.0 SMP ', moduleLayoutCrc: 0x12345678, kcfiInitHash: undefined };
  const compiler = new Compiler({ arch: 'x86_64', btf: new Btf(blob), symbols, abi });
  const tenNames = [
    '_printk',
    'wake_up_process',
    'nr_processes',
    'strlen',
    'gcd',
    'kfree',
    'msleep',
    'schedule',
    'init_task',
    'vmalloc_noprof',
  ];
  return [
    figure(
      'BTF index, all types of vmlinux',
      timeMs(() => new Btf(blob), { runs: 30, warmUp: 5 }),
    ),
    figure(
      'kallsyms text: read, and look up ten names',
      timeMs(() => lookUp(openSymbols(undefined, files).table, tenNames), { runs: 10, warmUp: 2 }),
    ),
    figure(
      'compile a one-call program, warm',
      timeMs(() => compiler.compile(ONE_CALL, 'farcall_bench'), { runs: 500, warmUp: 500 }),
      { mark: 0.2 },
    ),
    figure(
      `compile ${FIFTY_LINES.split('\n').length} lines, warm`,
      timeMs(() => compiler.compile(FIFTY_LINES, 'farcall_bench'), { runs: 100, warmUp: 100 }),
      { mark: 3 },
    ),
    ...WITH_LIBRARY.map(([what, program]) => {
      const text = withLibrary({ program, library: library.select(program) });
      return figure(
        `compile ${what}, warm`,
        timeMs(() => compiler.compileWithoutModule(text, 'farcall_bench'), { runs: 200, warmUp: 200 }),
        { mark: 1 },
      );
    }),
    figure(
      'memory that one compile of these lines takes',
      allocatedMiB(() => compiler.compile(FIFTY_LINES, 'farcall_bench'), 30),
      { unit: 'MiB', mark: 4 },
    ),
    ...IMAGES.map(([what, program]) =>
      figure(`image of ${what}`, [compiler.compile(program, 'farcall_bench').image.length / 2 ** 20], {
        unit: 'MiB',
      }),
    ),
  ];
}

/**
 * Heap and buffers that each of `runs` calls of `work` took; one during which memory was collected says
 * nothing.
 */
function allocatedMiB(work: () => unknown, runs: number): number[] {
  const taken = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const samples: number[] = [];
  for (let tries = 0; samples.length < runs && tries < runs * 10; tries++) {
    const before = taken();
    work();
    const grown = taken() - before;
    if (grown > 0) samples.push(grown / 2 ** 20);
  }
  return samples;
}

function lookUp(table: ReturnType<typeof openSymbols>['table'], names: readonly string[]): void {
  for (const name of names) table.lookup(name);
}
