import type { CType, FunctionType } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { BinaryOperator } from '../../program/index.ts';
import type { MarshalledValue } from './marshalled-value.ts';
import type { TypedDeny } from './typed-deny.ts';
import type { TypedParameter } from './typed-parameter.ts';
import type { KernelEntry, StackSupport, TypedWatch } from './typed-watch.ts';

/** A function of this kernel, found and safe to call by its prototype. */
export interface CalledFunction {
  readonly name: string;
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
  readonly address: bigint;
  readonly type: FunctionType;
}

/**
 * A function that the program defines. It is never within itself, so each of its variables is there once, as
 * those of the program.
 */
export interface OwnFunction {
  readonly name: string;
  readonly type: FunctionType;
  readonly params: readonly Variable[];
  /** Where its value lies; undefined for void. */
  readonly result: Variable | undefined;
  /** Empty until it is checked. */
  body: readonly TypedStatement[];
  /** The functions of the program that it calls, and where. */
  readonly calls: OwnCall[];
  /** The first thing in it that the body of a watch may not do, and why. */
  notInWatch: { readonly at: Offset; readonly why: string } | undefined;
}

/** A call of a function of the program. */
export interface OwnCall {
  readonly callee: OwnFunction;
  readonly at: Offset;
}

/** A variable of the program. It lives in the module's own memory for as long as the program runs. */
export interface Variable {
  readonly name: string;
  readonly type: CType;
  readonly sizeBytes: number;
}

/** Where a bit field is: in a unit of memory at the offset of its lvalue. */
export interface BitField {
  readonly unitBytes: 1 | 2 | 4 | 8;
  /** Bits of the unit below it. */
  readonly shift: number;
  readonly width: number;
  /** Whether its record promises that the unit lies aligned. */
  readonly aligned: boolean;
}

/** An expression that designates an object (C11 6.3.2.1), and where that object is. */
export type Lvalue =
  | {
      readonly kind: 'local';
      readonly type: CType;
      readonly variable: Variable;
      readonly offset: number;
      readonly bits: BitField | undefined;
      /** What a compound literal starts as, each time it is reached. */
      readonly start: Initialisation | undefined;
      readonly at: Offset;
    }
  | {
      readonly kind: 'memory';
      readonly type: CType;
      /** A pointer; the object is `offset` bytes behind it. */
      readonly address: TypedExpression;
      readonly offset: number;
      readonly bits: BitField | undefined;
      /**
       * The variable of the program whose address the pointer was computed from: a scalar is only written
       * within it. Undefined where the memory may be the kernel's.
       */
      readonly within?: Variable | undefined;
      readonly at: Offset;
    };

/** What a variable starts as: zeros, then these values. */
export interface Initialisation {
  readonly variable: Variable;
  /** False where one value covers all of it. */
  readonly zero: boolean;
  readonly items: readonly InitialValue[];
}

/** One value of an initialisation. */
export interface InitialValue {
  readonly lvalue: Lvalue;
  /** Bytes for an array of char from a string. */
  readonly value: TypedExpression | Uint8Array;
}

/** Stands for the value that an update finds, in the expression of what it stores. */
export interface OldValue {
  readonly type: CType;
}

/** Operators that are left for lowering once the context has made types explicit. */
export type ArithmeticOperator = Exclude<BinaryOperator, '&&' | '||' | ','>;

/**
 * An expression with its type, every implicit conversion written out. Operands of an arithmetic operator have
 * the same type, but for shifts (C11 6.5.7). Addresses are pointers: arrays and functions have decayed.
 */
export type TypedExpression =
  | { readonly kind: 'constant'; readonly type: CType; readonly value: bigint; readonly at: Offset }
  | { readonly kind: 'string'; readonly type: CType; readonly bytes: Uint8Array; readonly at: Offset }
  | TypedParameter
  | {
      readonly kind: 'address';
      readonly type: CType;
      readonly symbol: string;
      readonly address: bigint;
      readonly at: Offset;
    }
  | { readonly kind: 'convert'; readonly type: CType; readonly operand: TypedExpression; readonly at: Offset }
  | {
      readonly kind: 'negate' | 'complement';
      readonly type: CType;
      readonly operand: TypedExpression;
      readonly at: Offset;
    }
  | { readonly kind: 'not'; readonly type: CType; readonly operand: TypedExpression; readonly at: Offset }
  | {
      readonly kind: 'arithmetic';
      readonly type: CType;
      readonly operator: ArithmeticOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'logical';
      readonly type: CType;
      readonly operator: '&&' | '||';
      readonly left: TypedExpression;
      readonly right: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'conditional';
      readonly type: CType;
      readonly condition: TypedExpression;
      readonly then: TypedExpression;
      readonly otherwise: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'sequence';
      readonly type: CType;
      readonly first: TypedExpression;
      readonly second: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'call';
      readonly type: CType;
      /** A function by name, or a pointer to one. */
      readonly callee: CalledFunction | TypedExpression;
      readonly args: readonly TypedExpression[];
      readonly at: Offset;
    }
  /** A call of a function that the program defines. */
  | {
      readonly kind: 'own-call';
      readonly type: CType;
      readonly callee: OwnFunction;
      readonly args: readonly TypedExpression[];
      readonly at: Offset;
    }
  /** The value of an lvalue. */
  | { readonly kind: 'read'; readonly type: CType; readonly lvalue: Lvalue; readonly at: Offset }
  /** The address of an lvalue. */
  | { readonly kind: 'reference'; readonly type: CType; readonly lvalue: Lvalue; readonly at: Offset }
  | {
      readonly kind: 'assign';
      readonly type: CType;
      readonly lvalue: Lvalue;
      readonly value: TypedExpression;
      readonly at: Offset;
    }
  /** Compound assignment, and ++ and --: the lvalue is evaluated once. */
  | {
      readonly kind: 'update';
      readonly type: CType;
      readonly lvalue: Lvalue;
      readonly old: OldValue;
      readonly value: TypedExpression;
      readonly yields: 'new' | 'old';
      readonly at: Offset;
    }
  /** GNU's `({ … })`; `value` is evaluated behind the statements. */
  | {
      readonly kind: 'statements';
      readonly type: CType;
      readonly statements: readonly TypedStatement[];
      readonly value: TypedExpression | undefined;
      readonly at: Offset;
    }
  /**
   * Stores `desired` in one step and gives what was there before; where `expected` is given, only if that was
   * there. `desired` is made of `old`, what was there, and of `given`, the value of `operand`, which is
   * evaluated once.
   */
  | {
      readonly kind: 'atomic';
      readonly type: CType;
      readonly lvalue: Lvalue;
      readonly expected: TypedExpression | undefined;
      readonly operand: TypedExpression;
      readonly given: OldValue;
      readonly desired: TypedExpression;
      readonly old: OldValue;
      readonly at: Offset;
    }
  | { readonly kind: 'old'; readonly type: CType; readonly of: OldValue; readonly at: Offset }
  /** `require(e)`: ends the program as skipped where `e` is 0. */
  | {
      readonly kind: 'require';
      readonly type: CType;
      readonly condition: TypedExpression;
      readonly at: Offset;
    }
  | {
      readonly kind: 'report';
      readonly type: CType;
      readonly reportIndex: number;
      readonly values: readonly MarshalledValue[];
      readonly at: Offset;
    }
  /** `find_task(pid)`: ends the program as skipped where there is none. `holder` keeps the reference. */
  | {
      readonly kind: 'find-task';
      readonly type: CType;
      readonly pid: TypedExpression;
      readonly holder: Variable;
      readonly at: Offset;
    }
  /** `symbol_name(address)`: the text is in `room` until it is asked for again. */
  | {
      readonly kind: 'symbol-name';
      readonly type: CType;
      readonly address: TypedExpression;
      readonly room: Variable;
      /** The function of the kernel that a module calls for it. */
      readonly printer: { readonly name: string; readonly address: bigint };
      readonly at: Offset;
    }
  | { readonly kind: 'rcu'; readonly type: CType; readonly lock: boolean; readonly at: Offset }
  /** `hit()` in the body of a watch. */
  | { readonly kind: 'hit'; readonly type: CType; readonly at: Offset }
  /** `elapsed_ns()` in the body of a watch for returns. */
  | { readonly kind: 'elapsed'; readonly type: CType; readonly at: Offset }
  /** `boot_ns()` in the body of a watch. */
  | { readonly kind: 'boot-time'; readonly type: CType; readonly clock: KernelEntry; readonly at: Offset }
  /** `stack_here()` in the body of a watch: saves the stack to `room`. */
  | {
      readonly kind: 'save-stack';
      readonly type: CType;
      readonly room: Variable;
      readonly support: StackSupport;
      readonly at: Offset;
    }
  /** `current`: the task that runs the code. */
  | {
      readonly kind: 'current';
      readonly type: CType;
      /** Where each CPU keeps it, in its own data; undefined where a register has it. */
      readonly perCpu: bigint | undefined;
      readonly at: Offset;
    };

/** A label that a `goto` or a `switch` jumps to. */
export interface LabelTarget {
  readonly name: string;
  /** How many guards of its function hold their locks at the label; known once it is bound. */
  guards: number;
}

/** A lock that is taken as a scope, and how this kernel takes it. Each guard of a program is one of these. */
export interface Guard {
  /** As in `guard(name)`. */
  readonly name: string;
  /** `rcu` is no call of the program's own: reads may hold it. */
  readonly lock: GuardedLock | 'rcu';
  /** What may not happen while it is held, if nothing may sleep then. */
  readonly atomic: string | undefined;
  readonly at: Offset;
}

/** The functions for a lock, and where it is. */
export interface GuardedLock {
  /** Locks of one family are the same lock, and may not be taken while it is held. */
  readonly family: string | undefined;
  /** Undefined where this kernel does nothing for it. */
  readonly functions: { readonly take: CalledFunction; readonly give: CalledFunction } | undefined;
  /** Whether `give` takes what `take` gave as a further argument. */
  readonly keeps: boolean;
  readonly takenIf: 'always' | 'not-zero' | 'zero';
  /** A pointer to the lock; `own` is a lock in the program's own memory, undefined none at all. */
  readonly argument: TypedExpression | 'own' | undefined;
}

/**
 * What a `switch` compares with: all values from `low` to `high`, both in the type of what it switches on.
 */
export interface SwitchCase {
  readonly low: bigint;
  readonly high: bigint;
  readonly label: LabelTarget;
}

/** A statement with its types. */
export type TypedStatement =
  | { readonly kind: 'expression'; readonly expression: TypedExpression }
  | { readonly kind: 'initialise'; readonly start: Initialisation }
  | {
      readonly kind: 'if';
      readonly condition: TypedExpression;
      readonly then: TypedStatement;
      readonly otherwise: TypedStatement | undefined;
    }
  | {
      readonly kind: 'loop';
      /** Without one it goes on forever. */
      readonly condition: TypedExpression | undefined;
      readonly testFirst: boolean;
      readonly step: TypedExpression | undefined;
      readonly body: TypedStatement;
      readonly at: Offset;
    }
  | {
      readonly kind: 'task-loop';
      readonly task: Lvalue;
      /** Keeps the reference to the current task. */
      readonly holder: Variable;
      /** The number to look for next. */
      readonly next: Variable;
      /** Whether a `goto` in the body may leave it. */
      readonly mayBeLeft: boolean;
      readonly body: TypedStatement;
      readonly at: Offset;
    }
  | {
      readonly kind: 'switch';
      readonly value: TypedExpression;
      readonly cases: readonly SwitchCase[];
      readonly otherwise: LabelTarget | undefined;
      readonly body: TypedStatement;
    }
  /** The target lies here. */
  | { readonly kind: 'label'; readonly label: LabelTarget }
  | { readonly kind: 'goto'; readonly label: LabelTarget; readonly at: Offset }
  /** Holds a lock while the body runs; `failed` runs where it was not taken. */
  | {
      readonly kind: 'guard';
      readonly guard: Guard;
      /** Whether `break` and `continue` leave it, as those of the kernel's `scoped_guard`. */
      readonly isLoop: boolean;
      readonly body: TypedStatement;
      readonly failed: TypedStatement | undefined;
    }
  | { readonly kind: 'break' | 'continue'; readonly at: Offset }
  | { readonly kind: 'return'; readonly value: MarshalledValue | undefined; readonly at: Offset }
  /** Goes back from a function of the program to where it was called. */
  | {
      readonly kind: 'function-return';
      readonly from: OwnFunction;
      readonly value: TypedExpression | undefined;
      readonly at: Offset;
    }
  | TypedWatch
  | {
      readonly kind: 'watch-group';
      readonly ends: 'any' | 'all';
      readonly watches: readonly TypedWatch[];
      readonly at: Offset;
    }
  | TypedDeny
  | { readonly kind: 'block'; readonly statements: readonly TypedStatement[] };
