import { expect } from 'vitest';
import { between, type Case, cat, sameAsFile, sh } from './case.ts';

const UTS = 'extern struct uts_namespace init_uts_ns; init_uts_ns.name.';
const int = (name: string): string => `extern int ${name}; ${name}`;

/** An array of a sysctl table, against /proc/sys: the names, and the numbers that its entries point to. */
function sysctlTable(table: string, folder: string): Case {
  const program =
    `extern struct ctl_table ${table}[]; for (int i = 0; i < 60 && ${table}[i].procname; i++) ` +
    `report(${table}[i].procname, (${table}[i].proc_handler == &proc_dointvec || ${table}[i].proc_handler == &proc_dointvec_minmax) && ${table}[i].maxlen == 4, ` +
    `${table}[i].maxlen == 4 && ${table}[i].data ? *(int *)${table}[i].data : 0);`;
  return {
    area: 'reads',
    title: `the sysctl table ${table} is ${folder}`,
    steps: {
      it: { program, needs: [{ symbol: table }] },
      files: sh(`cd ${folder} && grep -sH '' * || true`),
    },
    check(got) {
      const rows = got.rows('it');
      const files = new Map(
        got
          .output('files')
          .split('\n')
          .map(line => splitOnce(line, ':')),
      );
      const numbers = rows.filter(([name, isNumber]) => isNumber === '1' && files.has(name!));
      expect(rows.length).toBeGreaterThan(2);
      expect(numbers.length).toBeGreaterThan(0);
      for (const [name, , number] of numbers) expect(`${name} ${files.get(name!)}`).toBe(`${name} ${number}`);
    },
  };
}

function splitOnce(line: string, by: string): [string, string] {
  const at = line.indexOf(by);
  return [line.slice(0, at), line.slice(at + 1)];
}

/** What kernels for one CPU have. */
const X86 = [{ member: 'cpuinfo_x86.x86_model' }] as const;
const ARM64 = [{ member: 'cpuinfo_arm64.reg_midr' }] as const;

/** What the whole system knows of itself. */
export const SYSTEM: readonly Case[] = [
  sameAsFile(`${UTS}sysname`, '/proc/sys/kernel/ostype'),
  sameAsFile(`${UTS}release`, '/proc/sys/kernel/osrelease'),
  sameAsFile(`${UTS}version`, '/proc/sys/kernel/version'),
  sameAsFile(`${UTS}nodename`, '/proc/sys/kernel/hostname'),
  sameAsFile(`${UTS}domainname`, '/proc/sys/kernel/domainname'),
  sameAsFile('extern char linux_banner[]; (const char *)linux_banner', '/proc/version'),
  sameAsFile('extern char *saved_command_line; saved_command_line', '/proc/cmdline'),
  sameAsFile('extern char core_pattern[128]; core_pattern', '/proc/sys/kernel/core_pattern'),
  sameAsFile('extern char modprobe_path[256]; modprobe_path', '/proc/sys/kernel/modprobe'),
  sameAsFile(int('panic_timeout'), '/proc/sys/kernel/panic'),
  sameAsFile(int('max_threads'), '/proc/sys/kernel/threads-max'),
  sameAsFile(int('vm_swappiness'), '/proc/sys/vm/swappiness'),
  sameAsFile(int('sysctl_overcommit_memory'), '/proc/sys/vm/overcommit_memory'),
  sameAsFile(int('min_free_kbytes'), '/proc/sys/vm/min_free_kbytes'),
  sameAsFile(int('dirty_background_ratio'), '/proc/sys/vm/dirty_background_ratio'),
  sameAsFile('extern unsigned long tainted_mask; tainted_mask', '/proc/sys/kernel/tainted'),
  sameAsFile('extern struct files_stat_struct files_stat; files_stat.max_files', '/proc/sys/fs/file-max'),
  {
    area: 'reads',
    title: 'console_printk is /proc/sys/kernel/printk',
    steps: { it: 'extern int console_printk[4]; console_printk', file: cat('/proc/sys/kernel/printk') },
    check: got =>
      expect(got.text('it')).toBe(`(int [4]){ ${got.output('file').trim().split(/\s+/).join(', ')} }`),
  },
  {
    area: 'reads',
    title: 'sysctl_bootid is /proc/sys/kernel/random/boot_id',
    steps: {
      // The kernel makes it when it is first asked for.
      file: cat('/proc/sys/kernel/random/boot_id'),
      it: 'extern u8 sysctl_bootid[16]; for (int i = 0; i < 16; i++) report(sysctl_bootid[i]);',
    },
    check: got =>
      expect(Buffer.from(got.rows('it').map(([byte]) => Number(byte))).toString('hex')).toBe(
        got.output('file').replaceAll('-', ''),
      ),
  },
  sysctlTable('net_core_table', '/proc/sys/net/core'),
  sysctlTable('ipv4_table', '/proc/sys/net/ipv4'),
  {
    area: 'reads',
    title: '_totalram_pages is MemTotal',
    steps: {
      it: 'extern atomic_long_t _totalram_pages; _totalram_pages.counter * $PAGE_KIB',
      file: sh("sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"),
    },
    check: got => expect(got.plain('it')).toBe(got.output('file')),
  },
  {
    area: 'reads',
    title: 'boot_cpu_data is /proc/cpuinfo',
    steps: {
      it: {
        program:
          'extern struct cpuinfo_x86 boot_cpu_data; report(boot_cpu_data.x86_vendor_id, boot_cpu_data.x86, boot_cpu_data.x86_model, boot_cpu_data.x86_model_id);',
        needs: X86,
      },
      perCpu: { program: 'per_cpu(cpu_info, 0).x86_vendor_id', needs: X86 },
      file: cat('/proc/cpuinfo'),
    },
    check(got) {
      const field = (name: string): string =>
        new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(got.output('file'))?.[1] ?? '?';
      const row = ['vendor_id', 'cpu family', 'model', 'model name'].map(field);
      expect(got.rows('it')).toEqual([row]);
      expect(got.plain('perCpu')).toBe(row[0]);
    },
  },
  {
    area: 'reads',
    title: 'cpu_data is what /sys says of the CPU',
    steps: {
      it: { program: 'per_cpu(cpu_data, 0).reg_midr', needs: ARM64 },
      file: sh('cat /sys/devices/system/cpu/cpu0/regs/identification/midr_el1'),
    },
    check: got => expect(got.integer('it')).toBe(BigInt(got.output('file'))),
  },
  between('ktime_get_seconds()', "sed 's/\\..*//' /proc/uptime"),
  between('ktime_get_real_seconds()', 'date +%s'),
  between(
    'long n = 0; for (int cpu = 0; cpu < 1; cpu++) n += per_cpu(runqueues, cpu).nr_switches; n',
    "sed -n 's/^ctxt //p' /proc/stat",
  ),
  {
    area: 'reads',
    title: 'avenrun is /proc/loadavg',
    steps: {
      before: cat('/proc/loadavg'),
      it: 'extern unsigned long avenrun[3]; report(avenrun[0], avenrun[1], avenrun[2]);',
      after: cat('/proc/loadavg'),
    },
    check(got) {
      // kernel/sched/loadavg.c: fixed point with 11 bits, rounded to hundredths.
      const loads = got.rows('it')[0]!.map(cell => (((Number(cell) + 10) / 2048) * 100) | 0);
      const [before, after] = [got.table('before')[0]!, got.table('after')[0]!];
      for (const [index, load] of loads.entries()) {
        const ends = [before, after].map(cells => Math.round(Number(cells[index]) * 100));
        expect(load).toBeGreaterThanOrEqual(Math.min(...ends));
        expect(load).toBeLessThanOrEqual(Math.max(...ends));
      }
    },
  },
];
