import type { CallResult, ReportGroup, RequestState, RowCounts } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import type { SumsJson } from './requests.ts';

/** A result as the host signed it; the digest in hexadecimal. */
export type ResultJson = Omit<CallResult, 'requestDigest'> & { readonly requestDigest: string };

/**
 * What came of a request on one of its hosts. `result` and `lateResult` are decoded from the bytes that the
 * host signed; the rest is the controller's.
 */
export interface HostResultJson {
  readonly host: string;
  readonly wave: number;
  readonly attempt: number;
  readonly kernelRelease: string;
  readonly arch: string;
  /** Null while the host has none. */
  readonly outcome: Outcome | null;
  /** Who says the outcome: the host by its signature, or the controller, which gave the host up. */
  readonly saidBy: 'host' | 'controller';
  readonly errno?: string;
  /** Why the host counts as unhealthy after its wave. */
  readonly unhealthy?: string;
  readonly result: ResultJson | null;
  readonly lateResult: ResultJson | null;
}

/** A page of hosts by name; `next` is the cursor from which the following page continues, if there is one. */
export interface HostResultPageJson {
  readonly hosts: readonly HostResultJson[];
  readonly next?: string;
}

/** Hosts with the same outcome, value and so on. Hosts without an outcome are in the group `waiting`. */
export type ReportGroupJson = Omit<ReportGroup, 'outcome'> & { readonly outcome?: string | undefined };

/** The expected hosts of a request in groups. */
export interface ReportJson {
  readonly id: string;
  readonly state: RequestState;
  readonly sums: SumsJson;
  /** Hosts that the filter of the report selects. */
  readonly matchingHosts: number;
  readonly groups: readonly ReportGroupJson[];
  /** Groups beyond the limit of a report, and the hosts in them. */
  readonly otherGroups: number;
  readonly otherHosts: number;
}

/** Rows of all hosts of a request: a list of cells for each, in the order of the columns. */
export interface RowsJson {
  readonly columns: readonly string[];
  /** The columns that hosts reported, whatever the table shows. */
  readonly reported: readonly string[];
  readonly rows: readonly (readonly (number | string | null)[])[];
  readonly counts: RowCounts;
}
