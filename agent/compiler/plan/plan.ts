import type { Effect, ResultRow } from '../../../shared/messages/index.ts';
import type { Warning } from '../check/index.ts';

/**
 * What a program would do on one kernel at this moment, as far as reading tells: nothing is called, nothing
 * written. Plain data, ready for JSON.
 */
export interface ProgramPlan {
  readonly effect: Effect;
  readonly callees: readonly PlannedCallee[];
  /** Where it calls, or passes on, a pointer whose function it does not name. */
  readonly indirectCalls: readonly IndirectCall[];
  /** Its watches, in the order of the text. */
  readonly watches: readonly PlannedWatch[];
  /** Its denies, likewise. */
  readonly denies: readonly PlannedDeny[];
  readonly warnings: readonly Warning[];
  /** What the program asks of this kernel: the answers decide which of its branches are there. */
  readonly answers: readonly PlannedAnswer[];
  /** Calls and writes in their order. */
  readonly steps: readonly PlanStep[];
  /** Calls and writes that were too many to list. */
  readonly droppedSteps: number;
  readonly ending: PlanEnding;
  /** What `report` would bring; what is not known is a value of type and text `?`. */
  readonly rows: readonly ResultRow[];
  readonly droppedRows: number;
  /** What the reader must know to trust it no further than it goes. */
  readonly notes: readonly string[];
}

/** A question of the program to the kernel that it is planned for. */
export interface PlannedAnswer {
  /** `__has_member(struct net, ns.count)` */
  readonly question: string;
  /** 1 or 0; of LINUX_VERSION_CODE the number. */
  readonly answer: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A function that the program names as a callee. */
export interface PlannedCallee {
  readonly name: string;
  /** Undefined for the kernel itself. */
  readonly module?: string;
  readonly prototype: string;
  /** `0xffffffff810d1a40` */
  readonly address: string;
  /** Other names of the same function. */
  readonly aliases?: readonly string[];
}

/** A function that the program would watch. */
export interface PlannedWatch {
  readonly name: string;
  readonly module: string | undefined;
  readonly aliases?: readonly string[];
  readonly forMs: number;
  readonly until: number | undefined;
  readonly atMost: number;
  /** `watch tcp_retransmit_skb for 30000 ms, until 1 hit, at most 10000 a second` */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A function that the program would deny. */
export interface PlannedDeny {
  readonly name: string;
  readonly module: string | undefined;
  readonly aliases?: readonly string[];
  /** `int alg_bind(struct socket *sock, …)`: by the kernel's types, or as the program declares it. */
  readonly prototype?: string;
  /** Whether its module is not loaded, so that only the program says what it returns. */
  readonly isAwaited?: boolean;
  readonly lifeMs: number;
  /** `-EPERM`, as the program spells it. */
  readonly value: string;
  /** As the program spells it; undefined where every call is denied. */
  readonly condition: string | undefined;
  /** `deny alg_bind with -EPERM while (current->cred->uid.val), for 7 days` */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A call through a pointer, or a pointer to a function that is passed to a function. */
export interface IndirectCall {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The type of the function: `int (struct inode *, struct file *)`. */
  readonly prototype: string;
  /** The functions that this host lets the pointer hold, by name. */
  readonly permitted: readonly string[];
}

/** One call, write, watch or deny that would be made. */
export interface PlanStep {
  readonly kind: 'call' | 'write' | 'watch' | 'deny';
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /**
   * `wake_up_process((struct task_struct *)0xffff888003a50000)`,
   * `*(int *)0xffffffff82a3c0e0 /* panic_timeout *\/: 0 → 7`; `?` for what depends on the result of a call.
   */
  readonly text: string;
  /** The line of the program, for display. */
  readonly source: string;
}

/** How the plan ends. */
export interface PlanEnding {
  /**
   * As the program would end; `depends` where it goes on by the result of a call, which is unknown before it
   * runs; `unread` where memory could not be read, and so nothing but the names is known; `stopped` where it
   * took too long; `refused` where a pointer holds now what the program may not call.
   */
  readonly kind: 'refused' | 'returned' | 'skipped' | 'faulted' | 'depends' | 'unread' | 'stopped';
  /** The value, or what stands in its way, for people. */
  readonly text: string;
}

/** Stands for what is not known before the program runs. */
export const UNKNOWN = '?';
