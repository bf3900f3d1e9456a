import { builtinNames } from '../../agent/compiler/check/builtins.ts';
import { FUEL } from '../../agent/compiler/ir/index.ts';
import { ASSIGNMENTS, PRECEDENCE, UNARY } from '../../agent/compiler/program/parse-expression.ts';
import { KEYWORDS } from '../../agent/compiler/program/parse-statement.ts';
import { REFUSED_WORDS } from '../../agent/compiler/program/refused-words.ts';
import { PROGRAM_LIMIT_BYTES } from '../../shared/limits/index.ts';
import { code, page, table } from './markdown.ts';

/** How each builtin is called, and what it gives. The page cannot be written without one of them. */
const BUILTINS: Readonly<Record<string, readonly [signature: string, meaning: string]>> = {
  require: [
    'void require(condition)',
    'false or null ends the program as `skipped`: nothing after it is done',
  ],
  report: [
    'void report(value, …)',
    'adds a row of typed values to the result; arrays and structures go whole',
  ],
  find_task: [
    'struct task_struct *find_task(int pid)',
    'finds the task of that number, or ends the program as `skipped`; it is held until the program ends',
  ],
  per_cpu: [
    'per_cpu(variable, int cpu)',
    'the per-CPU variable of that CPU, as a place: it can be read, written and pointed to',
  ],
  per_cpu_ptr: ['per_cpu_ptr(pointer, int cpu)', 'what a pointer to per-CPU memory is on that CPU'],
  rcu_read_lock: ['void rcu_read_lock(void)', 'what RCU protects stays until `rcu_read_unlock()`'],
  rcu_read_unlock: ['void rcu_read_unlock(void)', 'ends that'],
  cmpxchg: [
    'cmpxchg(pointer, old, new)',
    'writes `new` where `old` stands, in one step; gives what stood there',
  ],
  xchg: ['xchg(pointer, new)', 'writes `new` in one step; gives what stood there'],
  __atomic_fetch_add: [
    '__atomic_fetch_add(pointer, value)',
    'adds in one step; gives what stood there. A memory order may follow, and is always the strongest',
  ],
  __atomic_fetch_sub: ['__atomic_fetch_sub(pointer, value)', 'subtracts, likewise'],
  __atomic_fetch_and: ['__atomic_fetch_and(pointer, value)', '`&`, likewise'],
  __atomic_fetch_or: ['__atomic_fetch_or(pointer, value)', '`|`, likewise'],
  __atomic_fetch_xor: ['__atomic_fetch_xor(pointer, value)', '`^`, likewise'],
};

/** How each statement is written that begins with a word of its own. */
const STATEMENTS: Readonly<Record<string, readonly [form: string, meaning: string]>> = {
  if: ['if (condition) statement else statement', 'C11 6.8.4.1'],
  for: ['for (start; condition; step) statement', 'C11 6.8.5.3; `start` may declare'],
  while: ['while (condition) statement', 'C11 6.8.5.1'],
  do: ['do statement while (condition);', 'C11 6.8.5.2'],
  switch: [
    'switch (value) { case 1: … case 2 ... 5: … default: … }',
    'C11 6.8.4.2, with ranges as GNU C has them',
  ],
  goto: ['goto label;', 'C11 6.8.6.1; no computed goto'],
  _Static_assert: ['_Static_assert(condition, "message");', 'C11 6.7.10; the message may be left out'],
  static_assert: ['static_assert(condition);', 'the same, as C23 spells it'],
  break: ['break;', 'C11 6.8.6.3'],
  continue: ['continue;', 'C11 6.8.6.2'],
  return: ['return value;', 'ends the program; the value is its result'],
  for_each_task: [
    'for_each_task (t) statement',
    'once for each task of the first pid namespace; declares `t` where it is no variable yet',
  ],
  list_for_each_entry: [
    'list_for_each_entry (position, head, member) statement',
    'as include/linux/list.h has it',
  ],
};

/** What looks like a call and is none. */
const OPERATORS: readonly (readonly [string, string])[] = [
  ['sizeof(type)', 'C11 6.5.3.4; of an expression too, which is not computed'],
  ['_Alignof(type)', 'C11 6.5.3.4; `alignof`, `__alignof__`'],
  ['offsetof(type, member)', 'C11 7.19; the member may be a path: `a.b[2]`'],
  ['container_of(pointer, type, member)', 'the structure whose member the pointer points to'],
  ['typeof(expression)', 'the type of an expression, or of a type name'],
  ['(type){ … }', 'a compound literal, C11 6.5.2.5'],
  ['condition ?: otherwise', 'GNU C: `condition` is computed once'],
  ['({ statements })', 'GNU C: the value of the last one'],
  ['name@module', 'a function or variable of one module, where several have the name'],
];

/** docs/reference/language.md. Throws where a builtin or statement of the compiler is not described here. */
export function languagePage(): string {
  const levels = [...new Set(Object.values(PRECEDENCE))].sort((a, b) => b - a);
  const binary = levels.map(level => [
    Object.entries(PRECEDENCE)
      .filter(([, each]) => each === level)
      .map(([sign]) => code(sign))
      .join(' '),
  ]);
  return page('Language', [
    "A call program is C11 as far as it makes sense in a kernel, with C23 `auto` and some of GNU C. Types, prototypes, variables and\nenumerators are those of the host's own kernel. The value of the last expression, or of `return`, is the result.",
    '## Builtins',
    table(['builtin', 'meaning'], described('builtin', builtinNames(), BUILTINS)),
    '## Statements',
    `Blocks, expressions and declarations are as in C (C11 6.7, 6.8); at most ${FUEL.toLocaleString('en')} turns of loops.`,
    table(['statement', 'meaning'], described('statement', [...KEYWORDS.keys()], STATEMENTS)),
    '## Operators',
    `Before one operand: ${[...UNARY, '++', '--'].map(code).join(' ')}, casts; after one: \`[]\` \`.\` \`->\` \`++\` \`--\` and calls.`,
    'Between two, those that bind closest first:',
    table(['operators'], binary),
    `Then \`? :\`, then ${[...ASSIGNMENTS].map(code).join(' ')}, then \`,\`.`,
    table(
      ['also', 'meaning'],
      OPERATORS.map(([form, meaning]) => [code(form), meaning]),
    ),
    '## Refused',
    table(
      ['word', 'why'],
      [...REFUSED_WORDS].map(([word, why]) => [code(word), why]),
    ),
    "Functions of the program's own and floating-point numbers are not there either. Of the preprocessor there is `#define NAME VALUE`.",
    `A program has at most ${PROGRAM_LIMIT_BYTES.toLocaleString('en')} bytes; a host's policy may say less.`,
  ]);
}

function described(
  what: string,
  names: readonly string[],
  texts: Readonly<Record<string, readonly [string, string]>>,
): string[][] {
  const missing = names.filter(name => !texts[name]);
  const unknown = Object.keys(texts).filter(name => !names.includes(name));
  if (missing.length + unknown.length > 0)
    throw new Error(`deploy/reference/language.ts: ${what} ${[...missing, ...unknown].join(', ')}`);
  return Object.values(texts).map(([form, meaning]) => [code(form), meaning]);
}
