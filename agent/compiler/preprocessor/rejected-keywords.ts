/** Words of C, and of gcc, that call programs have no use for, each with the reason that the error gives. */
export const REJECTED_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ...['asm', '__asm__', '__asm'].map(word => [word, 'machine code would escape every check'] as const),
  ...['_Atomic'].map(
    word => [word, 'cmpxchg(), xchg() and __atomic_fetch_add() change memory atomically'] as const,
  ),
  ...['_Complex', '_Imaginary', '_Float128', '__float128'].map(
    word => [word, 'there are no floating-point numbers in a kernel'] as const,
  ),
  ...['_Thread_local', 'thread_local', '__thread'].map(
    word => [word, 'a program runs in one task; per_cpu() is for the variables of a CPU'] as const,
  ),
  ...['_Alignas', 'alignas'].map(word => [word, 'every variable is aligned to 16 bytes'] as const),
  ...['_Noreturn', 'noreturn'].map(
    word => [word, 'every function of a program returns, or ends the program'] as const,
  ),
  ['_BitInt', 'integers have 8, 16, 32 or 64 bits'],
]);
