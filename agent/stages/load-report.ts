import type { MemoryWrite, OutcomeError, ResultRow, TypedValue } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';

/** The outcomes that loading a module can have. */
export type LoadOutcome = Extract<
  Outcome,
  'returned' | 'skipped' | 'refused' | 'load-error' | 'faulted' | 'timed-out'
>;

/** The outcome of a call that was loaded or interpreted, with its value, its rows and the kernel log. */
export interface LoadReport {
  readonly outcome: LoadOutcome;
  readonly value?: TypedValue;
  readonly error?: OutcomeError;
  /** What the program reported, also if it ended early. */
  readonly rows?: readonly ResultRow[];
  /** The number of rows that did not fit. */
  readonly droppedRows?: number;
  /** What it wrote to kernel memory, and whether it may have written more than that. */
  readonly writes?: readonly MemoryWrite[] | undefined;
  readonly writesMissed?: boolean | undefined;
  /** Lines that the kernel logged during the call. */
  readonly kernelLog: readonly string[];
  /** The errno of init_module, unless it is the expected EINPROGRESS. */
  readonly loaderErrno?: number;
  /** Whether the module stays in the kernel. */
  readonly stays?: boolean;
  /** Microseconds to start the loader. */
  readonly spawnUs: number;
  /** Microseconds from the loader's start to its reply. */
  readonly loadUs: number;
  /** Only if `outcome` is timed-out: resolves if the call ends after all. */
  readonly late?: Promise<LoadReport>;
}
