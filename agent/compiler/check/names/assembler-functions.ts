import { BASIC, bare, type CType, constOf, type FunctionType, pointerTo } from '../../ctype/index.ts';

const ADDRESS = pointerTo(BASIC.void);
const CONST_ADDRESS = pointerTo(constOf(BASIC.void));
const TEXT = pointerTo(constOf({ ...BASIC.schar, name: 'char' }));

/** Result and parameters of functions in assembler that C code calls as any other, by their names. */
const PROTOTYPES: readonly (readonly [
  names: readonly string[],
  result: CType,
  params: readonly (readonly [name: string, type: CType])[],
])[] = [
  [
    ['memcpy', '__memcpy', 'memcpy_orig', 'memcpy_erms', 'memmove', '__memmove'],
    ADDRESS,
    [
      ['dest', ADDRESS],
      ['src', CONST_ADDRESS],
      ['count', BASIC.ulong],
    ],
  ],
  [
    ['memset', '__memset', 'memset_orig', 'memset_erms'],
    ADDRESS,
    [
      ['s', ADDRESS],
      ['c', BASIC.int],
      ['count', BASIC.ulong],
    ],
  ],
  [
    ['memcmp', '__pi_memcmp'],
    BASIC.int,
    [
      ['a', CONST_ADDRESS],
      ['b', CONST_ADDRESS],
      ['count', BASIC.ulong],
    ],
  ],
  [
    ['memchr', '__pi_memchr'],
    ADDRESS,
    [
      ['s', CONST_ADDRESS],
      ['c', BASIC.int],
      ['count', BASIC.ulong],
    ],
  ],
  [['strlen', '__pi_strlen'], BASIC.ulong, [['s', TEXT]]],
  [
    ['strnlen', '__pi_strnlen'],
    BASIC.ulong,
    [
      ['s', TEXT],
      ['count', BASIC.ulong],
    ],
  ],
  [
    ['strcmp', '__pi_strcmp'],
    BASIC.int,
    [
      ['a', TEXT],
      ['b', TEXT],
    ],
  ],
  [
    ['strncmp', '__pi_strncmp'],
    BASIC.int,
    [
      ['a', TEXT],
      ['b', TEXT],
      ['count', BASIC.ulong],
    ],
  ],
  [
    ['strchr', '__pi_strchr', 'strrchr', '__pi_strrchr'],
    pointerTo({ ...BASIC.schar, name: 'char' }),
    [
      ['s', TEXT],
      ['c', BASIC.int],
    ],
  ],
  [['clear_page', 'clear_page_orig', 'clear_page_rep', 'clear_page_erms'], BASIC.void, [['page', ADDRESS]]],
  [
    ['copy_page', 'copy_page_regs'],
    BASIC.void,
    [
      ['to', ADDRESS],
      ['from', ADDRESS],
    ],
  ],
  [['__sw_hweight32'], BASIC.uint, [['w', BASIC.uint]]],
  [['__sw_hweight64'], BASIC.ulong, [['w', BASIC.ulong]]],
];

/**
 * The prototype of a function in assembler, where BTF has only a stand-in, or (older kernels) nothing. The
 * assembler tells debuggers of each of its functions as `void f(void)` (DW_TAG_subprogram without children,
 * binutils from 2.35 on), and that is how it comes into BTF. Prototypes as in include/linux/string.h,
 * arch/x86/include/asm/page_64.h and include/asm-generic/bitops/arch_hweight.h, v6.12.
 */
export function assemblerPrototype(name: string, known?: FunctionType): FunctionType | undefined {
  if (known && !isStandIn(known)) return undefined;
  const found = PROTOTYPES.find(([names]) => names.includes(name));
  if (!found) return undefined;
  const [, result, params] = found;
  return {
    kind: 'function',
    result,
    params: params.map(([param, type]) => ({ name: param, type })),
    variadic: false,
  };
}

/**
 * Those of the prototypes that tell how a function is called. A kernel may have one in C beside the one in
 * assembler, as arm64 has its `memcpy` for code that KASAN looks at: then BTF has both.
 */
export function withoutStandIns(name: string, prototypes: readonly FunctionType[]): readonly FunctionType[] {
  const real = prototypes.filter(each => !isStandIn(each));
  return real.length > 0 && assemblerPrototype(name) ? real : prototypes;
}

function isStandIn({ params, variadic, result }: FunctionType): boolean {
  return params.length === 0 && !variadic && bare(result).kind === 'void';
}

const OWN_CONVENTION = 'is in assembler, and takes its arguments in registers of its own choice';

/** Functions in assembler that only assembler calls, by patterns of their names, and why C cannot. */
const NOT_FOR_C: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^__(get|put)_user_(nocheck_)?(nofault_)?[1248]$/, OWN_CONVENTION],
  [/^(rep_movs_alternative|rep_stos_alternative|copy_user_\w+|__copy_user_\w+)$/, OWN_CONVENTION],
  [
    /^(asm_(exc|sysvec|common)_\w+|entry_SYS\w+|ret_from_fork_asm|error_entry|paranoid_entry)$/,
    'is where the CPU enters the kernel: nothing can call it',
  ],
];

/** Why a function in assembler cannot be called from C; undefined where nothing is known against it. */
export function whyNoCall(name: string): string | undefined {
  return NOT_FOR_C.find(([pattern]) => pattern.test(name))?.[1];
}
