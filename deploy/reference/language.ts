import { BUILTIN_NAMES } from '../../agent/compiler/check/index.ts';
import { EXPANDED_LIMIT, REJECTED_KEYWORDS } from '../../agent/compiler/preprocessor/index.ts';
import { NESTING_LIMIT, OPERATOR_LIMIT } from '../../agent/compiler/program/index.ts';
import { ATTRIBUTES } from '../../agent/compiler/program/parse-attributes.ts';
import { ASSIGNMENTS, PRECEDENCE, UNARY } from '../../agent/compiler/program/parse-expression.ts';
import { KEYWORDS } from '../../agent/compiler/program/parse-statement.ts';
import { PROGRAM_LIMIT_BYTES } from '../../shared/limits/index.ts';
import { FUEL_DEFAULT } from '../../shared/messages/index.ts';
import { code, page, table } from './markdown.ts';

/** Signature and meaning of each builtin. The page cannot be written if one is missing. */
const BUILTINS: Readonly<Record<string, readonly [signature: string, meaning: string]>> = {
  require: [
    'void require(condition)',
    'if it is false or null, the program ends as `skipped`, and nothing after it is done',
  ],
  report: [
    'void report(value, …)',
    'adds a row of typed values to the result; arrays and structures are copied whole. `report(pid = t->pid)` names a column, where nothing else has that name',
  ],
  undo: [
    'undo("REQUEST")',
    'a whole program: each host puts back what the request with this id wrote there, as `farcall undo` asks for',
  ],
  hit: [
    'void hit(void)',
    'in the body of a `watch`: counts for `until`. A body without it counts each of its runs',
  ],
  elapsed_ns: [
    'unsigned long elapsed_ns(void)',
    'in the body of a `watch_return`: the nanoseconds from the entry of the function to its return',
  ],
  boot_ns: [
    'unsigned long boot_ns(void)',
    'in the body of a watch: the nanoseconds since the host started, with the time that it slept',
  ],
  stack_here: [
    'struct stack stack_here(void)',
    'in the body of a `watch`: where it is, and up to 15 callers, as `{ .ip = { tcp_v4_rcv, ip_protocol_deliver_rcu+0x32, … } }`',
  ],
  find_task: [
    'struct task_struct *find_task(int pid)',
    'the task with that pid, with a reference until the program ends; if there is none, the program ends as `skipped`',
  ],
  symbol_name: [
    'const char *symbol_name(const void *address)',
    'the name of the symbol that contains an address, as `name+0x10` or `name+0x10 [module]`; a module that asks its kernel has the size too: `name+0x10/0x40`. The text is there until the same call is made again',
  ],
  per_cpu: ['per_cpu(variable, int cpu)', 'the variable of that CPU, as an lvalue'],
  per_cpu_ptr: [
    'per_cpu_ptr(pointer, int cpu)',
    'the address, on that CPU, of what a per-CPU pointer points to',
  ],
  rcu_read_lock: ['void rcu_read_lock(void)', 'begins an RCU read-side critical section'],
  rcu_read_unlock: ['void rcu_read_unlock(void)', 'ends it'],
  cmpxchg: [
    'cmpxchg(pointer, old, new)',
    'atomically writes `new` if the object has the value `old`; the result is the previous value',
  ],
  xchg: ['xchg(pointer, new)', 'atomically writes `new`; the result is the previous value'],
  __atomic_fetch_add: [
    '__atomic_fetch_add(pointer, value)',
    'atomically adds; the result is the previous value. A memory order may be given; the strongest is always used',
  ],
  __atomic_fetch_sub: ['__atomic_fetch_sub(pointer, value)', 'subtracts in the same way'],
  __atomic_fetch_and: ['__atomic_fetch_and(pointer, value)', '`&` in the same way'],
  __atomic_fetch_or: ['__atomic_fetch_or(pointer, value)', '`|` in the same way'],
  __atomic_fetch_xor: ['__atomic_fetch_xor(pointer, value)', '`^` in the same way'],
};

/** Form and meaning of each statement that begins with a keyword. */
const STATEMENTS: Readonly<Record<string, readonly [form: string, meaning: string]>> = {
  if: ['if (condition) statement else statement', 'C11 6.8.4.1'],
  for: ['for (start; condition; step) statement', 'C11 6.8.5.3; `start` may declare'],
  while: ['while (condition) statement', 'C11 6.8.5.1'],
  do: ['do statement while (condition);', 'C11 6.8.5.2'],
  switch: [
    'switch (value) { case 1: … case 2 ... 5: … default: … }',
    'C11 6.8.4.2, with the ranges of GNU C',
  ],
  goto: ['goto label;', 'C11 6.8.6.1; no computed goto'],
  _Static_assert: ['_Static_assert(condition, "message");', 'C11 6.7.10; the message may be left out'],
  static_assert: ['static_assert(condition);', 'the same, in the spelling of C23'],
  break: ['break;', 'C11 6.8.6.3'],
  continue: ['continue;', 'C11 6.8.6.2'],
  return: ['return value;', 'ends the program; the value is its result'],
  for_each_task: [
    'for_each_task (t) statement',
    'runs once for each task of the initial pid namespace; declares `t` unless it is a variable already',
  ],
  list_for_each_entry: [
    'list_for_each_entry (position, head, member) statement',
    'as in include/linux/list.h',
  ],
  guard: [
    'guard(lock)(pointer);',
    'holds a lock to the end of the block, whatever ends it; as in include/linux/cleanup.h',
  ],
  scoped_guard: ['scoped_guard(lock, pointer) statement', 'holds it for one statement'],
  scoped_cond_guard: [
    'scoped_cond_guard(lock, otherwise, pointer) statement',
    'the same; `otherwise` is done where the lock was not taken',
  ],
  watch: [
    'watch (function, a, b) for_ms (30000) until (1) at_most (1000) statement',
    'runs the statement whenever the function is entered, until so many hits count or the time is over; then the program goes on. `until` and `at_most` may be left out',
  ],
  watch_return: [
    'watch_return (function, value) for_ms (30000) until (1) at_most (1000) statement',
    'the same whenever the function returns; `value` is what it returned, and may be left out',
  ],
  watch_any: [
    'watch_any { watch (…) … watch_return (…) … }',
    'several watches that wait together, until one of them has its hits or all are over',
  ],
  deny: [
    'deny (function, value, a, b) for_days (7) while (condition);',
    'from now on the function returns the value at once where the condition holds, until the time is over or the request is aborted. `for_seconds`, `for_minutes` and `for_hours` count as well; the names and `while` may be left out',
  ],
  watch_all: ['watch_all { watch (…) … watch_return (…) … }', 'the same, until all are over'],
};

/** Operators that look like calls. */
const OPERATORS: readonly (readonly [string, string])[] = [
  ['sizeof(type)', 'C11 6.5.3.4; also of an expression, which is not evaluated'],
  ['_Alignof(type)', 'C11 6.5.3.4; `alignof`, `__alignof__`'],
  ['offsetof(type, member)', 'C11 7.19; the member may be a path: `a.b[2]`'],
  [
    'container_of(pointer, type, member)',
    'the structure that contains the member which the pointer points to',
  ],
  ['typeof(expression)', 'the type of an expression, or of a type name'],
  ['(type){ … }', 'a compound literal, C11 6.5.2.5'],
  ['condition ?: otherwise', 'GNU C: `condition` is evaluated once'],
  ['({ statements })', 'GNU C: the value of the last one'],
  ['_Generic(value, type: a, default: b)', 'C11 6.5.1.1'],
  ['__builtin_choose_expr(condition, a, b)', 'GNU C: only what is chosen is checked'],
  [
    '__builtin_types_compatible_p(type, type)',
    'GNU C; also `__builtin_constant_p(value)`, `__builtin_expect`, `likely`, `unlikely`',
  ],
  ['__has_type(struct name)', 'whether this kernel has that type'],
  ['__has_member(struct name, a.b)', 'whether it has that member'],
  ['__has_symbol(name)', 'whether it has that function or variable'],
  ['__has_enumerator(NAME)', 'whether it has that enumerator'],
  ['__has_parameters(name, 2)', 'whether it has a function of that name with so many parameters'],
  [
    'current',
    'the task that runs the code: the one that loads the program, or in the body of a `watch` the one that entered the function. A program that uses it outside of a watch is loaded as a module, even where it only reads',
  ],
  ['LINUX_VERSION_CODE', 'its release, to be compared with `KERNEL_VERSION(6, 12, 0)`'],
  ['name@module', 'a function or variable of one module, if several modules have that name'],
  [
    'name@2',
    'the second one of that name in the kernel itself, by address; where it stands may differ between kernels. The error that asks for it names the symbol before each, which is of the same source file as a rule',
  ],
];

/** What the page says about parameters. */
const PARAMETERS: readonly string[] = [
  '## Parameters',
  'A program may begin with parameters: values that its user gives, and their bounds. What stands behind the `=` is the value where nobody gives another; without it, a value must be given.',
  table(
    ['declaration', 'meaning'],
    [
      [
        '`parameter int PID in 2..4194304 = 2;`',
        'a whole number, both ends included: an `int` or a `long`, by its bounds',
      ],
      [
        '`parameter string COMM in 1..15 matches "nfsd*";`',
        'a text of so many bytes, without a NUL; `matches` and its pattern (`*`, `?`) may be left out',
      ],
      ['`parameter enum FAMILY in AF_INET, AF_INET6 = AF_INET;`', 'one of these enumerators'],
      [
        '`parameter symbol LOCK in rtnl_mutex, module_mutex;`',
        'the address of one of these variables, as a `void *`',
      ],
    ],
  ),
  'A parameter is no constant (C11 6.6). So neither types nor `case`, `#if`, `_Static_assert` or `__builtin_choose_expr` can depend on its value, and no call takes it for its format. Callees and effect are the same for each value. Each host refuses a value that is not within its bounds.',
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
    "A call program is C11 as far as C11 makes sense in a kernel, with C23's `auto` and parts of GNU C. Types, prototypes, variables and\nenumerators are those of the host's own kernel. The value of the last expression, or of `return`, is the result;\neach may have a type of its own, but integers have that of the first.",
    '## Builtins',
    table(['builtin', 'meaning'], described('builtin', BUILTIN_NAMES, BUILTINS)),
    '## Statements',
    `Blocks, expressions and declarations are as in C (C11 6.7, 6.8). The loops of a program may turn ${FUEL_DEFAULT.toLocaleString('en')} times in all, unless its request says another number (\`--fuel\`).`,
    table(['statement', 'meaning'], described('statement', [...KEYWORDS.keys()], STATEMENTS)),
    ...PARAMETERS,
    'Outside of all blocks a program may define functions (C11 6.9.1), with parameters and results of any type. None may come back to itself by its calls.',
    '## Operators',
    `Prefix operators: ${[...UNARY, '++', '--'].map(code).join(' ')}, casts. Postfix operators: \`[]\` \`.\` \`->\` \`++\` \`--\` and calls.`,
    'Binary operators, by falling precedence:',
    table(['operators'], binary),
    `After these come \`? :\`, then ${[...ASSIGNMENTS].map(code).join(' ')}, then \`,\`.`,
    table(
      ['also there', 'meaning'],
      OPERATORS.map(([form, meaning]) => [code(form), meaning]),
    ),
    '## Refused',
    table(
      ['keyword', 'reason'],
      [...REJECTED_KEYWORDS].map(([word, why]) => [code(word), why]),
    ),
    'A program cannot use floating-point numbers.',
    '## Attributes',
    `\`__attribute__((…))\` is taken where gcc takes it. ${list(ATTRIBUTES.harmless)} change nothing, and neither do the words ${list(ATTRIBUTES.annotations)}. Others are refused:`,
    table(
      ['attribute', 'reason'],
      [...ATTRIBUTES.refused].map(([name, why]) => [code(name), why]),
    ),
    '## The preprocessor',
    `C11 6.10: \`#define\` and \`#undef\`, with \`#\`, \`##\`, \`__VA_ARGS__\`, C23's \`__VA_OPT__\` and GNU's \`, ##__VA_ARGS__\`; \`#if\`, \`#ifdef\`, \`#ifndef\`, \`#elif\`, \`#else\`, \`#endif\`; \`#include\`, \`#error\`, \`__LINE__\`, \`__COUNTER__\`. The macros of a program make at most ${EXPANDED_LIMIT.toLocaleString('en')} tokens.`,
    '## Limits',
    `A program has at most ${PROGRAM_LIMIT_BYTES.toLocaleString('en')} bytes; a host's policy may set a lower limit. One expression has at most ${OPERATOR_LIMIT.toLocaleString('en')} operators, and at most ${NESTING_LIMIT} blocks, parentheses or unary operators are within each other.`,
  ]);
}

function list(names: ReadonlySet<string>): string {
  return [...names].map(code).join(', ');
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
