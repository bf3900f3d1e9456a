import type { HostTrust } from '../../../agent/verify/index.ts';
import type { TrustBundle } from '../../../shared/trust/index.ts';
import { selectableFacts } from './stand-in-stages.ts';

/** By what the host `web-01` decides at `nowMs`, with this bundle. */
export function hostTrust(bundle: TrustBundle, nowMs: number): HostTrust {
  return {
    ...{ bundle, nowMs, facts: selectableFacts },
    ...{ host: 'web-01', labels: { env: 'test' }, statements: { confirmedAtMs: 0 } },
  };
}
