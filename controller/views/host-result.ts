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
