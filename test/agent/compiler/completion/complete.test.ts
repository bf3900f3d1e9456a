import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallLanguageService } from '../support/language-service-of.ts';
import { randomPrograms } from '../support/random-program.ts';

const languageService = smallLanguageService();

/** What is offered at the `|`, as `label: detail`. */
function offered(marked: string, limit = 100): string[] {
  const offset = marked.indexOf('|');
  const program = marked.slice(0, offset) + marked.slice(offset + 1);
  return languageService
    .complete({ program, offset, limit })
    .items.map(({ label, detail }) => `${label}: ${detail}`);
}

const MEMBERS = ['__state: unsigned int', 'pid: pid_t', 'comm: char [16]', 'parent: struct task_struct *'];

describe('completion of members', () => {
  it.each([
    ['of a local', 'struct task_struct *t = get_task();\nt->|'],
    ['along a chain', 'struct task_struct *t; t->parent->parent->|'],
    ['of what a call returns', 'get_task()->|'],
    ['of a cast', '((struct task_struct *)0)->|'],
    ['of a cast without parentheses around it', 'struct task_struct *t; (long)t->|'],
    ['of an element', 'struct task_struct *a[4]; a[1 + 2]->|'],
    ['of what a pointer points to', 'struct task_struct **p; (*p)->|'],
    ['behind a dot where -> is due', 'struct task_struct *t; t.|'],
    ['of an auto', 'auto t = get_task(); t->|'],
    ['of a compound literal', '(struct task_struct){ .pid = 1 }.|'],
    ['of the loop’s task', 'for_each_task (t) if (t->|'],
    [
      'in a broken program',
      'int x = = 3; foo(; struct task_struct *t = get_task();\nif (t->pid == 1 && t->|',
    ],
    ['with a broken rest', 'struct task_struct *t; t->| } ) ; "'],
    ['in the declaration itself', 'struct task_struct *t = get_task(), *u = t->|'],
    ['of a declaration with a missing function', 'struct task_struct *t = no_such(); t->|'],
    ['behind a typedef', 'typedef struct task_struct *task; task t; t->|'],
    ['of a variable of the head of a for', 'for (struct task_struct *t = 0; t->|'],
    ['in the body of such a for', 'for (struct task_struct *t = 0; t; ) { if (1) t->|'],
    ['by a designator', 'struct task_struct t = { .|'],
    ['by a second designator', 'struct task_struct t = { .pid = f(1, 2), .|'],
    ['in offsetof', 'offsetof(struct task_struct, |'],
    ['in container_of', 'container_of(0, struct task_struct, |'],
  ])('members are offered %s', (_name, program) => {
    expect(offered(program)).toEqual(MEMBERS);
  });

  it('members of structures of the program are completed, and of structures within them', () => {
    const outer = 'struct inner { int a; long b; }; struct outer { struct inner i; int : 3; int z : 5; } o;';
    expect(offered(`${outer} o.|`)).toEqual(['i: struct inner', 'z: int : 5']);
    expect(offered(`${outer} o.i.|`)).toEqual(['a: int', 'b: long']);
    expect(offered(`${outer} struct outer p = { .i = { .|`)).toEqual(['a: int', 'b: long']);
    expect(offered(`${outer} struct outer p = { .i.|`)).toEqual(['a: int', 'b: long']);
    expect(offered(`${outer} struct inner q[2] = { { .|`)).toEqual(['a: int', 'b: long']);
  });

  it('members are offered by what was typed of the name: those that start so first', () => {
    expect(offered('get_task()->p|')).toEqual(
      ['pid: pid_t', 'parent: struct task_struct *', 'comm: char [16]'].slice(0, 2),
    );
    expect(offered('get_task()->sta|')).toEqual(['__state: unsigned int']);
  });

  it.each([
    ['of what has none', 'int x; x.|'],
    ['of what is out of sight', '{ struct task_struct *t; } t->|'],
    ['of a name that another hides', 'struct task_struct *t; { int t; t->|'],
    ['of an unknown name', 'nobody->|'],
    ['in a string', '_printk("get_task()->|'],
    ['in a comment', 'get_task(); // get_task()->|'],
    ['of a number', '1.|'],
  ])('there are no members %s', (_name, program) => {
    expect(offered(program)).toEqual([]);
  });
});

describe('completion of names', () => {
  it('completion of names has functions with their prototypes, and what is exact first', () => {
    expect(offered('wake_up_|')).toEqual([
      'wake_up_bit: void wake_up_bit(void *word, int bit)',
      'wake_up_klogd: ',
      'wake_up_process: int wake_up_process(struct task_struct *p)',
      'wake_up_new_task: void wake_up_new_task(struct task_struct *p)',
    ]);
    expect(offered('printk|')).toEqual(['_printk: int _printk(const char *fmt, ...)']);
  });

  it('completion of names has the declarations of the program before everything else', () => {
    const program =
      'int wake_count; enum mine { WAKE_NONE, }; typedef int wake_t; { long wake_inner; } wake|';
    expect(offered(program).slice(0, 2)).toEqual(['wake_t: int', 'wake_count: int']);
    expect(offered(program).some(line => line.startsWith('wake_inner'))).toBe(false);
    expect(offered('{ long wake_inner; wake_i|')).toEqual(['wake_inner: long']);
  });

  it('completion of names has types, tags, enumerators, builtins and keywords', () => {
    expect(offered('pid_|')).toEqual(['pid_t: int']);
    expect(offered('struct ta|')).toEqual(['task_struct: struct task_struct, 64 bytes']);
    expect(offered('struct task_private { int a; }; struct task_p|')).toEqual([
      'task_private: struct task_private, of this program',
    ]);
    expect(offered('GRE|')).toEqual(['GREEN: 1 in enum color']);
    expect(offered('find_t|')).toEqual(['find_task: struct task_struct *find_task(int pid)']);
    expect(offered('retur|')[0]).toBe('return: ');
  });

  it('completion of names has what is near if nothing was typed yet, and not the whole kernel', () => {
    const labels = offered('int near_by; |', 500).map(line => line.split(':')[0]);
    expect(labels[0]).toBe('near_by');
    expect(labels).toContain('require');
    expect(labels).not.toContain('wake_up_process');
  });

  it('completion of names says from where an item replaces the text, and keeps to its limit', () => {
    expect(languageService.complete({ program: 'f(wake_up', offset: 9, limit: 2 })).toMatchObject({
      from: 2,
    });
    expect(offered('wake|', 2).length).toBe(2);
    expect(languageService.complete({ program: 'x', offset: 99, limit: 5 }).from).toBe(0);
  });

  it.each([
    ['behind goto', 'goto |'],
    ['for a module', 'extern int x@n|'],
    ['in a number', '0x1|'],
  ])('there are no names %s', (_name, program) => {
    expect(offered(program)).toEqual([]);
  });
});

describe('completion and checks of any text', () => {
  const words = ['struct', 'task_struct', 't', '*', '->', '.', '(', ')', '{', '}', '[', ']', ';', ',', '='];
  const more = [
    'for',
    'if',
    'int',
    'get_task()',
    '"',
    "'",
    '/*',
    '//',
    '\n',
    '#define A',
    '@',
    '1',
    '++',
    'é',
  ];
  const text = fc.array(fc.constantFrom(...words, ...more), { maxLength: 60 }).map(parts => parts.join(' '));

  it('completion of any text returns at most as many items as were asked for', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ maxLength: 80 })), fc.nat(200), (program, offset) => {
        const { from, items } = languageService.complete({ program, offset, limit: 7 });
        expect(from).toBeLessThanOrEqual(Math.min(offset, program.length));
        expect(items.length).toBeLessThanOrEqual(7);
      }),
      { numRuns: 2000 },
    );
  });

  it('a check answers whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ maxLength: 80 })), program => {
        const { diagnostics, effect } = languageService.check(program);
        expect(effect === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 1000 },
    );
  });

  it('completion answers at each place of real programs, cut off there or not', () => {
    const { bodies } = randomPrograms(7, { count: 4, records: 2, local: true });
    for (const body of bodies) {
      for (let offset = 0; offset < body.length; offset += 29) {
        languageService.complete({ program: body, offset, limit: 10 });
        languageService.complete({ program: body.slice(0, offset), offset, limit: 10 });
      }
    }
    expect(bodies.join('').length).toBeGreaterThan(500);
  });

  it.each([
    ['parentheses', '('.repeat(30_000)],
    ['blocks in expressions', '({'.repeat(20_000)],
    ['lists', 'int a[] = {'.repeat(5000)],
    ['loops', 'for (int i = 0; i < 3; '.repeat(2500)],
    ['declarations', 'int a = b; '.repeat(5000)],
    ['members', `x${'.a'.repeat(30_000)}`],
    ['mistakes', '= ; '.repeat(15_000)],
  ])('a program of as many %s as it may hold is gone through once', (_name, program) => {
    const before = process.cpuUsage();
    languageService.complete({ program: `${program}x`, offset: program.length + 1, limit: 10 });
    languageService.complete({ program: `${program}.`, offset: program.length + 1, limit: 10 });
    // Of the processor, which no other load lengthens: far from what it takes, and far below what anything
    // but a straight way through the text would take.
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });
});
