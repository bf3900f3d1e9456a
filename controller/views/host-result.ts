import { FarcallError } from '../../shared/errors/index.ts';
import { type CallResult, callResultCodec, type HostReport } from '../../shared/messages/index.ts';
import { summarizeResult } from '../result-summary/index.ts';

/** A host of a request, with what it said decoded from the bytes that it signed. */
export interface HostResult {
  readonly report: HostReport;
  readonly result: CallResult | undefined;
  readonly late: CallResult | undefined;
  /** Name of the errno that the function returned or that the kernel had against the module: `EINVAL`. */
  readonly errno: string | undefined;
}

/**
 * Decodes a report. Throws MESSAGE_INVALID where the controller says something else than the host's own
 * bytes.
 */
export function hostResultOf(report: HostReport): HostResult {
  const result = report.result && callResultCodec.decode(report.result.result);
  const late = report.lateResult && callResultCodec.decode(report.lateResult.result);
  // Threat: a controller that puts another result under a host's name, or another outcome over it. Its
  // signature is not verified here, where the host's key would be the controller's word too: farcall audit
  // verify does that.
  const agree =
    (result === undefined || (result.host === report.host && result.outcome === report.outcome)) &&
    (late === undefined || late.host === report.host);
  if (!agree)
    throw new FarcallError(
      'MESSAGE_INVALID',
      `the controller's report about ${report.host} is not what the host's own bytes say`,
    );
  return { report, result, late, errno: result && summarizeResult(result).errno };
}
