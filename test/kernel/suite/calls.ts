import { expect } from 'vitest';
import { type Case, ends, refused, value } from './case.ts';

/** Every width and sign of results, pointers, strings, enumerations, errnos. */
const VALUES: readonly (readonly [program: string, text: string | RegExp])[] = [
  ['strlen("hello")', '(size_t)5'],
  ['strcmp("a", "b") < 0', '(int)1'],
  ['crc32_le(~0, (const unsigned char *)"123456789", 9)', `(u32)${0x340bc6d9}`],
  ['int_sqrt(1UL << 40)', `(unsigned long)${2 ** 20}`],
  ['gcd(48, 36)', '(unsigned long)12'],
  ['simple_strtoll("-9223372036854775807", NULL, 10)', '(long long)-9223372036854775807'],
  ['simple_strtoull("0xffffffffffffffff", NULL, 16)', '(unsigned long long)18446744073709551615'],
  ['simple_strtol("-5", NULL, 0)', /^\(long\)-5 \/\* -EIO \*\/$/],
  ['sysfs_streq("on", "on\\n")', /^\((bool|_Bool)\)true$/],
  ['sysfs_streq("on", "off")', /^\((bool|_Bool)\)false$/],
  ['no_action(0, NULL)', /^\((enum irqreturn|irqreturn_t)\)IRQ_NONE \/\* 0 \*\/$/],
  ['irq_default_primary_handler(0, NULL)', /IRQ_WAKE_THREAD \/\* 2 \*\//],
  ['errno_to_blk_status(-5)', /^\(blk_status_t\)10$/],
  ['filp_open("/no/such/file", 0, 0)', '(struct file *)ERR_PTR(-2) /* -ENOENT */'],
  ['find_task_by_vpid(0)', '(struct task_struct *)0x0'],
  ['&nr_processes', /^\(int \(\*\)\(void\)\)0xffff[0-9a-f]{12} \/\* nr_processes \*\/$/],
  ['&jiffies', /^\(unsigned long \*\)0xffff[0-9a-f]{12} \/\* jiffies/],
  ['(void *)((char *)&nr_processes + 4)', /nr_processes\+0x4 \*\/$/],
  ['print_hex_dump("", "farcall: ", DUMP_PREFIX_NONE, 16, 1, "hello", 5, true)', '(void)'],
  ['strlen("ab") * 100 + strlen("abc") * 10 + (nr_processes() > 0 && gcd(4, 6) == 2)', '(unsigned long)231'],
  ['-7 / (int)strlen("ab")', '(int)-3'],
  ['(strlen("x"), 42)', '(int)42'],
  [
    'extern int strcmp(const char *, const char *); int (*f)(const char *, const char *) = strcmp; f("a", "a")',
    '(int)0',
  ],
];

/** Functions that not every kernel is built with. */
const BUILT_IN_SOME: readonly (readonly [program: string, text: string, symbol: string])[] = [
  ['tomoyo_find_yesno("a=yes", "a")', '(s8)1', 'tomoyo_find_yesno'],
  ['tomoyo_find_yesno("", "a")', '(s8)-1', 'tomoyo_find_yesno'],
  ["acpi_ut_ascii_char_to_hex('f')", '(u8)15', 'acpi_ut_ascii_char_to_hex'],
  ['acpi_ut_hex_to_ascii_char(0xabcd, 4)', `(char)${'C'.charCodeAt(0)}`, 'acpi_ut_hex_to_ascii_char'],
  ['crc_ccitt(0xffff, (u8 *)"123456789", 9)', `(u16)${0x6f91}`, 'crc_ccitt'],
];

const PRINTK = { needs: [{ symbol: '_printk' }] } as const;

/** A table of functions that every kernel has, whose first member is harmless. */
const JIFFIES = 'extern struct clocksource clocksource_jiffies; struct clocksource c = clocksource_jiffies;';
const HAS_JIFFIES = { needs: [{ symbol: 'clocksource_jiffies' }] } as const;

/** Calls that return, and calls that must not compile here. */
export const CALLS: readonly Case[] = [
  ...VALUES.map(([program, text]) => value('calls', program, text)),
  ...BUILT_IN_SOME.map(([program, text, symbol]) => value('calls', program, text, { needs: [{ symbol }] })),
  value(
    'calls',
    'extern int snprintf(char *to, size_t size, const char *format, ...); snprintf(NULL, 0, "%d %d %d %d %d %d %s", 1, 2, 3, 4, 5, 6, "ten")',
    '(int)15',
  ),
  value('library', 'snprintf(NULL, 0, "%d %s", 123, "ten")', '(int)7'),
  {
    area: 'calls',
    title: 'what the kernel logs during a call comes back with it, and nothing else',
    steps: {
      short: { program: '_printk("Hello, world %d\\n", 1234)', ...PRINTK },
      long: {
        program: '_printk("%d %d %d %d %d %d %d %d %s\\n", 1, 2, 3, 4, 5, 6, 7, -8, "nine")',
        ...PRINTK,
      },
    },
    check(got) {
      expect(got.text('short')).toBe('(int)17');
      expect(got.result('short').kernelLog).toEqual(['Hello, world 1234']);
      expect(got.result('long').kernelLog).toEqual(['1 2 3 4 5 6 7 -8 nine']);
    },
  },
  {
    area: 'calls',
    title: 'rows that find no room are counted',
    steps: { it: 'for (int i = 0; i < 20000; i++) report(i);' },
    check(got) {
      const { rows = [], droppedRows = 0 } = got.result('it');
      expect(rows.length + droppedRows).toBe(20_000);
      expect(rows.length).toBeGreaterThan(1000);
    },
  },
  value('calls', `${JIFFIES} clocksource_jiffies.read(&c) > 0`, '(int)1', HAS_JIFFIES),
  ends(
    `${JIFFIES} union { typeof(c.read) f; long l; } u = { c.read }; u.l += 4; u.f(&c)`,
    'refused',
    /what the pointer holds, jiffies_read \(0x[0-9a-f]+, 0x4 bytes into it\); it was not called/,
    HAS_JIFFIES,
  ),
  refused('_printkk("x")', 'SYMBOL_UNKNOWN', /did you mean '_printk'/, PRINTK),
  refused('wake_up_proces(0)', 'SYMBOL_UNKNOWN', /'wake_up_process'/),
  refused('start_kernel()', 'SYMBOL_INIT', /__init/),
  refused('prepare_arch_switch(find_task_by_vpid(1))', 'SYMBOL_UNKNOWN', /inlined everywhere|did you mean/),
  refused('strlen(5)', 'PROGRAM_TYPE', /expected const char \*, found the number 5/),
  refused('gcd("a", 1)', 'PROGRAM_TYPE', /expected unsigned long, found a string/),
  refused('crc_ccitt(70000, NULL, 0)', 'PROGRAM_TYPE', /70000 does not fit in u16/, {
    needs: [{ symbol: 'crc_ccitt' }],
  }),
  refused('gcd(1)', 'PROGRAM_TYPE', /takes 2 arguments, not 1/),
  refused("extern const char linux_banner[]; linux_banner[0] = 'x'", 'PROGRAM_TYPE', /const/),
];
