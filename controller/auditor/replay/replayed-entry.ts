import type { AuditDetail, AuditKind, ReplayState } from '../../store/index.ts';
import type { ReportFinding } from './context.ts';

/**
 * An entry of the log whose detail has the right form; whether it may come at this point is not checked yet.
 */
export interface ReplayedEntry<K extends AuditKind> {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: string;
  /** Empty if the kind has none. */
  readonly requestId: string;
  readonly host: string;
  readonly detail: AuditDetail<K>;
}

/** Replays an entry of one kind. */
export type Replay<K extends AuditKind> = (
  entry: ReplayedEntry<K>,
  replay: ReplayState,
  report: ReportFinding,
) => void;

/** Where a replay records rows and reports findings. */
export interface ReplaySink {
  readonly replay: ReplayState;
  readonly report: ReportFinding;
}
