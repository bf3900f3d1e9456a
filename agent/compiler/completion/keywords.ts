import { BUILTIN_NAMES } from '../check/index.ts';
import { PRESENCE_WORDS, VERSION_WORD } from '../preprocessor/index.ts';

/** A word of the language, and what stands beside it in a list. */
export interface LanguageKeyword {
  readonly label: string;
  readonly kind: 'builtin' | 'keyword';
  readonly detail: string;
}

/** How builtins are called; those of the checker that are not here show nothing. */
const SIGNATURES: ReadonlyMap<string, string> = new Map([
  ['require', 'void require(condition)'],
  ['report', 'void report(value, …)'],
  ['undo', 'void undo("REQUEST")'],
  ['hit', 'void hit(void)'],
  ['elapsed_ns', 'unsigned long elapsed_ns(void)'],
  ['boot_ns', 'unsigned long boot_ns(void)'],
  ['stack_here', 'struct stack stack_here(void)'],
  ['find_task', 'struct task_struct *find_task(int pid)'],
  ['symbol_name', 'const char *symbol_name(const void *address)'],
  ['per_cpu', 'per_cpu(variable, int cpu)'],
  ['per_cpu_ptr', 'per_cpu_ptr(pointer, int cpu)'],
  ['rcu_read_lock', 'void rcu_read_lock(void)'],
  ['rcu_read_unlock', 'void rcu_read_unlock(void)'],
  ['cmpxchg', 'cmpxchg(pointer, old, new)'],
  ['xchg', 'xchg(pointer, new)'],
]);

/** What the grammar knows that looks like a call. */
const GRAMMAR: readonly (readonly [string, string])[] = [
  ['for_each_task', 'for_each_task (t) statement'],
  ['list_for_each_entry', 'list_for_each_entry (position, head, member) statement'],
  ['guard', 'guard(lock)(pointer);'],
  ['scoped_guard', 'scoped_guard(lock, pointer) statement'],
  ['scoped_cond_guard', 'scoped_cond_guard(lock, otherwise, pointer) statement'],
  ['watch', 'watch (function, parameters) for_ms (time) until (hits) at_most (hits a second) statement'],
  [
    'watch_return',
    'watch_return (function, value) for_ms (time) until (hits) at_most (hits a second) statement',
  ],
  ['watch_any', 'watch_any { watch (…) … watch_return (…) … }'],
  ['watch_all', 'watch_all { watch (…) … watch_return (…) … }'],
  ['deny', 'deny (function, value, parameters) for_days (number) while (condition);'],
  ['container_of', 'container_of(pointer, type, member)'],
  ['offsetof', 'offsetof(type, member)'],
  ['sizeof', 'unsigned long sizeof(type)'],
  ...PRESENCE_WORDS,
  [VERSION_WORD, 'the release as KERNEL_VERSION(6, 12, 0) has it'],
];

const KEYWORDS = [
  ...['auto', 'bool', 'break', 'case', 'char', 'const', 'continue', 'default', 'do', 'else', 'enum'],
  ...['extern', 'false', 'for', 'goto', 'if', 'int', 'long', 'NULL', 'return', 'short', 'signed', 'static'],
  ...['struct', 'switch', 'true', 'typedef', 'typeof', 'union', 'unsigned', 'void', 'volatile', 'while'],
];

/** The words of the language itself. */
export const LANGUAGE_KEYWORDS: readonly LanguageKeyword[] = [
  ...BUILTIN_NAMES.map(label => builtin(label, SIGNATURES.get(label) ?? '')),
  ...GRAMMAR.map(([label, detail]) => builtin(label, detail)),
  ...KEYWORDS.map((label): LanguageKeyword => ({ label, kind: 'keyword', detail: '' })),
];

function builtin(label: string, detail: string): LanguageKeyword {
  return { label, kind: 'builtin', detail };
}
