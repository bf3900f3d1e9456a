import type { OutcomeError, ResultRow, TypedValue } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';

/** The outcomes that can come of loading a module. */
export type LoadOutcome = Extract<Outcome, 'returned' | 'skipped' | 'load-error' | 'faulted' | 'timed-out'>;

/** What came of running a compiled call. */
export interface LoadReport {
  readonly outcome: LoadOutcome;
  readonly value?: TypedValue;
  readonly error?: OutcomeError;
  /** What the program reported, also where it ended early. */
  readonly rows?: readonly ResultRow[];
  /** Rows that found no room. */
  readonly droppedRows?: number;
  /** Lines that the kernel logged during the call. */
  readonly kernelLog: readonly string[];
  /** What init_module answered, where that is not the expected EINPROGRESS. */
  readonly loaderErrno?: number;
  /** Microseconds to start the loader. */
  readonly spawnUs: number;
  /** Microseconds from the loader's start to its answer. */
  readonly loadUs: number;
  /** Only where `outcome` is timed-out: what came of the call afterwards, if ever anything does. */
  readonly late?: Promise<LoadReport>;
}
