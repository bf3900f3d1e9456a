import type { IntegerSuffix, Offset, PresenceQuestion } from '../preprocessor/index.ts';
import type { DenyStatement } from './deny-statement.ts';
import type { ParameterStatement } from './parameter-statement.ts';

/** Operators with two operands that compute a value from both. */
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  | ',';

/** Operators before one operand. */
export type UnaryOperator = '+' | '-' | '~' | '!' | '*' | '&';

/** Operators that store; those but `=` compute with the old value first. */
export type AssignmentOperator = '=' | '*=' | '/=' | '%=' | '+=' | '-=' | '<<=' | '>>=' | '&=' | '^=' | '|=';

/** The specifiers with which a type name starts. */
export type TypeBase =
  | { readonly kind: 'basic'; readonly words: readonly string[] }
  | { readonly kind: 'tag'; readonly tag: 'struct' | 'union' | 'enum'; readonly name: string }
  /** A structure or union that the program defines itself; the name is empty where it has none. */
  | {
      readonly kind: 'record';
      readonly tag: 'struct' | 'union';
      readonly name: string;
      readonly members: readonly MemberDeclaration[];
      readonly at: Offset;
    }
  | {
      readonly kind: 'enumeration';
      readonly name: string;
      readonly enumerators: readonly EnumeratorDeclaration[];
      readonly at: Offset;
    }
  | { readonly kind: 'typedef'; readonly name: string }
  | { readonly kind: 'typeof'; readonly operand: Expression }
  | { readonly kind: 'typeof-type'; readonly type: TypeName }
  /** C23 `auto`: the type of the initialiser. */
  | { readonly kind: 'auto' };

/** One member of a structure that the program defines; the name is empty for anonymous ones. */
export interface MemberDeclaration {
  readonly name: string;
  readonly type: TypeName;
  /** Width of a bit field. */
  readonly width: Expression | undefined;
  readonly at: Offset;
}

/** One enumerator of an enumeration that the program defines. */
export interface EnumeratorDeclaration {
  readonly name: string;
  readonly value: Expression | undefined;
  readonly at: Offset;
}

/** One parameter in a declarator. */
export interface ParameterName {
  readonly name: string;
  readonly type: TypeName;
  readonly at: Offset;
}

/** What a declarator makes of a type, one step. */
export type Derivation =
  | { readonly kind: 'pointer'; readonly isConst: boolean; readonly isVolatile: boolean }
  /** Without a count for `[]`. */
  | { readonly kind: 'array'; readonly count: Expression | undefined }
  | { readonly kind: 'function'; readonly params: readonly ParameterName[]; readonly variadic: boolean };

/** A type name, as in a cast: a base, then what is made of it, in the order in which it is applied. */
export interface TypeName {
  readonly base: TypeBase;
  readonly isConst: boolean;
  readonly isVolatile: boolean;
  readonly derivations: readonly Derivation[];
  readonly at: Offset;
}

/** `.member` or `[index]`, in an initialiser or in offsetof. */
export type Designator =
  | { readonly kind: 'member'; readonly name: string; readonly at: Offset }
  | {
      readonly kind: 'index';
      readonly index: Expression;
      /** The last element of GNU C's `[first ... last]`. */
      readonly last?: Expression;
      readonly at: Offset;
    };

/** One entry of a braced list. */
export interface InitializerItem {
  readonly designators: readonly Designator[];
  readonly value: Initializer;
}

/** The initialiser of a variable. */
export type Initializer =
  | { readonly kind: 'value'; readonly value: Expression; readonly at: Offset }
  | { readonly kind: 'list'; readonly items: readonly InitializerItem[]; readonly at: Offset };

/** One way of a generic selection; without a type it is the default. */
export interface GenericAssociation {
  readonly type: TypeName | undefined;
  readonly value: Expression;
  readonly at: Offset;
}

/** An expression of a call program. `at` is where its operator, or what makes it this kind, stands. */
export type Expression =
  | {
      readonly kind: 'integer';
      readonly value: bigint;
      readonly decimal: boolean;
      readonly suffix: IntegerSuffix;
      readonly at: Offset;
    }
  | { readonly kind: 'character'; readonly value: number; readonly at: Offset }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly at: Offset }
  | {
      readonly kind: 'identifier';
      readonly name: string;
      readonly module: string | undefined;
      readonly at: Offset;
    }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      /** Missing in GNU's `a ?: b`, which is `a ? a : b` with `a` evaluated once. */
      readonly then: Expression | undefined;
      readonly otherwise: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'assign';
      readonly operator: AssignmentOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'step';
      readonly operator: '++' | '--';
      readonly yields: 'new' | 'old';
      readonly operand: Expression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'member';
      readonly operand: Expression;
      readonly name: string;
      readonly arrow: boolean;
      readonly at: Offset;
    }
  | { readonly kind: 'index'; readonly operand: Expression; readonly index: Expression; readonly at: Offset }
  | { readonly kind: 'cast'; readonly to: TypeName; readonly operand: Expression; readonly at: Offset }
  | { readonly kind: 'compound'; readonly type: TypeName; readonly list: Initializer; readonly at: Offset }
  | {
      readonly kind: 'offsetof';
      readonly type: TypeName;
      readonly path: readonly Designator[];
      readonly at: Offset;
    }
  | {
      readonly kind: 'container-of';
      readonly pointer: Expression;
      readonly type: TypeName;
      readonly path: readonly Designator[];
      readonly at: Offset;
    }
  | { readonly kind: 'sizeof-type'; readonly type: TypeName; readonly at: Offset }
  | { readonly kind: 'sizeof'; readonly operand: Expression; readonly at: Offset }
  | { readonly kind: 'alignof-type'; readonly type: TypeName; readonly at: Offset }
  | { readonly kind: 'alignof'; readonly operand: Expression; readonly at: Offset }
  /** `__has_type(struct net)` and its like: the kernel answers. */
  | {
      readonly kind: 'presence';
      readonly question: PresenceQuestion;
      readonly text: string;
      readonly at: Offset;
    }
  /** `__builtin_choose_expr(condition, then, otherwise)`: only what is chosen is checked. */
  | {
      readonly kind: 'choose';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly at: Offset;
    }
  /** `_Generic(control, type: value, default: value)` (C11 6.5.1.1). */
  | {
      readonly kind: 'generic';
      readonly control: Expression;
      readonly associations: readonly GenericAssociation[];
      readonly at: Offset;
    }
  | {
      readonly kind: 'types-compatible';
      readonly one: TypeName;
      readonly other: TypeName;
      readonly at: Offset;
    }
  | { readonly kind: 'is-constant'; readonly operand: Expression; readonly at: Offset }
  /** GNU's `({ statements })`: its value is that of the last one, where that is an expression. */
  | { readonly kind: 'statements'; readonly statements: readonly Statement[]; readonly at: Offset }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly args: readonly Expression[];
      /** Where each argument begins, and where what follows the last one does. */
      readonly bounds: readonly Offset[];
      readonly at: Offset;
    };

/** How a declared name is kept (C11 6.7.1); `auto` and `register` say nothing here. */
export type Storage = 'extern' | 'static' | 'typedef';

/** What may stand before a statement (C11 6.8.1); `case 1 ... 5` is GNU's. */
export type StatementLabel =
  | {
      readonly kind: 'case';
      readonly low: Expression;
      readonly high: Expression | undefined;
      readonly at: Offset;
    }
  | { readonly kind: 'default'; readonly at: Offset }
  | { readonly kind: 'name'; readonly name: string; readonly at: Offset };

/** One declared name. */
export interface Declaration {
  readonly name: string;
  readonly type: TypeName;
  /** `extern` for what is the kernel's own: functions too. */
  readonly storage: Storage | undefined;
  /** The module of `extern int counter@nfsd`. */
  readonly module: string | undefined;
  readonly initializer: Initializer | undefined;
  readonly at: Offset;
}

/** A function that the program defines (C11 6.9.1); `type` is that of a function. */
export interface FunctionDefinition {
  readonly kind: 'function';
  readonly name: string;
  readonly type: TypeName;
  /** Whether its own compiler would warn if nothing used it. */
  readonly isStatic: boolean;
  readonly body: readonly Statement[];
  readonly at: Offset;
}

/**
 * `watch (function, names) for_ms (time) until (hits) at_most (hits a second) body`, and `watch_return` for
 * the moments at which the function returns.
 */
export interface WatchStatement {
  readonly kind: 'watch';
  readonly moment: WatchMoment;
  /** An identifier, perhaps with its module. */
  readonly watched: Extract<Expression, { kind: 'identifier' }>;
  /** The compiler's clone of it that was named, as `"nfs_foo.isra.0"`. */
  readonly clone?: string | undefined;
  /** Bytes behind its entry; undefined for the entry itself. */
  readonly offset: Expression | undefined;
  /** Names for the first parameters of the function; at its return, for what it returns. */
  readonly params: readonly { readonly name: string; readonly at: Offset }[];
  readonly forMs: Expression;
  readonly until: Expression | undefined;
  readonly atMost: Expression | undefined;
  readonly body: Statement;
  readonly at: Offset;
}

/** When the body of a watch runs. */
export type WatchMoment = 'entry' | 'return';

/** A statement. `at` is where it starts. */
export type Statement =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly at: Offset }
  /** `type` is what stands before the declarators; it alone may define or name a type. */
  | {
      readonly kind: 'declare';
      readonly type: TypeName;
      readonly declarations: readonly Declaration[];
      readonly at: Offset;
    }
  | FunctionDefinition
  | {
      readonly kind: 'static-assert';
      readonly condition: Expression;
      readonly message: string | undefined;
      readonly at: Offset;
    }
  | {
      readonly kind: 'labelled';
      readonly labels: readonly StatementLabel[];
      readonly body: Statement | undefined;
      readonly at: Offset;
    }
  | { readonly kind: 'goto'; readonly name: string; readonly at: Offset }
  | { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement; readonly at: Offset }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
      readonly at: Offset;
    }
  | {
      readonly kind: 'for';
      readonly start: Statement | undefined;
      readonly condition: Expression | undefined;
      readonly step: Expression | undefined;
      readonly body: Statement;
      readonly at: Offset;
    }
  | { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement; readonly at: Offset }
  | { readonly kind: 'do'; readonly condition: Expression; readonly body: Statement; readonly at: Offset }
  | { readonly kind: 'for-each-task'; readonly name: string; readonly body: Statement; readonly at: Offset }
  | {
      readonly kind: 'list-for-each-entry';
      readonly position: Expression;
      readonly head: Expression;
      readonly path: readonly Designator[];
      readonly body: Statement;
      readonly at: Offset;
    }
  /** `guard(lock)(argument);`: the lock is held to the end of the block. */
  | {
      readonly kind: 'guard';
      readonly lock: string;
      readonly argument: Expression | undefined;
      readonly at: Offset;
    }
  /** `scoped_guard(lock, argument) body`, or `scoped_cond_guard(lock, failed, argument) body`. */
  | {
      readonly kind: 'scoped-guard';
      readonly lock: string;
      readonly argument: Expression | undefined;
      /** What is done where the lock was not taken. */
      readonly failed: Statement | undefined;
      readonly body: Statement;
      readonly at: Offset;
    }
  | WatchStatement
  /** Waits for a function and all clones that the compiler made of it, until one has its hits. */
  | { readonly kind: 'watch-clones'; readonly watch: WatchStatement; readonly at: Offset }
  /** Waits for several: until one has its hits, or until all are over. */
  | {
      readonly kind: 'watch-group';
      readonly ends: 'any' | 'all';
      readonly watches: readonly WatchStatement[];
      readonly at: Offset;
    }
  | DenyStatement
  | ParameterStatement
  | { readonly kind: 'break'; readonly at: Offset }
  | { readonly kind: 'continue'; readonly at: Offset }
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly at: Offset }
  | { readonly kind: 'block'; readonly statements: readonly Statement[]; readonly at: Offset };

/** A whole call program. */
export type Program = readonly Statement[];
