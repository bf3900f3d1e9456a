import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LanguageService } from '../../agent/compiler/index.ts';
import { packKernelTypes } from '../../agent/host-kernel/pack-kernel-types.ts';
import { HOST_FILES, openSymbols } from '../../agent/kernel/index.ts';
import { openKernel } from '../../controller/kernels/open-kernel.ts';
import { KERNEL_TYPES_LIMITS } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { ensureKernelFixtures, type KernelSeries } from '../../tools/machine/index.ts';
import { controllerParts } from '../kit/controller-kit.ts';
import { type Figure, figure } from './figure.ts';
import { timeMs } from './statistics.ts';

const SERIES: readonly KernelSeries[] = ['6.1', '6.12', '7.2'];
const RUNS = 5;
const MIB = 1 << 20;

/** As people write them: ten lines or so, with a place that is not ready. */
const PROGRAM = [
  'struct task_struct *t = find_task(4242);',
  'require(t->__state & 2);',
  'for_each_task (p) {',
  '  if (p->mm && p->pid > 100 && p->parent->pid == 1)',
  '    report(p->pid, p->comm, p->start_time);',
  '}',
  'if (t->signal->nr_threads > 3) _printk("many: %d\\n", t->signal->nr_threads);',
  'wake_up_process(t)',
].join('\n');
const MISTAKEN = PROGRAM.replace('p->comm', 'p->com').replace('wake_up_process', 'wake_up_proces');

/**
 * What it takes to know the fleet's kernels and to check programs by them: of three real kernels, outside of
 * any kernel.
 */
export async function catalogue(): Promise<Figure[]> {
  const packed = await Promise.all(SERIES.map(packedOf));
  const packMs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await packedOf('6.12');
    packMs.push(performance.now() - startedAt);
  }
  const before = memoryMib();
  const kernels: LanguageService[] = [];
  const openMs: number[] = [];
  for (const [index, { bytes, build }] of packed.entries()) {
    const startedAt = performance.now();
    const kernel = await openKernel(bytes, build);
    kernel.functionCount;
    openMs.push(performance.now() - startedAt);
    kernels[index] = kernel;
  }
  const used = memoryMib() - before;
  return [
    figure(
      'bytes of a kernel over the wire, in MiB',
      packed.map(({ bytes }) => bytes.length / MIB),
      { unit: 'MiB', mark: 4 },
    ),
    figure(
      'questions for one kernel',
      packed.map(({ bytes }) => Math.ceil(bytes.length / KERNEL_TYPES_LIMITS.partBytes)),
      { unit: '' },
    ),
    figure('packed on a host (6.12; a bare machine, nothing else)', packMs, { mark: 2000 }),
    figure('kept by the store (SQLite in memory)', await keepMs(packed)),
    figure('opened by the controller, first of all', openMs, { mark: 1000 }),
    figure('memory of the controller for three kernels', [used], { unit: 'MiB', mark: 150 }),
    ...warmFigures(kernels[1]!),
  ];
}

function warmFigures(kernel: LanguageService): Figure[] {
  const complete = (program: string) => () => kernel.complete({ program, offset: program.length, limit: 50 });
  const warm = { runs: 200, warmUp: 20 };
  return [
    figure(
      'check of eight lines, warm',
      timeMs(() => kernel.check(PROGRAM), warm),
      { mark: 20 },
    ),
    figure(
      'check of eight lines with two mistakes, warm',
      timeMs(() => kernel.check(MISTAKEN), warm),
      { mark: 100 },
    ),
    figure('completion of a function by three letters, warm', timeMs(complete(`${PROGRAM};\nwak`), warm), {
      mark: 20,
    }),
    figure('completion of a function by one letter, warm', timeMs(complete(`${PROGRAM};\ns`), warm), {
      mark: 20,
    }),
    figure('completion of a member, warm', timeMs(complete(`${PROGRAM};\nt->signal->`), warm), { mark: 20 }),
    figure(
      "functions 'wake_up_*' of a kernel, warm",
      timeMs(() => [...kernel.functions(name => name.startsWith('wake_up_'))], { runs: 20, warmUp: 2 }),
      { mark: 200 },
    ),
  ];
}

interface Packed {
  readonly bytes: Uint8Array;
  readonly build: { readonly release: string; readonly version: string; readonly arch: string };
}

/** As an agent packs them, but for the types of modules. */
async function packedOf(series: KernelSeries): Promise<Packed> {
  const { vmlinuxBtf, kallsyms, kernel } = await ensureKernelFixtures(series);
  const files = { ...HOST_FILES, proc: dirname(kallsyms), sys: '/nowhere' };
  const build = { release: kernel.release, version: '#1 SMP', arch: 'x86_64' };
  const facts = { kernelRelease: build.release, kernelVersion: build.version, arch: build.arch };
  const symbols = openSymbols(undefined, files).named();
  const bytes = await packKernelTypes({ facts, vmlinux: readFileSync(vmlinuxBtf), symbols, files });
  return { bytes, build };
}

async function keepMs(packed: readonly Packed[]): Promise<number[]> {
  const { kernelTypes } = controllerParts();
  const values: number[] = [];
  for (const { bytes, build } of packed) {
    const startedAt = performance.now();
    await kernelTypes.keep({ ...build, packed: bytes, digest: sha256(bytes), functions: 1, host: 'web-1' });
    values.push(performance.now() - startedAt);
  }
  return values;
}

/** What is used, in whatever part of memory, once what is not used was collected. */
function memoryMib(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}
