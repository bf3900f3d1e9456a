import { beforeAll, describe, expect, test } from 'vitest';
import { allRecipes } from '../../../deploy/reference/recipes.ts';
import { sharedMachine } from '../../../tools/machine/index.ts';
import { type CaseResults, sh } from '../suite/case.ts';
import { MOUNTED, PID_FILE, UNMOUNT } from '../suite/staging.ts';
import { GuestCook } from './guest-cook.ts';
import { COMM, PORT, quoted, recipe, SOCKET, takenRecipes } from './staged.ts';
import {
  FROZEN,
  fileActsOf,
  kernelActsOf,
  NETWORK_ACTS,
  netAndRpcActs,
  putBack,
  readsOf,
  STAGE,
} from './steps.ts';

describe('recipes on Linux 6.12', () => {
  let pid: string;
  let disk: string;
  let got: CaseResults;

  beforeAll(async () => {
    const machine = await sharedMachine('6.12');
    const guest = new GuestCook(machine);
    got = await guest.take(STAGE);
    pid = got.output('start').trim();
    disk = /^\/dev\/(\w+)/.exec(got.output('disk'))![1]!;
    await guest.take({ ...readsOf(pid, disk), ...fileActsOf(disk), ...NETWORK_ACTS });
    await guest.take(netAndRpcActs(String(guest.results.integer('leak'))));
    await guest.take(kernelActsOf(pid));
    await guest.take(putBack(got.output('setting').trim(), got.output('printk').trim()));
    await guest.take(FROZEN);
    const writer = guest.results.output('writer-pid').trim();
    await guest.take({
      stuck: recipe('task-stack', { PID: writer }),
      'wake-task': recipe('wake-task', { PID: writer }),
      thaw: recipe('thaw', { FILE_SYSTEM: quoted(disk) }),
      written: sh(`until [ -s ${MOUNTED}/file ]; do sleep 0.2; done; cat ${MOUNTED}/file; rm ${PID_FILE}`),
      'signal-other': recipe('signal-task', { PID: pid, NAME: quoted('somebody'), SIGNAL: '15' }),
      'signal-task': recipe('signal-task', { PID: pid, NAME: quoted(COMM), SIGNAL: '15' }),
      gone: sh(
        `while grep -q '^State:.[RSD]' /proc/${pid}/status; do sleep 0.2; done 2>/dev/null; rm -f ${SOCKET}*`,
      ),
      unmount: UNMOUNT,
    });
  });

  const numbers = (step: string): number[][] => got.rows(step).map(row => row.map(Number));
  const texts = (step: string): string[][] => got.rows(step).map(row => row.map(String));

  describe('of tasks', () => {
    test('the recipe list-tasks has the process with the name that it gave itself', () => {
      const row = texts('list-tasks').find(([number]) => number === pid)!;
      expect([row[1], row.at(-1)]).toEqual([pid, COMM]);
      expect(Number(row[5])).toBeGreaterThan(1000);
    });

    test('blocked-tasks and task-stack show who waits to write to a frozen file system, and where', () => {
      const writer = got.output('writer-pid').trim();
      expect(texts('blocked-tasks').filter(([number]) => number === writer)).not.toEqual([]);
      expect(texts('stuck')[0]!.slice(0, 1).concat(texts('stuck')[0]!.slice(2))).toEqual([writer, 'D']);
      expect(got.rows('stuck').length).toBeGreaterThan(4);
    });

    test('process-files and process-memory have what /proc has', () => {
      const paths = texts('process-files').map(([, path]) => path);
      expect(paths.some(path => path!.endsWith('/dev/null'))).toBe(true);
      expect(paths.filter(path => path!.startsWith('socket:[')).length).toBeGreaterThanOrEqual(5);
      // The page of vsyscall is in no process.
      const ranges = got.table('maps').filter(row => row[5] !== '[vsyscall]');
      expect(got.rows('process-memory').length).toBe(ranges.length);
    });

    test('process-signals shows the signal that is ignored, and process-limits the limits of /proc', () => {
      expect(numbers('process-signals')).toContainEqual([10, 1]);
      const files = numbers('process-limits').find(([number]) => number === 7)!;
      expect(got.output('limits')).toContain(`${files[1]}`);
      expect(texts('process-limits').at(-1)).toEqual(['threads', '1']);
    });

    test('nobody waits for a lock of memory or for rtnl_mutex, and both recipes say so', () => {
      expect(got.rows('memory-lock')).toEqual([]);
      expect(texts('mutex-holder').filter(([what]) => what === 'waits')).toEqual([]);
    });

    test('wake-task wakes a task, signal-task ends a process with the right name only', () => {
      expect(got.integer('wake-task')).toBe(1n);
      expect(got.result('signal-other').outcome).toBe('skipped');
      expect(got.integer('signal-task')).toBe(0n);
      expect(got.result('gone').outcome).toBe('exited with 0');
    });

    test('renice-task and spare-from-oom change what /proc shows, and give what was there', () => {
      expect(got.integer('renice-task')).toBe(0n);
      expect(got.output('nice').split(') ')[1]!.split(' ')[16]).toBe('10');
      expect(got.integer('spare-from-oom')).toBe(0n);
      expect(got.output('oom').trim()).toBe('-500');
    });
  });

  describe('of files', () => {
    test('mounts, file-system-users, open-files and deleted-files find the file system and its user', () => {
      expect(
        texts('mounts').filter(([path, , type]) => path!.endsWith(MOUNTED) && type === 'ext4').length,
      ).toBe(1);
      expect(texts('file-system-users')).toEqual([[pid, COMM, 'fd']]);
      expect(texts('open-files').map(row => row.slice(0, 2))).toEqual([[pid, COMM]]);
      const [gone] = texts('deleted-files').filter(([number]) => number === pid);
      expect([gone?.[3], gone?.[4]]).toEqual(['1200000', '/gone']);
    });

    test('cached-files has the pages of the large file', () => {
      expect(numbers('cached-files').some(([, pages]) => pages! >= 292)).toBe(true);
    });

    test('names-without-files counts what nobody has, and drop-names drops it', () => {
      expect(numbers('names-without-files')).toEqual([[41, 40]]);
      expect(got.result('few-names').outcome).toBe('skipped');
      expect(Number(got.integer('drop-names'))).toBeLessThanOrEqual(1);
    });

    test('block-devices has the disk, and disk-requests finds no request that is stuck', () => {
      const [, partition, bytes, pages] = texts('block-devices').find(([name]) => name === disk)!;
      expect([partition, bytes]).toEqual(['0', String(4 * 1024 * 1024)]);
      expect(Number(pages)).toBeGreaterThan(0);
      expect(got.rows('disk-requests').length).toBeLessThan(8);
    });

    test('drop-file-cache and drop-page-cache drop pages, and sync-file-system writes them before', () => {
      expect(got.integer('sync-file-system')).toBe(0n);
      const [[before, dropped, after]] = numbers('drop-file-cache') as [[number, number, number]];
      expect(before).toBeGreaterThanOrEqual(64);
      expect(dropped).toBeGreaterThan(0);
      expect(after).toBeLessThan(32);
      expect(got.result('drop-page-cache').outcome).toBe('returned');
      expect(got.rows('cached-after')).toEqual([]);
    });

    test('frozen-file-systems finds the one that is frozen, and thaw thaws it', () => {
      expect(texts('frozen-file-systems')).toEqual([[disk, 'ext4', '4']]);
      expect(got.integer('thaw')).toBe(0n);
      expect(got.output('written')).toBe('written');
    });
  });

  describe('of the network', () => {
    test('tcp-sockets, full-sockets and unix-sockets find the sockets of the process', () => {
      const listening = texts('tcp-sockets').filter(([, local]) => local === `127.0.0.1:${PORT}`);
      expect(listening.map(([state]) => state)).toContain('LISTEN');
      const full = texts('full-sockets').find(([, local]) => local === `127.0.0.1:${PORT}`)!;
      expect(full[0]).toBe('tcp');
      expect(Number(full[3])).toBeGreaterThanOrEqual(2000);
      expect(texts('process-files').map(([, path]) => path)).toContain(`socket:[${full[4]}]`);
      expect(texts('unix-sockets')).toContainEqual([SOCKET, '0', '7']);
    });

    test('net-devices has lo, and net-namespaces counts the processes of the host', () => {
      const inum = /\d+/.exec(got.output('netns'))![0];
      const lo = texts('net-devices').find(([of, name]) => of === inum && name === 'lo')!;
      expect([lo[2], lo[4], lo[5]]).toEqual(['1', '1', '1']);
      expect(Number(lo[3])).toBeGreaterThan(0);
      const host = numbers('net-namespaces').find(([number]) => String(number) === inum)!;
      expect(host[2]).toBeGreaterThan(10);
    });

    test('put-net-namespace gives a leaked reference back, and the namespace goes', () => {
      expect(got.integer('leak')).toBeGreaterThan(0n);
      const leaked = numbers('leaked').filter(([, count, processes]) => count! > 0 && processes === 0);
      expect(leaked.map(([number]) => BigInt(number!))).toContain(got.integer('leak'));
      expect(got.integer('put-net-namespace')).toBe(1n);
      expect(got.result('put-again').outcome).toBe('skipped');
    });

    test('connection-count agrees with the kernel, and recount-connections sets a wrong counter right', () => {
      const [[counted, there]] = numbers('connection-count') as [[number, number]];
      expect(counted).toBe(there);
      expect(got.result('recount-right').outcome).toBe('skipped');
      expect(got.integer('recount-connections')).toBe(3n);
    });

    test('socket-family-off takes away the family that socket-family-users finds, and af-alg-on gives it back', () => {
      expect(texts('socket-family-users').map(row => row.slice(0, 2))).toEqual([[pid, COMM]]);
      expect(got.result('socket-family-off').outcome).toBe('returned');
      expect(got.output('refused')).toBe('Address family not supported by protocol');
      expect(got.result('family-off-again').outcome).toBe('skipped');
      expect(got.integer('af-alg-on')).toBe(0n);
      expect(got.output('there')).toBe('there');
    });

    test('esp-off takes ESP away once, and esp-on gives it back', () => {
      expect(got.integer('esp-off')).toBe(1n);
      expect(got.result('esp-off-again').outcome).toBe('skipped');
      expect(got.integer('esp-on')).toBe(1n);
      expect(got.result('esp-on-again').outcome).toBe('skipped');
    });

    test('rpc-tasks finds who waits for a silent server of NFS, and end-rpc-tasks ends that', () => {
      expect(texts('rpc-tasks').map(([, server]) => server)).toContain('127.0.0.1');
      expect(got.integer('end-rpc-tasks')).toBeGreaterThan(0n);
      expect(got.result('end-rpc-other').outcome).toBe('skipped');
    });

    test('page-pools lists what the kernel has a table of', () => {
      expect(got.rows('page-pools').every(row => row.length === 3)).toBe(true);
    });
  });

  describe('of memory', () => {
    test('memory-use has figures that fit into the memory of the host', () => {
      const pages = Number(/MemTotal:\s+(\d+)/.exec(got.output('meminfo'))![1]) / 4;
      const figures = new Map(texts('memory-use').map(([name, number]) => [name, Number(number)]));
      expect([...figures.keys()].slice(0, 3)).toEqual(['free', 'files', 'processes']);
      for (const [name, number] of figures)
        if (name !== 'committed') expect(number, name).toBeLessThan(pages);
      expect(figures.get('free')).toBeGreaterThan(0);
    });

    test('slab-caches has large caches only, and drop-slab returns', () => {
      const sizes = numbers('slab-caches').map(([, , , bytes]) => bytes!);
      expect(sizes.length).toBeGreaterThan(0);
      expect(sizes.every(bytes => bytes >= 262144)).toBe(true);
      expect(got.result('drop-slab').outcome).toBe('returned');
    });

    test('dying-cgroups counts groups, and swap says that there is none', () => {
      expect(numbers('dying-cgroups')[0]).toHaveLength(2);
      expect(texts('swap')).toEqual([['all', '0', '0']]);
    });
  });

  describe('of the kernel', () => {
    test('modules and interrupts are those of /proc', () => {
      const files = got.table('proc-modules').map(([name]) => name!);
      expect(texts('modules').map(([name]) => name)).toEqual(files);
      const lines = got.table('proc-interrupts').filter(([number]) => /^\d+:$/.test(number!));
      const found = texts('interrupts').map(([number]) => `${number}:`);
      expect(found.length).toBeGreaterThan(2);
      expect(lines.map(([number]) => number)).toEqual(expect.arrayContaining(found));
    });

    test('run-queues has a row for each CPU, and workqueues says what runs', () => {
      expect(got.rows('run-queues').length).toBe(Number(got.output('nproc')));
      expect(got.result('workqueues').outcome).toBe('returned');
    });

    test('kernel-log ends with what was written last', () => {
      expect(texts('kernel-log').length).toBe(50);
      expect(
        texts('kernel-log')
          .map(row => row.at(-1))
          .join('\n'),
      ).toContain('a line for the recipe');
    });

    test('the recipes read-setting and taint say what /proc/sys says', () => {
      expect(String(got.integer('read-setting'))).toBe(got.output('setting').trim());
      expect(texts('taint')[0]).toEqual(['kernel', got.output('tainted').trim()]);
      expect(got.result('bpf-programs').outcome).toBe('returned');
    });

    test('panic-timeout, console-level and io-uring-off change what /proc/sys shows', () => {
      expect(String(got.integer('panic-timeout'))).toBe(got.output('setting').trim());
      expect(got.output('panic-after').trim()).toBe('60');
      expect(String(got.integer('console-level'))).toBe(got.table('printk')[0]![0]);
      expect(got.table('printk-after')[0]![0]).toBe('4');
      expect(got.integer('io-uring-off')).toBe(0n);
      expect(got.output('io-uring-after').trim()).toBe('2');
    });

    test('what no sysctl takes back is taken back by audit-unlock, kexec-allow and bpf-allow, once', () => {
      expect(got.integer('audit-unlock')).toBe(1n);
      expect(got.output('kexec').trim()).toBe('0');
      expect(got.output('bpf').trim()).toBe('2');
      for (const step of ['audit-again', 'kexec-again', 'bpf-again'])
        expect(got.result(step).outcome, step).toBe('skipped');
    });

    test('dynamic-debug switches messages on and off, and clock-was-set returns', () => {
      expect(got.integer('dynamic-debug')).toBeGreaterThan(0n);
      expect(got.integer('debug-off')).toBe(got.integer('dynamic-debug'));
      expect(got.result('clock-was-set').outcome).toBe('returned');
    });
  });

  test('every recipe was run', () => {
    const names = allRecipes().map(({ name }) => name);
    expect(names.filter(name => !takenRecipes.has(name))).toEqual([]);
  });
});
