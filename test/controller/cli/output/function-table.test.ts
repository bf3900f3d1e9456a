import { describe, expect, it } from 'vitest';
import { renderFunctions } from '../../../../controller/cli/output/function-table.ts';
import type { FunctionGroup, FunctionList, KnownKernel } from '../../../../shared/messages/index.ts';

const KERNELS: KnownKernel[] = [
  {
    ...{ release: '6.12.107+deb13-amd64', version: '#1 SMP', arch: 'x86_64', hosts: 4210 },
    ...{ known: true, functions: 51_202, sourceHost: 'web-0001', fetchedAtMs: 1 },
  },
  {
    ...{ release: '6.1.0-50-amd64', version: '#1 SMP 6.1.1', arch: 'x86_64', hosts: 780 },
    ...{ known: true, functions: 44_561, sourceHost: 'db-7', fetchedAtMs: 1 },
  },
  {
    ...{ release: '6.1.0-50-amd64', version: '#1 SMP 6.1.2', arch: 'x86_64', hosts: 9 },
    ...{ known: true, functions: 44_562, sourceHost: 'db-9', fetchedAtMs: 1 },
  },
  {
    ...{ release: '5.10.0-32-arm64', version: '#1 SMP', arch: 'aarch64', hosts: 1 },
    ...{
      known: false,
      functions: 0,
      problem: "edge-1: this host's policy (plan: none) forbids telling what its kernel has",
    },
  },
];

const group = (name: string, prototype: string, kernels: readonly number[], rest = {}): FunctionGroup => ({
  ...{ name, prototype, module: '', note: '', ...rest },
  kernels: kernels.map(index => {
    const { release, version, arch, hosts } = KERNELS[index]!;
    return { release, version, arch, hosts };
  }),
});

const LIST: FunctionList = {
  groups: [
    group('wake_up_bit', 'void wake_up_bit(void *word, unsigned long bit)', [0]),
    group('wake_up_bit', 'void wake_up_bit(void *word, int bit)', [1, 2]),
    group('wake_up_early', 'void wake_up_early(void)', [0], { note: 'only while the kernel started' }),
    group('wake_up_hidden', '', [1], { note: 'no type: declare it' }),
    group('wake_up_process', 'int wake_up_process(struct task_struct *p)', [0, 1, 2]),
    group(
      'wake_up_many',
      'int wake_up_many(struct wait_queue_head *queue, unsigned int mode, int count, int (*wake)(struct task_struct *, int, void *), void *private)',
      [2],
      { module: 'wake\u001b[31m' },
    ),
  ],
  truncated: true,
  similar: [],
  kernels: KERNELS,
};

describe('farcall functions', () => {
  it.each([80, 160])('the function table fits a terminal of %i columns', async columns => {
    const lines = renderFunctions(LIST, columns);
    expect(lines.every(line => [...line].length <= columns)).toBe(true);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../golden/functions-${columns}.txt`);
  });

  it('a prototype is wrapped without losing anything, however narrow the terminal', () => {
    const text = renderFunctions(LIST, 40).join(' ').replace(/\s+/g, ' ');
    expect(text).toContain('int (*wake)(struct task_struct *, int, void *), void *private)');
  });
});
