import { expect, test } from 'vitest';
import { type CompiledRead, NONE_PERMITTED } from '../../../agent/compiler/index.ts';
import { runPlan, runRead } from '../../../agent/interpret/index.ts';
import { type KernelMemory, MemoryFault } from '../../../agent/kernel/index.ts';
import { FUEL_LIMIT } from '../../../shared/messages/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import { smallKernel } from '../compiler/support/small-kernel.ts';

const { compiler } = smallKernel();
const INIT_TASK = 0xffff_ffff_8200_0000n;

/** Nothing but the first page of init_task. */
const memory: KernelMemory = {
  read(address, count) {
    if (address < INIT_TASK || address + BigInt(count) > INIT_TASK + 4096n)
      throw new MemoryFault(address, count);
    return new Uint8Array(count).fill(7);
  },
};

function read(program: string, fuel?: number): CompiledRead {
  const call = compiler.compileWithoutModule(program, 'farcall_test', NONE_PERMITTED, fuel);
  if (call.image) throw new Error(`'${program}' does more than read`);
  return call;
}

const EXTERN = 'extern struct task_struct init_task; ';

test('an interpreted program reports as a module does', async () => {
  const call = read(`${EXTERN}report(init_task.pid); init_task.pid + 1`);
  expect(await runRead(call, { memory, timeoutMs: DEADLINES.unitMs })).toMatchObject({
    outcome: 'returned',
    value: { text: '(int)117901064' },
    rows: [{ values: [{ text: '(int)117901063' }] }],
    kernelLog: [],
  });
});

test.each([
  ['*(int *)8', 'faulted', 'CALL_FAULTED'],
  [`${EXTERN}require(init_task.pid == 1); 1`, 'skipped', 'CALL_SKIPPED'],
])('the program %s ends as %s', async (program, outcome, code) => {
  expect(await runRead(read(program), { memory, timeoutMs: DEADLINES.unitMs })).toMatchObject({
    outcome,
    error: { code },
  });
});

test('other work goes on while a program is interpreted', async () => {
  let others = 0;
  const ticker = setInterval(() => others++, 1);
  const long = read('int n = 0; for (int i = 0; i < 9000000; i++) n += i; n > 0');
  const report = await runRead(long, { memory, timeoutMs: DEADLINES.unitMs });
  clearInterval(ticker);
  expect(report.outcome).toBe('returned');
  expect(others).toBeGreaterThan(0);
});

test('a program that takes too long is stopped, and that is its end', async () => {
  const report = await runRead(read('while (1);', FUEL_LIMIT), { memory, timeoutMs: 20 });
  expect(report).toMatchObject({ outcome: 'timed-out', error: { code: 'CALL_TIMED_OUT' } });
  expect(report.late).toBeUndefined();
});

test('a program that is stopped keeps the rows that it had reported, and says that there may be more', async () => {
  const endless = read('for (int i = 1; i <= 2; i++) report(i); while (1);', FUEL_LIMIT);
  expect(await runRead(endless, { memory, timeoutMs: 20 })).toMatchObject({
    outcome: 'timed-out',
    rows: [{ values: [{ text: '(int)1' }] }, { values: [{ text: '(int)2' }] }],
    error: {
      message:
        'the program was stopped after 20 ms; it only read; its rows are those that it reported before (2), and not all that there is',
    },
  });
});

test.each([
  ['for (int i = 0; ; i++) if (i == 3) report(i);', 'the loops of the program ran 100 times in total'],
  ['report(3); *(int *)8', 'the kernel has no memory for this access at 0x8'],
  ['report(3); int zero = 0; 1 / zero', 'division by zero'],
])('the program %s keeps its row, and its error says that there may be more', async (program, why) => {
  const report = await runRead(read(program, 100), { memory, timeoutMs: DEADLINES.unitMs });
  expect(report).toMatchObject({ outcome: 'faulted', rows: [{ values: [{ text: '(int)3' }] }] });
  expect(report.error!.message).toContain(why);
  expect(report.error!.message).toMatch(/; its rows are .* before \(1\), and not all that there is/);
});

test('fuel is as much as was asked for', async () => {
  const program = 'int n = 0; for (int i = 0; i < 99; i++) n++; n';
  const options = { memory, timeoutMs: DEADLINES.unitMs };
  expect(await runRead(read(program, 100), options)).toMatchObject({ value: { text: '(int)99' } });
  expect(await runRead(read(program, 99), options)).toMatchObject({ outcome: 'faulted' });
});

test('a page stays as it was first read for as long as the program runs', async () => {
  let reads = 0;
  const changing: KernelMemory = {
    read: (_address, count) => new Uint8Array(count).fill(++reads),
  };
  const program = `${EXTERN}int first = init_task.pid; for (int i = 0; i < 9000000; i++); init_task.pid - first`;
  expect(await runRead(read(program), { memory: changing, timeoutMs: DEADLINES.unitMs })).toMatchObject({
    value: { text: '(int)0' },
  });
  expect(reads).toBe(1);
});

test('a program finds nothing that another one has left', async () => {
  const options = { memory, timeoutMs: DEADLINES.unitMs };
  const left = read('struct { long a[64]; } s; for (int i = 0; i < 1; i++) s.a[7] = 0x1234; s.a[7]');
  expect(await runRead(left, options)).toMatchObject({ value: { text: '(long)4660' } });
  const looks = read('struct { long a[64]; } s; s');
  const { value } = await runRead(looks, options);
  expect(value?.text).not.toContain('4660');
});

test('an error while memory is read is no fault of the program', async () => {
  const broken: KernelMemory = {
    read: () => {
      throw new Error('the disk is on fire');
    },
  };
  await expect(runRead(read('*(int *)8'), { memory: broken, timeoutMs: 1000 })).rejects.toThrow('on fire');
});

test('a plan has the module that would be loaded, and none for what is interpreted', async () => {
  const options = {
    compiler,
    memory,
    interprets: true,
    permitted: NONE_PERMITTED,
    moduleName: 'farcall_test',
    timeoutMs: DEADLINES.unitMs,
  };
  const call = await runPlan('get_int()', options);
  const { image } = compiler.compile('get_int()', 'farcall_test');
  expect(call).toMatchObject({ effect: 'call', module: { bytes: image.length } });
  expect(call.module?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await runPlan(`${EXTERN}init_task.pid`, options)).module).toBeUndefined();
  const closed = await runPlan(`${EXTERN}init_task.pid`, {
    ...{ ...options, memory: undefined, interprets: false },
  });
  expect(closed).toMatchObject({ ending: { kind: 'unread' }, module: {} });
});

test('a plan that takes too long is stopped', async () => {
  const named = { moduleName: 'farcall_test', permitted: NONE_PERMITTED };
  const options = { compiler, memory, interprets: true, timeoutMs: 100, ...named };
  expect(await runPlan('while (1);', options)).toMatchObject({ effect: 'read', ending: { kind: 'stopped' } });
});
