import { beforeAll, describe, expect, test } from 'vitest';
import { type KernelSeries, type Machine, sharedMachine } from './machine/index.ts';
import { type ProgramResults, runPrograms } from './support/programs-in-guest.ts';

const SERIES: readonly KernelSeries[] = ['6.1', '6.12', '7.2'];

/** Programs and the text of their values: every width and sign of results, pointers, strings, enumerations, errnos. */
const VALUES: readonly (readonly [program: string, text: string | RegExp])[] = [
  ['strlen("hello")', '(size_t)5'],
  ['strcmp("a", "b") < 0', '(int)1'],
  ['tomoyo_find_yesno("a=yes", "a")', '(s8)1'],
  ['tomoyo_find_yesno("", "a")', '(s8)-1'],
  ["acpi_ut_ascii_char_to_hex('f')", '(u8)15'],
  ['acpi_ut_hex_to_ascii_char(0xabcd, 4)', `(char)${'C'.charCodeAt(0)}`],
  ['crc_ccitt(0xffff, (u8 *)"123456789", 9)', `(u16)${0x6f91}`],
  ['crc32_le(~0, (const unsigned char *)"123456789", 9)', `(u32)${0x340bc6d9}`],
  ['int_sqrt(1UL << 40)', `(unsigned long)${2 ** 20}`],
  ['gcd(48, 36)', '(unsigned long)12'],
  ['simple_strtoll("-9223372036854775807", NULL, 10)', '(long long)-9223372036854775807'],
  ['simple_strtoull("0xffffffffffffffff", NULL, 16)', '(unsigned long long)18446744073709551615'],
  ['simple_strtol("-5", NULL, 0)', /^\(long\)-5 \/\* -EIO \*\/$/],
  ['sysfs_streq("on", "on\\n")', '(bool)true'],
  ['sysfs_streq("on", "off")', '(bool)false'],
  ['no_action(0, NULL)', /^\((enum irqreturn|irqreturn_t)\)IRQ_NONE \/\* 0 \*\/$/],
  ['irq_default_primary_handler(0, NULL)', /IRQ_WAKE_THREAD \/\* 2 \*\//],
  ['errno_to_blk_status(-5)', /^\(blk_status_t\)10$/],
  ['filp_open("/no/such/file", 0, 0)', '(struct file *)ERR_PTR(-2) /* -ENOENT */'],
  ['find_task_by_vpid(0)', '(struct task_struct *)0x0'],
  ['&nr_processes', /^\(int \(\*\)\(void\)\)0xffffffff[0-9a-f]{8} \/\* nr_processes \*\/$/],
  ['&jiffies', /^\(void \*\)0xffffffff[0-9a-f]{8} \/\* jiffies/],
  ['(void *)((char *)&nr_processes + 4)', /nr_processes\+0x4 \*\/$/],
  ['print_hex_dump("", "farcall: ", DUMP_PREFIX_NONE, 16, 1, "hello", 5, true)', '(void)'],
  ['snprintf(NULL, 0, "%d %d %d %d %d %d %s", 1, 2, 3, 4, 5, 6, "ten")', '(int)15'],
  ['strlen("ab") * 100 + strlen("abc") * 10 + (nr_processes() > 0 && gcd(4, 6) == 2)', '(unsigned long)231'],
  ['-7 / (int)strlen("ab")', '(int)-3'],
  ['(strlen("x"), 42)', '(int)42'],
];

/** Programs that must not compile here, and what is said about them. */
const REFUSED: readonly (readonly [program: string, code: string, message: RegExp])[] = [
  ['printk("x")', 'SYMBOL_UNKNOWN', /did you mean '_printk'/],
  ['wake_up_proces(0)', 'SYMBOL_UNKNOWN', /'wake_up_process'/],
  ['start_kernel()', 'SYMBOL_INIT', /__init/],
  ['get_task_struct(find_task_by_vpid(1))', 'SYMBOL_UNKNOWN', /inlined everywhere|did you mean/],
  ['strlen(5)', 'PROGRAM_TYPE', /the number 5 where const char \* is due/],
  ['gcd("a", 1)', 'PROGRAM_TYPE', /a string where unsigned long is due/],
  ['crc_ccitt(70000, NULL, 0)', 'PROGRAM_TYPE', /70000 does not fit in u16/],
  ['gcd(1)', 'PROGRAM_TYPE', /takes 2 arguments, not 1/],
];

describe.each(SERIES)('Linux %s', series => {
  let machine: Machine;
  let values: ProgramResults;
  let refused: ProgramResults;

  beforeAll(async () => {
    machine = await sharedMachine(series);
    values = await runPrograms(
      machine,
      VALUES.map(([program]) => program),
    );
    refused = await runPrograms(
      machine,
      REFUSED.map(([program]) => program),
    );
  });

  test.each(VALUES.map(([program, text], index) => ({ program, text, index })))(
    '$program',
    ({ text, index }) => {
      const result = values.results[index];
      expect(result?.outcome, result?.message ?? result?.error?.message).toBe('returned');
      if (typeof text === 'string') expect(result?.value?.text).toBe(text);
      else expect(result?.value?.text).toMatch(text);
    },
  );

  test.each(REFUSED.map(([program, code, message], index) => ({ program, code, message, index })))(
    '$program is $code',
    ({ code, message, index }) => {
      expect(refused.results[index]?.message).toMatch(message);
      expect(refused.results[index]?.code).toBe(code);
    },
  );

  test('what the kernel logs during a call comes back with it, and nothing else', async () => {
    const { results } = await runPrograms(machine, [
      '_printk("Hello, world %d\\n", 1234)',
      '_printk("%d %d %d %d %d %d %d %d %s\\n", 1, 2, 3, 4, 5, 6, 7, -8, "nine")',
    ]);
    expect(results.map(({ kernelLog }) => kernelLog)).toEqual([
      ['Hello, world 1234'],
      ['1 2 3 4 5 6 7 -8 nine'],
    ]);
    expect(results[0]?.value?.text).toBe('(int)17');
  });

  test.each([
    ['constprop', 'SYMBOL_NOT_CALLABLE', /takes other arguments than the source says/],
    ['part', 'SYMBOL_INLINED', /inlined '.*' into its callers/],
  ] as const)('a function of which only a .%s copy is left is %s', async (suffix, code, message) => {
    const name = onlyVariant(await machine.output(['cat', '/proc/kallsyms']), suffix);
    const { results } = await runPrograms(machine, [`${name}()`]);
    expect(results[0]?.code, name).toBe(code);
    expect(results[0]?.message).toMatch(message);
  });

  test('symbols and memory were read the fast way', () => {
    expect(values.notes).toEqual([]);
  });

  test('nothing is left in /proc/modules', async () => {
    expect(await machine.output(['cat', '/proc/modules'])).not.toMatch(/^farcall/m);
  });
});

/** A name that /proc/kallsyms has with this suffix of the compiler, and in no other form. */
function onlyVariant(kallsyms: string, suffix: string): string {
  const names = new Set([...kallsyms.matchAll(/^\S+ \S (\S+)$/gm)].map(match => match[1]!));
  const forms = new Map<string, string[]>();
  for (const name of names) {
    const [base, form] = [name.replace(/\..*/, ''), name.split('.')[1] ?? 'plain'];
    forms.set(base, [...(forms.get(base) ?? []), form]);
  }
  const found = [...forms].find(([, all]) => all.every(form => form === suffix));
  if (!found) throw new Error(`no function has only a .${suffix} copy in this kernel`);
  return found[0];
}
