import { globMatches } from '../../shared/glob/index.ts';
import { type ReportFilter, WAITING } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import type { ResultSummary } from '../result-summary/index.ts';

/** A host of a request as reports group and filter it. */
export interface ReportedHost {
  readonly host: string;
  readonly kernel: string;
  readonly arch: string;
  readonly wave: number;
  /** Null as long as it has none. */
  readonly outcome: Outcome | null;
  /** Summary of its result; undefined if it sent none or if the controller gave the outcome. */
  readonly summary: ResultSummary | undefined;
}

/** Whether a filter lets a host through. */
export function filterMatches(filter: ReportFilter, reported: ReportedHost): boolean {
  const { host, kernel, arch, wave, outcome, summary } = reported;
  return (
    isOneOf(filter.outcomes, outcome ?? WAITING) &&
    isOneOf(filter.waves, wave) &&
    isLike(filter.hosts, host) &&
    isLike(filter.kernels, kernel) &&
    isLike(filter.archs, arch) &&
    isLike(filter.errnos, summary?.errno) &&
    isLike(filter.errors, summary?.error) &&
    isLike(filter.values, summary?.value, summary?.digest && `sha256:${summary.digest}`)
  );
}

function isOneOf<T>(accepted: readonly T[], member: T): boolean {
  return accepted.length === 0 || accepted.includes(member);
}

function isLike(patterns: readonly string[], ...texts: readonly (string | undefined)[]): boolean {
  if (patterns.length === 0) return true;
  return texts.some(text => text !== undefined && patterns.some(pattern => globMatches(pattern, text)));
}
