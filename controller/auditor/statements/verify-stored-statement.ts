import { reasonOf } from '../../../shared/errors/index.ts';
import {
  type AbortedProgress,
  abortStatementCodec,
  callResultCodec,
  hostFactsCodec,
  planReplyCodec,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { type HostStatementKind, publicJwkSchema } from '../../../shared/tokens/index.ts';
import { verifyHostStatement } from '../../host-statements/index.ts';
import {
  type ResultRows,
  resultRowsOf,
  resultSummaryText,
  summarizeResult,
} from '../../result-summary/index.ts';

/** A statement that a host signed, and when it came. Plain data, because it travels between threads. */
export interface HostStatementJob {
  readonly site: string;
  readonly what: HostStatementKind;
  readonly host: string;
  /** The key that the host is pinned to, as JSON. */
  readonly publicJwk: string;
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly nowMs: number;
}

/** The fields of a verified result. */
export interface ResultStatement {
  readonly host: string;
  /** Hex. */
  readonly requestDigest: string;
  readonly attempt: number;
  readonly orderId: string;
  readonly outcome: Outcome;
  /** Its `resultSummaryText`. */
  readonly summary: string;
  /** Its rows as the store must have them; undefined where it has none. */
  readonly rows: ResultRows | undefined;
}

/** The fields of verified facts. */
export interface FactsStatement {
  readonly host: string;
  readonly publicKey: string;
  readonly checkpoint: string | undefined;
}

/** Whose verified answer for a plan it is, and to which query. */
export interface PlanStatement {
  readonly host: string;
  /** Hex. */
  readonly queryDigest: string;
}

/** The fields of a verified statement about an abort. */
export interface StatedAbort {
  readonly host: string;
  /** Hex. */
  readonly requestDigest: string;
  readonly progress: AbortedProgress;
}

/** Verdict on a statement; `problem` if its signature or its bytes are not valid. */
export interface HostStatementVerdict {
  readonly problem?: string;
  readonly result?: ResultStatement;
  readonly facts?: FactsStatement;
  readonly plan?: PlanStatement;
  readonly abort?: StatedAbort;
}

/** Verifies one statement; never throws. */
export async function verifyStoredStatement(job: HostStatementJob): Promise<HostStatementVerdict> {
  try {
    const key = publicJwkSchema.parse(JSON.parse(job.publicJwk));
    await verifyHostStatement({ ...job, key });
    if (job.what === 'result') return { result: statedResult(job.bytes) };
    if (job.what === 'abort') return { abort: statedAbort(job.bytes) };
    return job.what === 'plan' ? { plan: statedPlan(job.bytes) } : { facts: statedFacts(job.bytes) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

function statedResult(bytes: Uint8Array): ResultStatement {
  const result = callResultCodec.decode(bytes);
  const { host, attempt, orderId, outcome } = result;
  const requestDigest = Buffer.from(result.requestDigest).toString('hex');
  return {
    host,
    requestDigest,
    attempt,
    orderId,
    outcome,
    summary: resultSummaryText(summarizeResult(result)),
    rows: resultRowsOf(result),
  };
}

function statedAbort(bytes: Uint8Array): StatedAbort {
  const { host, requestDigest, progress } = abortStatementCodec.decode(bytes);
  return { host, requestDigest: Buffer.from(requestDigest).toString('hex'), progress };
}

function statedPlan(bytes: Uint8Array): PlanStatement {
  const { host, queryDigest } = planReplyCodec.decode(bytes);
  return { host, queryDigest: Buffer.from(queryDigest).toString('hex') };
}

function statedFacts(bytes: Uint8Array): FactsStatement {
  const { host, publicKey, checkpoint } = hostFactsCodec.decode(bytes);
  return { host, publicKey, checkpoint };
}
