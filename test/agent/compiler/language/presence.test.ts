import { describe, expect, test } from 'vitest';
import { Compiler, inputOf, recordBuild } from '../../../../agent/compiler/index.ts';
import { failureOf } from '../support/guarded.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler, input } = smallKernel();

/** The value that a program without calls returns, by its plan. */
function constantValue(program: string): string {
  const { ending } = runToEnd(compiler.plan(program, 'unread'));
  return ending.text;
}

describe('a program asks what this kernel has', () => {
  test.each<[string, string]>([
    ['__has_type(struct pair)', '1'],
    ['__has_type(struct no_pair)', '0'],
    ['__has_type(union pair)', '0'],
    ['__has_type(enum color)', '1'],
    ['__has_type(u8)', '1'],
    ['__has_type(pair)', '0'],
    ['__has_member(struct pair, a)', '1'],
    ['__has_member(struct pair, c)', '0'],
    ['__has_member(struct pair, a.b)', '0'],
    ['__has_member(struct no_pair, a)', '0'],
    ['__has_symbol(get_int)', '1'],
    ['__has_symbol(no_such)', '0'],
    ['__has_symbol(get_int@nfsd)', '0'],
    ['__has_enumerator(RED)', '1'],
    ['__has_enumerator(PINK)', '0'],
    ['__has_parameters(take_u8, 1)', '1'],
    ['__has_parameters(take_u8, 2)', '0'],
    ['__has_parameters(no_such, 0)', '0'],
  ])('the question %s has the answer %s', (question, answer) => {
    expect(constantValue(question)).toBe(`(int)${answer}`);
    expect(constantValue(`#if ${question}\n1\n#else\n0\n#endif`)).toBe(`(int)${answer}`);
    expect(constantValue(`if (${question}) return 1; else return 0;`)).toBe(`(int)${answer}`);
  });

  test.each<[string, string, string]>([
    ['if', 'if (__has_symbol(no_such)) no_such(struct_less->x); 3', '(int)3'],
    ['if with an else', 'if (!__has_symbol(no_such)) return 4; else return no_such();', '(int)4'],
    ['?:', '__has_symbol(no_such) ? no_such(1) : 5', '(int)5'],
    ['&&', '__has_symbol(no_such) && no_such(1)', '(int)0'],
    ['||', '!__has_symbol(no_such) || no_such(1)', '(int)1'],
    ['__builtin_choose_expr', '__builtin_choose_expr(__has_symbol(no_such), no_such(1), 6)', '(int)6'],
    [
      'a condition of several questions',
      'if (__has_type(u8) && !(__has_type(struct pair) && 1 == 1)) no_such(); 7',
      '(int)7',
    ],
    [
      'a macro',
      '#define OLD __has_member(struct pair, old)\nif (OLD) return ((struct pair *)8)->old; 8',
      '(int)8',
    ],
    [
      'a type that is unknown',
      'if (__has_type(new_t)) { new_t *x = (new_t *)8; new_t y = *x; return (new_t)3; } 9',
      '(int)9',
    ],
    ['a function with such a parameter', 'static inline int f(new_t *x) { return x->y; } 10', '(int)10'],
    [
      'a function behind it',
      'static int f(void) { return no_such(); } if (__has_symbol(no_such)) f(); 11',
      '(int)11',
    ],
    ['a release', 'if (LINUX_VERSION_CODE < KERNEL_VERSION(2, 6, 300)) no_such(); 12', '(int)12'],
    [
      'a release in #if',
      '#if LINUX_VERSION_CODE >= KERNEL_VERSION(99, 0, 0)\n1\n#else\n13\n#endif',
      '(int)13',
    ],
    ['_Generic', '_Generic((long)1, int: 1, long: 14, default: 2)', '(int)14'],
    ['_Generic by qualifiers', 'const int x = 1; _Generic(x, int: 15, default: 2)', '(int)15'],
    ['types that are compatible', '__builtin_types_compatible_p(int, const int) * 16', '(int)16'],
    ['a constant', '__builtin_constant_p(1 + 1) * 17', '(int)17'],
    ['what is likely', 'if (likely(1)) return 18;', '(int)18'],
  ])('what %s does not choose is not held against this kernel', (_what, program, text) => {
    expect(constantValue(program)).toBe(text);
  });

  test.each<[string, string, RegExp]>([
    ['what is chosen', 'if (__has_type(struct pair)) no_such();', /no function 'no_such'/],
    ['a plain constant', 'if (0) no_such();', /no function 'no_such'/],
    [
      'what is not chosen and cannot be read',
      'if (__has_symbol(no_such)) { 1 +; }',
      /expected an expression/,
    ],
    [
      'another form',
      '__has_member(struct pair)',
      /this is asked as __has_member\(struct name, member.member\)/,
    ],
    ['a macro of that name', '#define __has_symbol(x) 1\n1', /belongs to the language/],
    ['nothing for the type', '_Generic(1, long: 1)', /_Generic has nothing for int/],
  ])('a program with %s is refused', (_what, program, message) => {
    expect(failureOf(() => compiler.compile(program, 'farcall_test')).message).toMatch(message);
  });
});

describe('the answers are kept', () => {
  const PROGRAM = [
    '#if __has_symbol(no_such)',
    'no_such();',
    '#endif',
    'int n = __has_member(struct pair, b) ? get_int() : 0;',
    'if (__has_enumerator(GREEN) && __has_type(u8) && !__has_parameters(take_u8, 3)) n += take_u8(1);',
    'n + __has_member(struct pair, c) + (LINUX_VERSION_CODE > 0)',
  ].join('\n');

  test('a plan has each answer once, yes and no alike', () => {
    const { answers } = runToEnd(compiler.plan(PROGRAM, 'unread'));
    expect(answers.map(({ question, answer, line }) => [question, answer, line])).toEqual([
      ['__has_symbol(no_such)', 0, 1],
      ['__has_member(struct pair, b)', 1, 4],
      ['__has_enumerator(GREEN)', 1, 5],
      ['__has_type(u8)', 1, 5],
      ['__has_parameters(take_u8, 3)', 0, 5],
      ['__has_member(struct pair, c)', 0, 6],
      ['LINUX_VERSION_CODE', expect.any(Number), 6],
    ]);
  });

  test('who compiles again from the recorded facts gets the same bytes, and the same answers', () => {
    const { call, facts } = recordBuild(input, PROGRAM, 'farcall_test');
    const again = recordBuild(inputOf(facts), PROGRAM, 'farcall_test');
    // The numbers of types are those of the kernel that was compiled for.
    const numbered = { ...facts, types: { ...facts.types, ids: again.facts.types.ids } };
    expect(again.facts).toEqual(numbered);
    expect(Buffer.from(again.call.image)).toEqual(Buffer.from(call.image));
    const replayed = new Compiler(inputOf(facts));
    expect(runToEnd(replayed.plan(PROGRAM, 'unread')).answers).toEqual(
      runToEnd(compiler.plan(PROGRAM, 'unread')).answers,
    );
  });

  test('a no is recorded as well: facts that say yes give other bytes', () => {
    const { call, facts } = recordBuild(input, PROGRAM, 'farcall_test');
    const asked = facts.symbols.filter(({ name }) => name === 'no_such');
    expect(asked).toEqual([expect.objectContaining({ found: [] })]);
    const symbols = facts.symbols.map(each =>
      each.name === 'no_such' && !each.variants
        ? { ...each, found: [{ name: 'no_such', address: 'ffffffff81000000', type: 'T', module: '' }] }
        : each,
    );
    const lied = failureOf(() => recordBuild(inputOf({ ...facts, symbols }), PROGRAM, 'farcall_test'));
    expect(lied.message).toMatch(/'no_such'/);
    expect(call.image.length).toBeGreaterThan(0);
  });
});
