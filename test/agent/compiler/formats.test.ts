import { expect, test } from 'vitest';
import { failureOf } from './support/guarded.ts';
import { smallKernel } from './support/small-kernel.ts';

const { compiler } = smallKernel();

test.each([
  [
    'a value that is missing',
    '_printk("%d %d\\n", 1);',
    /given 1 value, and its format takes 2: nothing is there for %d/,
  ],
  ['a width that is missing', '_printk("%*d", 1);', /given 1 value, and its format takes 2/],
  ['a precision that is missing', '_printk("%.*s", "x");', /given 1 value, and its format takes 2/],
  [
    'a number where it reads a text',
    '_printk("%s\\n", get_int());',
    /%s reads memory at the address .* a number: int/,
  ],
  [
    'a number that it takes for an address to look into',
    '_printk("%pI4\\n", get_long());',
    /%pI4 reads memory at the address/,
  ],
  ['nothing at all', '_printk("%pS\\n");', /nothing is there for %pS/],
])('a program is refused that gives a format %s', (_what, program, message) => {
  expect(failureOf(() => compiler.compile(program, 'm')).message).toMatch(message);
});

test.each([
  ['a text', '_printk("%s %.3s %*s\\n", "a", "b", 5, "c");'],
  ['null for a text', '_printk("%s\\n", 0);'],
  ['percent signs', '_printk("100%% %c\\n", 65);'],
  [
    'pointers in every form',
    'struct task_struct *t = get_task(); _printk("%p %px %pS %pI4\\n", t, t, t, t);',
  ],
  ['numbers of every size', '_printk("%d %u %hhx %ld %llu %zu %5.2d\\n", 1, 2, 3, 4L, 5ULL, 6UL, 7);'],
  ['no literal', 'const char *f = "%d"; _printk(f, 1);'],
])('a program is compiled without a warning that gives a format %s', (_what, program) => {
  expect(compiler.compile(program, 'm').warnings).toEqual([]);
});

test.each([
  ['_printk("%d\\n", 5L);', '%d takes 32 bits, and this is long'],
  ['_printk("%ld\\n", 5);', '%ld takes 64 bits, and this is int'],
  ['_printk("%d\\n", get_task());', '%d takes 32 bits, and this is struct task_struct *'],
  ['_printk("%s\\n", get_task());', '%s takes a text, and this is struct task_struct *'],
  ['_printk("%p\\n", get_long());', '%p takes a pointer, and this is long'],
  ['_printk("\\n", 5);', "'_printk' is given 1 value, and its format takes 0"],
])('the program %s is compiled, and warned of', (program, warning) => {
  expect(compiler.compile(program, 'm').warnings.map(({ message }) => message)).toEqual([warning]);
});
