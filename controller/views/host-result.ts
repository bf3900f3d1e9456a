import { setImmediate } from 'node:timers/promises';
import { FarcallError } from '../../shared/errors/index.ts';
import { type CallResult, callResultCodec, type HostReport } from '../../shared/messages/index.ts';
import { summarizeResult } from '../result-summary/index.ts';

/** A host of a request, with its result decoded from the bytes that it signed. */
export interface HostResult {
  readonly report: HostReport;
  readonly result: CallResult | undefined;
  readonly late: CallResult | undefined;
  /** Name of the errno that the function returned, or with which the kernel refused the module: `EINVAL`. */
  readonly errno: string | undefined;
}

/** Decodes a report. Throws MESSAGE_INVALID where the controller contradicts the host's own bytes. */
export function hostResultOf(report: HostReport): HostResult {
  const result = report.result && callResultCodec.decode(report.result.result);
  const late = report.lateResult && callResultCodec.decode(report.lateResult.result);
  // Threat: the controller shows a result under another host's name, or with another outcome. The signature
  // is not verified here, because the host's key would come from the controller too; farcall audit verify
  // does it.
  const agree =
    (result === undefined || (result.host === report.host && result.outcome === report.outcome)) &&
    (late === undefined || late.host === report.host);
  if (!agree)
    throw new FarcallError(
      'MESSAGE_INVALID',
      `the controller's report about ${report.host} contradicts the host's own bytes`,
    );
  return { report, result, late, errno: result && summarizeResult(result).errno };
}

/** A result of more bytes than this takes a noticeable time to decode. */
const LARGE_BYTES = 32 << 10;

/** The bytes of the results in a report. */
export function resultBytesOf({ result, lateResult }: HostReport): number {
  return (result?.result.length ?? 0) + (lateResult?.result.length ?? 0);
}

/**
 * As {@link hostResultOf}; after a large result the event loop goes on first. For readers of many results in
 * a process that serves others.
 */
export async function hostResultInTurn(report: HostReport): Promise<HostResult> {
  const decoded = hostResultOf(report);
  if (resultBytesOf(report) > LARGE_BYTES) await setImmediate();
  return decoded;
}
