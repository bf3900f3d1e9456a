import { describe, expect, it } from 'vitest';
import { NamedSymbols } from '../../../../agent/compiler/index.ts';
import { smallLanguageService } from '../support/language-service-of.ts';

const languageService = smallLanguageService();
const places = (program: string) =>
  languageService
    .check(program)
    .diagnostics.map(({ line, column, endColumn, code }) => [line, column, endColumn, code]);

describe('a check of a program', () => {
  it('a check of a program reports the result type, the effect and the callees of a program', () => {
    expect(languageService.check('struct task_struct *t = get_task();\nwake_up_process(t)')).toEqual({
      diagnostics: [],
      resultType: 'int',
      effect: 'call',
      indirectCalls: false,
      callees: ['struct task_struct *get_task(void)', 'int wake_up_process(struct task_struct *p)'],
    });
    expect(languageService.check('1 + 2')).toMatchObject({ resultType: 'int', effect: 'read', callees: [] });
  });

  it('a check of a program knows what the kernel has, and its release', () => {
    const program = [
      '#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) || __has_symbol(nobody)',
      'nobody();',
      '#endif',
      'static int pid_of(struct task_struct *t) { return t->pid; }',
      'if (__has_member(struct task_struct, pidd)) get_task()->pidd = 1;',
      'pid_of(get_task())',
    ].join('\n');
    expect(languageService.check(program)).toMatchObject({
      diagnostics: [],
      resultType: 'int',
      effect: 'call',
    });
  });

  it('a check of a program finds errors in its functions, and in what macros make', () => {
    const program = [
      '#define PID(t) ((t)->pidd)',
      'static int pid_of(struct task_struct *t) { return PID(t); }',
      'pid_of(get_task())',
    ].join('\n');
    expect(places(program)).toEqual([[2, 51, 54, 'PROGRAM_TYPE']]);
  });

  it('a check of a program finds one error in each statement, with its token, in blocks too', () => {
    const program = [
      'struct task_struct *t = get_task();',
      'if (t->pidd) { wake_up_proces(t); t->comm[0] = 1; }',
      'while (1) { nobody(); break; }',
      't->nothing',
    ].join('\n');
    expect(places(program)).toEqual([
      [2, 8, 12, 'PROGRAM_TYPE'],
      [3, 13, 19, 'SYMBOL_UNKNOWN'],
      [4, 4, 11, 'PROGRAM_TYPE'],
    ]);
    const [first] = languageService.check(program).diagnostics;
    expect(first?.message).toBe("struct task_struct has no member 'pidd'; did you mean 'pid'?");
  });

  it('a check of a program goes on behind what it cannot read, and still checks the rest', () => {
    expect(places('int x = (1;\nint y = 2 +;\nif (1) { = } else { }\nnobody(1)')).toEqual([
      [1, 11, 12, 'PROGRAM_SYNTAX'],
      [2, 12, 13, 'PROGRAM_SYNTAX'],
      [3, 10, 11, 'PROGRAM_SYNTAX'],
      [4, 1, 7, 'SYMBOL_UNKNOWN'],
    ]);
  });

  it('a check of a program does not tell of what only follows from another error', () => {
    expect(places('no_type_t x = 1;\nstruct nothing y;\ny.a + y.b;\n1')).toEqual([
      [1, 1, 10, 'PROGRAM_TYPE'],
      [2, 1, expect.any(Number), 'PROGRAM_TYPE'],
    ]);
  });

  it('a check of a program warns of valid C that is probably a mistake', () => {
    expect(languageService.check('int unused = 1;\n1 == 2;\n_printk("x")').diagnostics).toMatchObject([
      { severity: 'warning', line: 1, column: 5, endColumn: 11, code: '' },
      { severity: 'warning', line: 2 },
    ]);
  });

  it('a check of a program reports an empty program as an error', () => {
    expect(places('')).toEqual([[1, 1, undefined, 'PROGRAM_SYNTAX']]);
    expect(places('  // nothing')).toEqual([[1, 1, undefined, 'PROGRAM_SYNTAX']]);
    expect(places('"abc')).toMatchObject([[1, 1, 5, 'PROGRAM_SYNTAX']]);
  });

  it('a check of a program knows what is only there while the kernel starts, and what has no type', () => {
    expect(places('wake_up_early()')).toMatchObject([[1, 1, 14, 'SYMBOL_INIT']]);
    expect(places('wake_up_klogd()')).toMatchObject([[1, 1, 14, 'SYMBOL_NOT_CALLABLE']]);
  });
});

describe('the functions of a kernel', () => {
  it('the functions of a kernel are listed by name, with the reason why a program cannot call them', () => {
    expect([...languageService.functions(name => /^(wake|nfsd)/.test(name))]).toEqual([
      { name: 'nfsd_svc', module: 'nfsd', prototype: '', note: 'no type: declare it' },
      { name: 'wake_up_bit', module: '', prototype: 'void wake_up_bit(void *word, int bit)', note: '' },
      {
        name: 'wake_up_early',
        module: '',
        prototype: 'void wake_up_early(void)',
        note: 'only while the kernel started',
      },
      { name: 'wake_up_klogd', module: '', prototype: '', note: 'no type: declare it' },
      {
        name: 'wake_up_new_task',
        module: '',
        prototype: 'void wake_up_new_task(struct task_struct *p)',
        note: '',
      },
      {
        name: 'wake_up_process',
        module: '',
        prototype: 'int wake_up_process(struct task_struct *p)',
        note: '',
      },
    ]);
  });

  it('the functions of a kernel are counted, and similar names are found', () => {
    expect(languageService.functionCount).toBe(6);
    expect(languageService.similar('wakeup_process', 3)).toEqual(['wake_up_process']);
  });
});

describe('a list of names', () => {
  const symbols = (text: string) => new NamedSymbols(Buffer.from(text, 'latin1'));

  it('a list of names becomes a symbol table without addresses that mean anything', () => {
    const table = symbols('f a\nf a\tm\nf b\tm\nf b\tn\nf f.constprop.0\ni i\np p\nv v\n');
    expect(table.count).toBe(8);
    expect(table.lookup('a')).toMatchObject([{ name: 'a', type: 'T', module: undefined }]);
    expect(table.lookup('b').map(({ module }) => module)).toEqual(['m', 'n']);
    expect(new Set(table.lookup('b').map(({ address }) => address)).size).toBe(2);
    expect(table.variants('f').map(({ name }) => name)).toEqual(['f.constprop.0']);
    const between = (name: string, start: string, end: string): boolean => {
      const [at, from, to] = [name, start, end].map(each => table.lookup(each)[0]!.address) as bigint[];
      return at! >= from! && at! < to!;
    };
    expect(between('i', '_sinittext', '_einittext')).toBe(true);
    expect(between('p', '__per_cpu_start', '__per_cpu_end')).toBe(true);
    expect(between('v', '__per_cpu_start', '__per_cpu_end')).toBe(false);
    expect(table.lookup('c')).toEqual([]);
  });

  it.each([
    ['without an end', 'f a'],
    ['with an unknown kind', 'z a\n'],
    ['that is out of order', 'f b\nf a\n'],
    ['with a blank in a name', 'f a b\n'],
    ['without a name', 'f \n'],
    ['with two modules', 'f a\tm\tn\n'],
    ['with an empty module', 'f a\t\n'],
    ['with bytes that are no text', 'f \xff\n'],
    ['with a name that is too long', `f ${'a'.repeat(5000)}\n`],
  ])('%s is refused', (_name, text) => {
    expect(() => symbols(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});
