import { Btf } from '../../agent/compiler/index.ts';
import { openKcore, openSymbols, readVmlinuxBtf } from '../../agent/kernel/index.ts';

// Runs inside of a guest: reads what the kernel says of itself, again and again. Prints milliseconds by what
// was read.

const RUNS = 10;
const TEN_NAMES = [
  ...['_printk', 'wake_up_process', 'strlen', 'gcd', 'kfree', 'msleep', 'schedule'],
  ...['init_task', 'vfree', 'copy_to_user_nofault'],
];

const times: Record<string, number[]> = {};

function time<T>(what: string, work: () => T): T {
  const startedAt = performance.now();
  const result = work();
  times[what] ??= [];
  times[what].push(performance.now() - startedAt);
  return result;
}

for (let run = 0; run < RUNS; run++) {
  using kcore = openKcore();
  const symbols = time('kallsyms through memory: open', () => openSymbols(kcore));
  if (symbols.origin !== 'memory') throw new Error(`symbols came from text: ${symbols.fallbackReason}`);
  time('kallsyms through memory: ten names', () => TEN_NAMES.map(name => symbols.own.lookup(name)));
  const bytes = time('BTF: read', () => readVmlinuxBtf({ memory: kcore, symbols: symbols.own }));
  time('BTF: index', () => new Btf(bytes));
  time('kallsyms text: read, and look up ten names', () => {
    const text = openSymbols(undefined);
    return TEN_NAMES.map(name => text.own.lookup(name));
  });
}
process.stdout.write(JSON.stringify(times));
