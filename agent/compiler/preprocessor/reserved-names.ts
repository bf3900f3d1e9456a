import { PRESENCE_WORDS, VERSION_WORD } from './presence-question.ts';

/**
 * Names that mean something to the language, and that a macro cannot take: keywords, and what the grammar and
 * the checker know by name. A test holds the list against theirs.
 *
 * Threat: `#define require (void)` would leave every condition on the page that an approver reads, and none
 * in the program that hosts run.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...['auto', 'bool', 'break', 'case', 'char', 'const', 'continue', 'default', 'do', 'else', 'enum'],
  ...[
    'extern',
    'false',
    'for',
    'goto',
    'if',
    'int',
    'long',
    'NULL',
    'register',
    'restrict',
    'return',
    'short',
  ],
  ...[
    'signed',
    'sizeof',
    'static',
    'struct',
    'switch',
    'true',
    'typedef',
    'typeof',
    'union',
    'unsigned',
    'void',
  ],
  ...[
    'volatile',
    'while',
    'inline',
    '_Generic',
    '_Alignof',
    '_Bool',
    '_Static_assert',
    '__auto_type',
    '__typeof__',
    'static_assert',
  ],
  ...[
    'for_each_task',
    'list_for_each_entry',
    'guard',
    'scoped_guard',
    'scoped_cond_guard',
    'container_of',
    'offsetof',
    'require',
    'report',
    'undo',
    'find_task',
    'symbol_name',
  ],
  ...[
    'watch',
    'watch_return',
    'watch_any',
    'watch_all',
    'deny',
    'hit',
    'elapsed_ns',
    'boot_ns',
    'stack_here',
    'current',
    '__attribute__',
    '__attribute',
  ],
  ...['defined', '__VA_ARGS__', '__VA_OPT__', '__LINE__', '__COUNTER__', VERSION_WORD],
  ...PRESENCE_WORDS.keys(),
  ...['per_cpu', 'per_cpu_ptr', 'rcu_read_lock', 'rcu_read_unlock', 'cmpxchg', 'xchg', 'likely', 'unlikely'],
]);

/** Whether a macro cannot have this name: it is reserved, or begins as gcc's and the kernel's builtins do. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name) || /^__(?:builtin|atomic|sync)_/.test(name);
}
